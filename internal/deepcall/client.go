// Package deepcall is a client for the two operations of DeepCall's Agent API
// that turn CAD on and off for agents: "setCad", which the vendor documents, and
// "unsetCad", which is assumed to return the same response.
//
// The API reports success for a request as a whole and lists per agent what was
// done and what was refused. A call here therefore returns no error but a
// [Result] that names every agent. No documented call that we know of reads CAD
// back: a Result says what was confirmed, never what is on.
//
// A [Client] combines what many callers ask for into as few requests as
// possible; see scheduler.go.
package deepcall

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"time"
)

// DefaultBaseURL is the host that the vendor's developer pages name for
// production accounts.
const DefaultBaseURL = "https://v4-api.deepcall.com"

// Config configures a [Client]. Fields without a stated zero meaning are
// required.
type Config struct {
	BaseURL     *url.URL // from ParseBaseURL
	Credentials Credentials
	UserAgent   string

	RequestTimeout        time.Duration // of one HTTP request, the answer included
	MaxRetries            int           // tries after the first one
	BatchSize             int           // maximum number of agents per request
	MaxConcurrentRequests int           // maximum number of requests in flight
	MaxRemovals           int           // maximum number of agents that are sent to be unset; negative: no limit

	Logger  *slog.Logger
	Backoff func(retry int) time.Duration // wait before retry 1, 2, …; nil: exponential with jitter
}

// Client sends requests for any number of concurrent callers. It lives as long
// as one run of Terraform and remembers what that run has set, refused and
// learned. Make one with [New].
type Client struct {
	transport *transport
	batcher   *batcher
}

// New returns a client for c. It sends nothing.
func New(c Config) *Client {
	if c.Backoff == nil {
		//nolint:gosec // G404: jitter spreads clients apart; nobody gains by guessing it.
		c.Backoff = func(retry int) time.Duration { return exponential(retry, rand.Float64()) }
	}
	t := newTransport(c)
	return &Client{transport: t, batcher: newBatcher(c, t.exchange)}
}

// Do enables or disables CAD for the agents, each given once, and returns when all
// are confirmed, refused or given up. Sending an agent again is assumed to be
// harmless.
//
// [Unset] leaves agents alone that this client sets: those that it has confirmed
// are returned in Result.Kept, and those that it failed to set fail with
// [ErrSetFailed]. It waits for the outcome where a set is under way, and at first
// a short moment for sets that start at about the same time.
//
// When ctx ends, what is in flight is given up and what waits is not sent.
// report, if not nil, is called from this goroutine after every request that
// carried agents of this call.
func (c *Client) Do(ctx context.Context, op Operation, agentIDs []string, report func(Progress)) Result {
	return c.batcher.do(ctx, op, agentIDs, report)
}

// URL is where requests for op go.
func (c *Client) URL(op Operation) string { return c.transport.base + op.Path() }

// Result says what became of every agent of one call. Each is in exactly one of
// Confirmed, Kept and one Failure's lists.
type Result struct {
	Confirmed []string
	Kept      []string // of an unset: left on, because this client has confirmed them on
	Failures  []Failure
}

// Failure is one reason for which agents were not confirmed.
type Failure struct {
	// Err is the reason: one of this package's errors, perhaps wrapped.
	Err error
	// AgentIDs were sent and not confirmed. An [AgentlessError] has none.
	AgentIDs []string
	// Unclear reports whether the API may have done the work for some of AgentIDs
	// without confirming it.
	Unclear bool
	// NotTried were not sent, because the same would have happened to them.
	NotTried []string
}

// Progress is how far a call has come.
type Progress struct {
	Requests  int   // sent so far that carried agents of this call
	Confirmed int   // agents
	Failed    int   // agents given up
	Total     int   // agents
	Err       error // why the last request failed as a whole, or nil
	Retried   bool  // whether it is retried, whole or in parts
}
