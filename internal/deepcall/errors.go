package deepcall

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Text from the server in these errors is redacted, one line, and short. Their
// Error methods give a reason without a full stop, fit to stand after a colon.

// RefusedError is the API's word on an agent that it did not confirm.
type RefusedError struct{ Message string }

func (e *RefusedError) Error() string { return e.Message }

// NotMentioned reports whether the answer did not speak of the agent at all.
func (e *RefusedError) NotMentioned() bool { return e.Message == notMentioned }

// AgentlessError is an entry in data.errors that names no agent.
type AgentlessError struct{ Message string }

func (e *AgentlessError) Error() string { return e.Message }

// APIError is an answer whose status is not "success": the request was refused
// as a whole ("Error Response Examples" of the API document).
type APIError struct {
	Code    string // as it came; "" if there was none
	Message string // the answer's, else the documented text of the code; may be ""
}

func (e *APIError) Error() string {
	switch {
	case e.Code == "" && e.Message == "":
		return "the API reported an error without a code or a message"
	case e.Code == "":
		return "the API reported an error without a code: " + e.Message
	case e.Message == "":
		return "the API reported code " + e.Code + " without a message"
	}
	return "the API reported code " + e.Code + ": " + e.Message
}

// HTTPError is an answer with an HTTP status outside 2xx and 3xx.
type HTTPError struct {
	Status int
	Body   string // a piece of it

	retryAfter time.Duration
}

func (e *HTTPError) Error() string {
	s := "HTTP " + statusLine(e.Status)
	if e.Body != "" {
		s += ": " + e.Body
	}
	return s
}

// RedirectError is an answer that points elsewhere. Redirects are not followed:
// the request carries the credentials.
type RedirectError struct {
	Status   int
	Location string // without user info, query and fragment; "" if it named none
}

func (e *RedirectError) Error() string {
	to := "without saying where to"
	if e.Location != "" {
		to = "to " + e.Location
	}
	return "HTTP " + statusLine(e.Status) + ": a redirect " + to
}

// AnswerError is an answer that cannot be read as the API document's.
type AnswerError struct {
	Status  int    // of HTTP
	Problem string // what is wrong with it
	Body    string // a piece of it
}

func (e *AnswerError) Error() string {
	s := fmt.Sprintf("the answer (HTTP %s) %s", statusLine(e.Status), e.Problem)
	if e.Body != "" {
		s += "; it begins: " + e.Body
	}
	return s
}

// ConnectionError is a request without a whole answer. Whether the API has done
// the work cannot be known, unless the request was never sent.
type ConnectionError struct {
	Address string // scheme and host of the API
	Cause   string // the HTTP library's words
	Unsent  bool   // no try got as far as a connection to the API
}

func (e *ConnectionError) Error() string {
	if e.Unsent {
		return "no connection to " + e.Address + ": " + e.Cause
	}
	return "no answer from " + e.Address + ": " + e.Cause
}

// GaveUpError is the last error of a request that was tried again in vain.
type GaveUpError struct {
	Tries int           // requests sent
	Wait  time.Duration // the wait before the next one, where that was longer than the operation had left; else 0
	Err   error
}

func (e *GaveUpError) Error() string {
	if e.Wait > 0 {
		return fmt.Sprintf("%v; the next try would have been due in %v, later than the operation's timeout", e.Err, e.Wait.Round(time.Second/10))
	}
	if e.Tries == 1 {
		return e.Err.Error()
	}
	return fmt.Sprintf("%v (tried %d times)", e.Err, e.Tries)
}

func (e *GaveUpError) Unwrap() error { return e.Err }

// IsCredentials reports whether err says that the API did not accept the
// credentials: HTTP 401 and 403, codes 1014, 1020 and 1039.
func IsCredentials(err error) bool {
	if h, ok := errors.AsType[*HTTPError](err); ok {
		return h.Status == http.StatusUnauthorized || h.Status == http.StatusForbidden
	}
	if a, ok := errors.AsType[*APIError](err); ok {
		return a.Code == codeInvalidToken || a.Code == codeTokenNotFound || a.Code == codeSuspended
	}
	return false
}

// IsSuspended reports whether the API knew the account and does not serve it:
// code 1039.
func IsSuspended(err error) bool {
	a, ok := errors.AsType[*APIError](err)
	return ok && a.Code == codeSuspended
}

// IsNotFound reports whether the server has no such endpoint.
func IsNotFound(err error) bool {
	h, ok := errors.AsType[*HTTPError](err)
	return ok && h.Status == http.StatusNotFound
}

// IsInProcessing reports whether the API was busy with the agents at every try:
// code 1501, or its text for an agent.
func IsInProcessing(err error) bool {
	if r, ok := errors.AsType[*RefusedError](err); ok {
		return isInProcessing(r.Message)
	}
	a, ok := errors.AsType[*APIError](err)
	return ok && a.Code == codeInProcessing
}

// IsUnavailable reports whether the API, or what stands before it, said that it
// cannot answer now: HTTP 429 and 5xx, code 1032.
func IsUnavailable(err error) bool {
	if h, ok := errors.AsType[*HTTPError](err); ok {
		return h.Status == http.StatusTooManyRequests || h.Status >= 500
	}
	a, ok := errors.AsType[*APIError](err)
	return ok && a.Code == codeServerError
}

// IsRateLimited reports whether the request was turned away unread: HTTP 429.
func IsRateLimited(err error) bool {
	h, ok := errors.AsType[*HTTPError](err)
	return ok && h.Status == http.StatusTooManyRequests
}

// StopsOthers reports whether err would have met requests for other agents too:
// whatever is not about the agents of its own request.
func StopsOthers(err error) bool {
	_, refused := errors.AsType[*RefusedError](err)
	_, agentless := errors.AsType[*AgentlessError](err)
	return !refused && !agentless && !refusesContent(err)
}

// retryable reports whether the same request may succeed when sent again.
func retryable(err error) bool {
	if _, ok := errors.AsType[*ConnectionError](err); ok {
		return true
	}
	if h, ok := errors.AsType[*HTTPError](err); ok {
		switch h.Status {
		case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
			http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
	}
	if a, ok := errors.AsType[*APIError](err); ok {
		return a.Code == codeInProcessing || a.Code == codeServerError
	}
	return false
}

// unsent reports whether the API has seen nothing of the request.
func unsent(err error) bool {
	c, ok := errors.AsType[*ConnectionError](err)
	return ok && c.Unsent
}

// afterSent is err as the last of several tries of which one was sent.
func afterSent(err error) error {
	if c, ok := errors.AsType[*ConnectionError](err); ok && c.Unsent {
		return &ConnectionError{Address: c.Address, Cause: c.Cause}
	}
	return err
}

// refusesContent reports whether err is about the agents of its own request, so
// that requests with other agents may still succeed.
func refusesContent(err error) bool {
	if _, ok := errors.AsType[*GaveUpError](err); ok {
		return false
	}
	if h, ok := errors.AsType[*HTTPError](err); ok {
		return h.Status == http.StatusBadRequest || h.Status == http.StatusUnprocessableEntity || tooLarge(err)
	}
	if a, ok := errors.AsType[*APIError](err); ok {
		return a.Code == codeInvalidParameter || is1500s(a.Code)
	}
	return false
}

// tooLarge reports whether fewer agents in the request may help.
func tooLarge(err error) bool {
	h, ok := errors.AsType[*HTTPError](err)
	return ok && h.Status == http.StatusRequestEntityTooLarge
}

func statusLine(status int) string {
	if text := http.StatusText(status); text != "" {
		return fmt.Sprintf("%d %s", status, text)
	}
	return fmt.Sprint(status)
}
