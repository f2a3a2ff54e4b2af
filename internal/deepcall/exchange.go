package deepcall

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"regexp"
	"sync/atomic"
	"time"
)

const (
	mostAnswer = 8 << 20 // bytes of an answer
	bodyPiece  = 200     // runes of one that an error shows
	wordsPiece = 300     // runes of a message or of the HTTP library's words
)

// received is what came back of one request.
type received struct {
	verdicts
	status int    // of HTTP; 0: no answer
	code   string // of the API
}

// exchange sends one request and reads its answer. Its error is one of the
// types in errors.go, or ctx's own.
func (c *Client) exchange(ctx context.Context, to endpoint, agentIDs []string) (received, error) {
	body, err := c.encode(agentIDs)
	if err != nil {
		return received{}, err
	}
	bounded, cancel := context.WithTimeoutCause(ctx, c.requestTimeout, errRequestTimeout)
	defer cancel()
	// Told before the connection is handed over to be written to: once RoundTrip
	// has given up, nothing can still set out unnoticed.
	var connected atomic.Bool
	traced := httptrace.WithClientTrace(bounded, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	request, err := http.NewRequestWithContext(traced, http.MethodPost, c.endpoints[to], bytes.NewReader(body))
	if err != nil {
		return received{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	if c.userAgent != "" {
		request.Header.Set("User-Agent", c.userAgent)
	}
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return received{}, c.connectionError(bounded, err, !connected.Load())
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer+1))
	if err != nil && (response.StatusCode/100 == 2 || ctx.Err() != nil) { // else the status alone says enough
		return received{}, c.connectionError(bounded, fmt.Errorf("the answer was cut short: %w", err), false)
	}
	return c.read(response, raw)
}

// encode writes the body as the request examples of the API document have it.
func (c *Client) encode(agentIDs []string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(struct {
		credentialFields
		AgentIDs []string `json:"agentIds"`
	}{c.credentials.fields(), agentIDs})
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func (c *Client) read(response *http.Response, raw []byte) (received, error) {
	got := received{status: response.StatusCode}
	piece := c.redact.clean(string(raw), bodyPiece)
	switch got.status / 100 {
	case 2:
	case 3:
		return got, &RedirectError{Status: got.status, Location: c.location(response)}
	default:
		after := parseRetryAfter(response.Header.Get("Retry-After"), time.Now())
		return got, &HTTPError{Status: got.status, Body: piece, retryAfter: after}
	}
	if len(raw) > mostAnswer {
		return got, &AnswerError{got.status, fmt.Sprintf("has more than %d MiB", mostAnswer>>20), piece}
	}
	a, problem := decodeAnswer(raw)
	if problem != "" {
		return got, &AnswerError{got.status, problem, piece}
	}
	got.code = c.redact.clean(a.code, bodyPiece)
	if a.status != "success" {
		message := c.redact.clean(a.message, wordsPiece)
		if message == "" {
			message = codeText[got.code]
		}
		return got, &APIError{Code: got.code, Message: message}
	}
	got.verdicts = a.judge(c.redact)
	return got, nil
}

var errRequestTimeout = errors.New("request timeout")

// quoted is what the HTTP library repeats of an answer that is no HTTP, or of a
// proxy's address: perhaps a piece of a credential, which nothing would know.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

func (c *Client) connectionError(ctx context.Context, err error, unsent bool) error {
	cause := context.Cause(ctx)
	if cause != nil && !errors.Is(cause, errRequestTimeout) {
		return cause // the callers are gone
	}
	words := fmt.Sprintf("no whole answer within %v (request_timeout)", c.requestTimeout)
	if cause == nil {
		words = c.redact.clean(quoted.ReplaceAllLiteralString(err.Error(), `"…"`), wordsPiece)
	}
	return &ConnectionError{Address: c.address, Cause: words, Unsent: unsent}
}

// location is where a redirect points, without what may be secret in it.
func (c *Client) location(response *http.Response) string {
	u, err := response.Location()
	if err != nil {
		return ""
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment = nil, "", false, ""
	return c.redact.clean(u.String(), bodyPiece)
}
