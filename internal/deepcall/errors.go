package deepcall

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// Text from the server in what these errors show is redacted, one line, and
// short. Their Error methods give a reason without a period, so that it can
// follow a colon.

// RefusedError is the API's refusal of one agent.
type RefusedError struct {
	Message string

	inProcessing bool
}

func (e *RefusedError) Error() string { return e.Message }

// ErrNotMentioned is the reason for an agent that is in neither list of an answer.
var ErrNotMentioned = &RefusedError{Message: "not mentioned in the answer"}

// AgentlessError is an entry in data.errors that names no agent.
type AgentlessError struct{ Message string }

func (e *AgentlessError) Error() string { return e.Message }

// APIError is an answer whose status is not "success": the request was refused
// as a whole ("Error Response Examples" of the API document).
type APIError struct {
	Code    string
	Message string // if empty, Error shows the documented text of the code

	rawCode string // as it came, for decisions; if empty, Code
}

func (e *APIError) Error() string {
	code, message := e.Code, cmp.Or(e.Message, codes[codeOf(e)].text)
	switch {
	case code == "" && message == "":
		return "the API reported an error without a code or a message"
	case code == "":
		return "the API reported an error without a code: " + message
	case message == "":
		return "the API reported code " + code + " without a message"
	}
	return "the API reported code " + code + ": " + message
}

// HTTPError is an answer with an HTTP status outside 2xx. Redirects are among
// these: they are not followed, because the request carries the credentials.
type HTTPError struct {
	Status int
	Body   string // its beginning, or where a redirect points

	retryAfter time.Duration
}

func (e *HTTPError) Error() string {
	s := "HTTP " + statusLine(e.Status)
	if e.Body != "" {
		s += ": " + e.Body
	}
	return s
}

// AnswerError is an answer that is not what the API document describes.
type AnswerError struct {
	Status  int    // of HTTP; 0 if the answer is not HTTP
	Problem string // what is wrong, as a predicate: "is empty"
	Body    string // its beginning
}

func (e *AnswerError) Error() string {
	s := "the answer " + e.Problem
	if e.Status != 0 {
		s = fmt.Sprintf("the answer (HTTP %s) %s", statusLine(e.Status), e.Problem)
	}
	if e.Body != "" {
		s += "; it begins: " + e.Body
	}
	return s
}

// ConnectionError is a request without a complete answer. Unless the request was
// never sent, the API may have done the work.
type ConnectionError struct {
	Address string // scheme and host of the API
	Cause   string // from the HTTP library, redacted
	Unsent  bool   // it did not get as far as a connection to the API
	Timeout bool   // it took longer than Config.RequestTimeout
}

func (e *ConnectionError) Error() string {
	if e.Unsent {
		return "no connection to " + e.Address + ": " + e.Cause
	}
	return "no answer from " + e.Address + ": " + e.Cause
}

// The reasons for which an agent fails without an answer. Errors wrap these.
var (
	// ErrInterrupted and ErrTimeout end a call whose context has ended.
	ErrInterrupted = errors.New("the run was interrupted")
	ErrTimeout     = errors.New("the operation's timeout was exceeded")
	// ErrSetFailed keeps an agent from being unset: this run was asked to set it,
	// and that was not confirmed.
	ErrSetFailed = errors.New("CAD was to be enabled elsewhere in the same run, which was not confirmed")
	// ErrRemovalLimit keeps agents from being unset: with them, the run would
	// exceed Config.MaxRemovals.
	ErrRemovalLimit = errors.New("would exceed the limit")
)
