package deepcall

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"regexp"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	maxAnswer    = 8 << 20 // bytes of an answer that are read
	maxBodyShown = 200     // runes of an answer that an error shows
	maxTextShown = 300     // runes of a message, or of the HTTP library's text
)

// transport makes single HTTP exchanges. It keeps no state of its own.
type transport struct {
	config Config
	base   string // URL without the operation's path
	redact redactor
	// Not an http.Client: that follows redirects, and the body carries the
	// credentials.
	http *http.Transport
}

func newTransport(c Config) *transport {
	return &transport{
		config: c,
		// Joined as text: JoinPath would clean a prefix that is to be kept.
		base:   c.BaseURL.String(),
		redact: newRedactor(append(c.Credentials.secrets(), proxySecrets(c.BaseURL)...)...),
		http:   newHTTPTransport(c),
	}
}

// maxConnect bounds the time to connect, over all addresses of the host. The
// dialer divides it among them, so that an address that never answers does not
// use up the whole request's time.
const maxConnect = 10 * time.Second

func newHTTPTransport(c Config) *http.Transport {
	dialer := &net.Dialer{Timeout: min(maxConnect, c.RequestTimeout/2)}
	t := &http.Transport{
		Proxy:       http.ProxyFromEnvironment,
		DialContext: dialer.DialContext,
		// HTTP/2 would gain nothing here, and keeps sending retries over a
		// connection that has silently died.
		Protocols:              new(http.Protocols),
		MaxIdleConnsPerHost:    c.MaxConcurrentRequests,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    15 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
	}
	t.Protocols.SetHTTP1(true)
	if c.BaseURL.Scheme == "http" {
		// The name in the URL proves nothing: a proxy would see the request, and
		// a name server could point "localhost" anywhere.
		t.Proxy = nil
		dialer.Control = loopbackOnly
	}
	return t
}

func loopbackOnly(_, address string, _ syscall.RawConn) error {
	if a, err := netip.ParseAddrPort(address); err != nil || !a.Addr().IsLoopback() {
		return errors.New("http is allowed only to loopback addresses")
	}
	return nil
}

func proxySecrets(base *url.URL) []string {
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: base})
	if err != nil || proxy == nil {
		return nil
	}
	password, _ := proxy.User.Password()
	return []string{proxy.User.Username(), password}
}

// reply is what came back of one exchange. With an error, only the fields that
// the log shows are set.
type reply struct {
	verdicts
	status int    // of HTTP; 0: no answer
	code   string // of the API, redacted
}

// exchange sends one request and reads its answer. Its error is one of the
// types in errors.go.
func (t *transport) exchange(ctx context.Context, op Operation, agentIDs []string) (reply, error) {
	bounded, cancel := context.WithTimeoutCause(ctx, t.config.RequestTimeout, errRequestTimeout)
	defer cancel()
	// GotConn comes before the first byte is written: without it, the request
	// has certainly not been sent.
	var connected atomic.Bool
	traced := httptrace.WithClientTrace(bounded, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	request, err := http.NewRequestWithContext(traced, http.MethodPost, t.base+op.Path(), bytes.NewReader(t.encode(agentIDs)))
	if err != nil {
		return reply{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	// Present and empty, this is not sent, and lets the HTTP library replay a
	// request whose idle connection the server was just closing. Sending twice
	// is assumed to be harmless, as for any retry.
	request.Header["Idempotency-Key"] = []string{}
	request.Header.Set("User-Agent", t.config.UserAgent)
	response, err := t.http.RoundTrip(request)
	if err != nil {
		return reply{}, t.failure(bounded, err, !connected.Load())
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode == http.StatusSwitchingProtocols { // reading it would ignore the context
		return reply{status: response.StatusCode}, &AnswerError{Status: response.StatusCode, Problem: "switches to another protocol"}
	}
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil && (response.StatusCode/100 == 2 || ctx.Err() != nil) { // otherwise the status says enough
		return reply{status: response.StatusCode}, t.failure(bounded, fmt.Errorf("the answer was cut short: %w", err), false)
	}
	return t.read(response, raw, agentIDs)
}

// encode writes the body as in the request examples of the API document.
func (t *transport) encode(agentIDs []string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(struct { // strings always encode
		credentialFields
		AgentIDs []string `json:"agentIds"`
	}{t.config.Credentials.fields(), agentIDs})
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func (t *transport) read(response *http.Response, raw []byte, agentIDs []string) (reply, error) {
	got := reply{status: response.StatusCode}
	switch got.status / 100 {
	case 2:
	case 3:
		return got, &HTTPError{Status: got.status, Body: "a redirect " + t.location(response)}
	default:
		after := parseRetryAfter(response.Header.Get("Retry-After"), time.Now())
		return got, &HTTPError{Status: got.status, Body: t.redact.clean(string(raw), maxBodyShown), retryAfter: after}
	}
	a, problem := decodeAnswer(raw, agentIDs)
	if problem != "" {
		return got, &AnswerError{got.status, problem, t.redact.clean(string(raw), maxBodyShown)}
	}
	got.code = t.redact.clean(a.code, maxBodyShown)
	if a.status != statusSuccess {
		return got, &APIError{Code: got.code, Message: t.redact.clean(a.message, maxTextShown), rawCode: a.code}
	}
	got.verdicts = a.verdicts
	got.clean(t.redact)
	return got, nil
}

var errRequestTimeout = errors.New("request timeout")

var (
	// quoted is what the HTTP library repeats of an answer that is not HTTP, or
	// of a proxy's address.
	quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	// localAddress differs with each connection that fails for the same reason.
	localAddress = regexp.MustCompile(`\S+->`)
)

// failure is the error for an exchange without a complete answer.
func (t *transport) failure(ctx context.Context, err error, unsent bool) error {
	e := &ConnectionError{Address: t.config.BaseURL.Scheme + "://" + t.config.BaseURL.Host, Unsent: unsent}
	if errors.Is(context.Cause(ctx), errRequestTimeout) {
		e.Cause, e.Timeout = fmt.Sprintf("no complete answer within %v (request_timeout)", t.config.RequestTimeout), true
		return e
	}
	words := quoted.ReplaceAllLiteralString(err.Error(), `"…"`)
	e.Cause = t.redact.clean(localAddress.ReplaceAllLiteralString(words, ""), maxTextShown)
	if isMalformed(err) {
		return &AnswerError{Problem: "is malformed (" + e.Cause + ")"}
	}
	return e
}

// malformed is what net/http says about bytes that are not valid HTTP. It has no
// types for these errors.
var malformed = regexp.MustCompile(`malformed|bad Content-Length|unsupported transfer encoding|invalid byte in chunk length|chunk length too large|response headers exceeded`)

// isMalformed reports whether the server answered with bytes that are not valid
// HTTP or gzip.
func isMalformed(err error) bool {
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	return corrupt || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || malformed.MatchString(err.Error())
}

// location is where a redirect points, without the parts that may be secret.
func (t *transport) location(response *http.Response) string {
	u, err := response.Location()
	if err != nil {
		return "without a location"
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment = nil, "", false, ""
	return "to " + t.redact.clean(u.String(), maxBodyShown)
}
