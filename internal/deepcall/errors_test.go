package deepcall

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"
)

// policy is what follows from an error.
type policy struct{ retry, content, credentials bool }

func policyOf(err error) policy {
	return policy{retryable(err), refusesContent(err), IsCredentials(err)}
}

// The sets are those of the contract, written out once more.
func TestPolicyOfEveryStatus(t *testing.T) {
	want := map[int]policy{
		400: {content: true}, 413: {content: true}, 422: {content: true},
		401: {credentials: true}, 403: {credentials: true},
		429: {retry: true}, 500: {retry: true}, 502: {retry: true}, 503: {retry: true}, 504: {retry: true},
	}
	for status := 100; status < 1000; status++ {
		err := &HTTPError{Status: status}
		if got := policyOf(err); got != want[status] {
			t.Errorf("HTTP %d: %+v, want %+v", status, got, want[status])
		}
		if got := IsNotFound(err); got != (status == 404) {
			t.Errorf("HTTP %d: not found is %v", status, got)
		}
	}
}

func TestPolicyOfEveryCode(t *testing.T) {
	for n := range 2000 {
		var want policy
		switch {
		case n == 1501:
			want = policy{retry: true, content: true}
		case n == 1032:
			want = policy{retry: true}
		case n == 1000, n >= 1500 && n <= 1599:
			want = policy{content: true}
		case n == 1014, n == 1020, n == 1039:
			want = policy{credentials: true}
		}
		if got := policyOf(&APIError{Code: strconv.Itoa(n)}); got != want {
			t.Errorf("code %d: %+v, want %+v", n, got, want)
		}
	}
	for _, code := range []string{"", "15", "15010", "1501.0", "-1501", "x1501", "99999999999999999999"} {
		if got := policyOf(&APIError{Code: code}); got != (policy{}) {
			t.Errorf("code %q: %+v", code, got)
		}
	}
}

func TestPolicyOfOtherErrors(t *testing.T) {
	for _, c := range []struct {
		err  error
		want policy
	}{
		{&ConnectionError{}, policy{retry: true}},
		{&RedirectError{Status: 307}, policy{}},
		{&AnswerError{Status: 200}, policy{}},
		{&RefusedError{"Invalid AgentID"}, policy{}},
		{context.Canceled, policy{}},
		{context.DeadlineExceeded, policy{}},
		{errors.New("other"), policy{}},
	} {
		if got := policyOf(c.err); got != c.want {
			t.Errorf("%T: %+v, want %+v", c.err, got, c.want)
		}
	}
	// Once given up, whatever it was ends the call's other requests too.
	for _, err := range []error{&APIError{Code: "1501"}, &HTTPError{Status: 503}} {
		gaveUp := &GaveUpError{Tries: 5, Err: err}
		if refusesContent(gaveUp) {
			t.Errorf("%v: the next requests may go", gaveUp)
		}
		if !errors.Is(gaveUp, err) {
			t.Errorf("%v does not wrap its cause", gaveUp)
		}
	}
}

func TestErrorTexts(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{&APIError{Code: "1014", Message: "Invalid token"}, "the API reported code 1014: Invalid token"},
		{&APIError{Code: "77"}, "the API reported code 77 without a message"},
		{&APIError{Message: "no"}, "the API reported an error without a code: no"},
		{&APIError{}, "the API reported an error without a code or a message"},
		{&HTTPError{Status: 502}, "HTTP 502 Bad Gateway"},
		{&HTTPError{Status: 799, Body: "odd"}, "HTTP 799: odd"},
		{&RedirectError{Status: 307, Location: "https://h.example/x"}, "HTTP 307 Temporary Redirect: a redirect to https://h.example/x"},
		{&RedirectError{Status: 302}, "HTTP 302 Found: a redirect without saying where to"},
		{&AnswerError{Status: 200, Problem: "is empty"}, "the answer (HTTP 200 OK) is empty"},
		{&AnswerError{Status: 200, Problem: "is not JSON", Body: "<html>"}, "the answer (HTTP 200 OK) is not JSON; it begins: <html>"},
		{&ConnectionError{Address: "https://h.example", Cause: "EOF"}, "no answer from https://h.example: EOF"},
		{&ConnectionError{Address: "https://h.example", Cause: "refused", Unsent: true}, "no connection to https://h.example: refused"},
		{&GaveUpError{Tries: 1, Err: errors.New("x")}, "x"},
		{&GaveUpError{Tries: 5, Err: errors.New("x")}, "x (tried 5 times)"},
		{
			&GaveUpError{Tries: 1, Wait: 90 * time.Minute, Err: errors.New("x")},
			"x; the next try would have been due in 1h30m0s, later than the operation's timeout",
		},
	} {
		if got := fmt.Sprint(c.err); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// Every code that the contract names has its documented text.
func TestCodeTexts(t *testing.T) {
	for n := 1501; n <= 1530; n++ {
		if codeText[strconv.Itoa(n)] == "" {
			t.Errorf("code %d has no text", n)
		}
	}
	for code, want := range map[string]string{
		"1000": "Invalid parameters", "1014": "Invalid token", "1047": "Invalid request (empty body)",
		"1501": "Data already in processing", "1507": "Invalid AgentID", "1530": "Invalid Agent Timing",
	} {
		if got := codeText[code]; got != want {
			t.Errorf("code %s: %q, want %q", code, got, want)
		}
	}
}
