package deepcall

import (
	"fmt"
	"testing"
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
		{&AnswerError{Status: 200, Problem: "is empty"}, "the answer (HTTP 200 OK) is empty"},
		{&AnswerError{Status: 200, Problem: "is not JSON", Body: "<html>"}, "the answer (HTTP 200 OK) is not JSON; it begins: <html>"},
		{&AnswerError{Problem: "is malformed (bad)"}, "the answer is malformed (bad)"},
		{&ConnectionError{Address: "https://h.example", Cause: "EOF"}, "no answer from https://h.example: EOF"},
		{&ConnectionError{Address: "https://h.example", Cause: "refused", Unsent: true}, "no connection to https://h.example: refused"},
	} {
		if got := fmt.Sprint(c.err); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
