package deepcall

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestErrorTexts(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{&APIError{Code: "1014", Message: "Invalid token"}, "the API reported code 1014: Invalid token"},
		{&APIError{Code: "1014"}, "the API reported code 1014: Invalid token"},
		{&APIError{Code: "(hidden)", rawCode: "1501"}, "the API reported code (hidden): Data already in processing"},
		{&APIError{Code: "77"}, "the API reported code 77 without a message"},
		{&APIError{Message: "no"}, "the API reported an error without a code: no"},
		{&APIError{}, "the API reported an error without a code or a message"},
		{&HTTPError{Status: 502}, "HTTP 502 Bad Gateway"},
		{&HTTPError{Status: 799, Body: "odd"}, "HTTP 799: odd"},
		{&RedirectError{Status: 307, Location: "https://h.example/x"}, "HTTP 307 Temporary Redirect: a redirect to https://h.example/x"},
		{&RedirectError{Status: 302}, "HTTP 302 Found: a redirect without a location"},
		{&AnswerError{Status: 200, Problem: "is empty"}, "the answer (HTTP 200 OK) is empty"},
		{&AnswerError{Status: 200, Problem: "is not JSON", Body: "<html>"}, "the answer (HTTP 200 OK) is not JSON; it begins: <html>"},
		{&AnswerError{Problem: "is malformed (bad)"}, "the answer is malformed (bad)"},
		{&ConnectionError{Address: "https://h.example", Cause: "EOF"}, "no answer from https://h.example: EOF"},
		{&ConnectionError{Address: "https://h.example", Cause: "refused", Unsent: true}, "no connection to https://h.example: refused"},
		{&GaveUpError{Tries: 1, Err: errors.New("x")}, "x"},
		{&GaveUpError{Tries: 5, Err: errors.New("x")}, "x (tried 5 times)"},
		{
			&GaveUpError{Tries: 1, Wait: 90 * time.Minute, Err: errors.New("x")},
			"x; the next try was due in 1h30m0s, too late for this operation",
		},
		{&InterruptedError{Err: context.Canceled}, "the run was interrupted"},
		{&InterruptedError{Err: context.DeadlineExceeded, Last: &HTTPError{Status: 503}}, "the operation's timeout was exceeded; the last failure before that was: HTTP 503 Service Unavailable"},
		{&SetFailedError{Err: errors.New("x")}, "CAD was to be enabled elsewhere in the same run, which was not confirmed (x)"},
		{&RemovalLimitError{Limit: 5, Used: 3, Asked: 4}, "disabling CAD for 4 more, after 3 in this run, would exceed the limit of 5"},
	} {
		if got := fmt.Sprint(c.err); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// What is wrapped can be told.
func TestWrappedErrors(t *testing.T) {
	down := &HTTPError{Status: 503}
	if e := error(&GaveUpError{Tries: 5, Err: down}); !errors.Is(e, down) {
		t.Errorf("%v hides its cause", e)
	}
	if e := error(&InterruptedError{Err: context.Canceled, Last: down}); !errors.Is(e, context.Canceled) {
		t.Errorf("%v hides its cause", e)
	}
}
