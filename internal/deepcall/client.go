// Package deepcall is a client for the two calls of DeepCall's Agent API that
// switch CAD for agents: "setCad", which the vendor documents, and "unsetCad",
// which is taken to answer in the same shape.
//
// The API answers a request as a whole with success and lists per agent what
// was done and what was refused, so a call here returns no error but a [Result]
// that names every agent. Nothing in the API reads CAD back: a Result says what
// was confirmed, never what is on.
//
// A [Client] gathers what many callers ask for into as few requests as it may
// send; see queue.go.
package deepcall

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// DefaultBaseURL is the host that the vendor's developer pages name for
// production accounts.
const DefaultBaseURL = "https://v4-api.deepcall.com"

// Config is what a [Client] needs. Fields without a stated zero meaning are
// required.
type Config struct {
	BaseURL     *url.URL // from ParseBaseURL
	Credentials Credentials
	UserAgent   string // sent as it is; "" sends Go's own

	RequestTimeout        time.Duration // bounds one HTTP request, answer included
	MaxRetries            int           // tries after the first one
	BatchSize             int           // most agents in one request
	MaxConcurrentRequests int           // most requests in flight

	Logger    *slog.Logger                  // nil: no log
	Transport http.RoundTripper             // traces as http.Transport does; nil: one of its own, with the environment's proxy
	Backoff   func(retry int) time.Duration // wait before retry 1, 2, …; nil: exponential with jitter
}

// Client sends requests for any number of concurrent callers. It lives as long
// as one run of Terraform: it remembers which agents the run has set, and never
// unsets those. Make one with [New].
type Client struct {
	endpoints      map[endpoint]string // the URL of each
	address        string              // scheme and host, for errors
	credentials    Credentials
	userAgent      string
	requestTimeout time.Duration
	maxRetries     int
	maxConcurrent  int
	transport      http.RoundTripper
	log            *slog.Logger
	backoff        func(retry int) time.Duration
	redact         redactor

	mu    sync.Mutex
	queue queue
}

// New returns a client for c. It sends nothing.
func New(c Config) *Client {
	transport := c.Transport
	if transport == nil {
		transport = newTransport()
	}
	backoff := c.Backoff
	if backoff == nil {
		//nolint:gosec // G404: jitter spreads clients apart; nobody gains by guessing it.
		backoff = func(retry int) time.Duration { return exponential(retry, rand.Float64()) }
	}
	log := c.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	// Appended as text: JoinPath would tidy up a prefix that is to be kept.
	api := c.BaseURL.String() + "/" + apiPath + "/"
	return &Client{
		endpoints: map[endpoint]string{
			setCAD:   api + string(setCAD),
			unsetCAD: api + string(unsetCAD),
		},
		address:        c.BaseURL.Scheme + "://" + c.BaseURL.Host,
		credentials:    c.Credentials,
		userAgent:      c.UserAgent,
		requestTimeout: c.RequestTimeout,
		maxRetries:     c.MaxRetries,
		maxConcurrent:  c.MaxConcurrentRequests,
		// Not an http.Client: that follows redirects, and the body carries the
		// credentials.
		transport: transport,
		log:       log,
		backoff:   backoff,
		redact:    newRedactor(c.Credentials.secrets()...),
		queue:     queue{limit: c.BatchSize, set: map[string]struct{}{}},
	}
}

// SetCAD enables CAD for the agents ("Set Agent CAD" of the API document) and
// returns when each is confirmed, refused or given up. Sending an agent again
// is taken to be harmless.
//
// ctx bounds the call: when it ends, what is in flight is given up and what
// waits is not sent. report, if not nil, is called from this goroutine after
// every request that carried agents of this call.
func (c *Client) SetCAD(ctx context.Context, agentIDs []string, report func(Progress)) Result {
	return c.run(ctx, setCAD, agentIDs, report)
}

// UnsetCAD disables CAD for the agents, as [Client.SetCAD] enables it. Agents
// that this client was asked to set are not sent: they come back in
// Result.Kept.
func (c *Client) UnsetCAD(ctx context.Context, agentIDs []string, report func(Progress)) Result {
	return c.run(ctx, unsetCAD, agentIDs, report)
}

// CloseIdleConnections closes connections that wait for a next request.
func (c *Client) CloseIdleConnections() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    15 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
	}
}
