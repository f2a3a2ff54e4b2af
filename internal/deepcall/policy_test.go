package deepcall

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
)

// The classes are those of the contract, written out once more.
func TestClasses(t *testing.T) {
	statuses := map[Class][]int{
		ClassContent: {400, 413, 422}, ClassDown: {429, 502, 503, 504}, ClassBusy: {500}, ClassCredentials: {401},
	}
	codes := map[Class][]int{
		ClassContent: {1000, 1001, 1003}, ClassBusy: {1501, 1032}, ClassCredentials: {1014, 1020, 1039}, ClassRights: {1015},
	}
	for n := 1502; n <= 1530; n++ {
		codes[ClassContent] = append(codes[ClassContent], n)
	}
	want := func(table map[Class][]int, n int) Class {
		for class, members := range table {
			if slices.Contains(members, n) {
				return class
			}
		}
		return ClassOther
	}
	for status := 100; status <= 599; status++ {
		err := &HTTPError{Status: status}
		if got := Classify(err); got != want(statuses, status) {
			t.Errorf("HTTP %d: class %d, want %d", status, got, want(statuses, status))
		}
	}
	for n := 1000; n <= 1599; n++ {
		err := &APIError{Code: strconv.Itoa(n)}
		if got := Classify(err); got != want(codes, n) {
			t.Errorf("code %d: class %d, want %d", n, got, want(codes, n))
		}
		if IsInProcessing(err) != (n == 1501) {
			t.Errorf("code %d: in processing is %v", n, IsInProcessing(err))
		}
	}
	for _, code := range []string{"", "15", "15010", "1501.0", "-1501", " 1501", "99999999999999999999"} {
		if got := Classify(&APIError{Code: code}); got != ClassOther {
			t.Errorf("code %q: class %d", code, got)
		}
	}
}

func TestClassesOfOtherErrors(t *testing.T) {
	for _, c := range []struct {
		err  error
		want Class
	}{
		{&ConnectionError{}, ClassDown},
		{&ConnectionError{Unsent: true}, ClassDown},
		{&AnswerError{Status: 503}, ClassOther},
		{&RefusedError{Message: "Invalid AgentID"}, ClassOther},
		{&RefusedError{Message: "wait", inProcessing: true}, ClassBusy},
		{errors.New("other"), ClassOther},
		{fmt.Errorf("%w (tried 5 times)", &HTTPError{Status: 503}), ClassDown},
		{fmt.Errorf("%w (tried 5 times)", &APIError{Code: "1501"}), ClassBusy},
	} {
		if got := Classify(c.err); got != c.want {
			t.Errorf("%T %v: class %d, want %d", c.err, c.err, got, c.want)
		}
	}
}
