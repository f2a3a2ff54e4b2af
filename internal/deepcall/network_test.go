package deepcall

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// network stands in for the transport. Its methods may be called from any
// goroutine of a synctest bubble.
type network struct {
	latency time.Duration
	answer  failing
	amend   func(ids []string, r *reply) // changes an answer that confirms every agent
	limit   int                          // agents per request that the run is to end with; 0: the batch size

	mu        sync.Mutex
	requests  []sentRequest
	givenUp   int
	inFlight  map[string]Operation
	confirmed [2]map[string]bool
	stopped   time.Time // when the credentials were refused
	problems  []string  // broken rules of every exchange
}

type sentRequest struct {
	op  Operation
	ids []string
	at  time.Time
}

func (n *network) send(ctx context.Context, op Operation, ids []string) (reply, error) {
	count := n.start(op, ids)
	select {
	case <-time.After(n.latency):
		return n.reply(count, op, ids)
	case <-ctx.Done():
		n.mu.Lock()
		defer n.mu.Unlock()
		n.givenUp++
		n.forget(ids)
		return reply{}, context.Cause(ctx)
	}
}

func (n *network) start(op Operation, ids []string) (count int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.requests == nil {
		n.inFlight, n.confirmed = map[string]Operation{}, [2]map[string]bool{{}, {}}
	}
	n.requests = append(n.requests, sentRequest{op, ids, time.Now()})
	if !n.stopped.IsZero() && time.Now().After(n.stopped) {
		n.problems = append(n.problems, "a request is sent after the credentials were refused")
	}
	for id, other := range n.inFlight {
		if other != op {
			n.problems = append(n.problems, fmt.Sprintf("%v while %s is in flight for %v", op, id, other))
		}
	}
	for _, id := range ids {
		if _, twice := n.inFlight[id]; twice {
			n.problems = append(n.problems, id+" is in two requests")
		}
		if op == Unset && n.confirmed[Set][id] {
			n.problems = append(n.problems, id+" is unset after it was set")
		}
		n.inFlight[id] = op
	}
	return len(n.requests) - 1
}

func (n *network) reply(count int, op Operation, ids []string) (reply, error) {
	var err error
	if n.answer != nil {
		err = n.answer(count, op, ids)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.forget(ids)
	if err != nil {
		if Classify(err) == ClassCredentials && n.stopped.IsZero() {
			n.stopped = time.Now()
		}
		return reply{}, err
	}
	r := confirming(ids)
	if n.amend != nil {
		n.amend(ids, &r)
	}
	for id, refusal := range r.of {
		if refusal == nil {
			n.confirmed[op][id] = true
		}
	}
	return r, nil
}

func (n *network) forget(ids []string) {
	for _, id := range ids {
		delete(n.inFlight, id)
	}
}

func confirming(ids []string) reply {
	r := reply{status: 200, verdicts: verdicts{of: map[string]*RefusedError{}}}
	for _, id := range ids {
		r.of[id] = nil
	}
	return r
}

var (
	invalidAgent = &RefusedError{Message: "Invalid AgentID"}
	busyAgent    = &RefusedError{Message: inProcessing, inProcessing: true}
)

func apiError(code string) error { return &APIError{Code: code} }
func httpError(status int) error { return &HTTPError{Status: status} }
func unanswered() error          { return &ConnectionError{Address: "https://api", Cause: "EOF"} }

func retryAfter(status int, wait time.Duration) error {
	return &HTTPError{Status: status, retryAfter: wait}
}

// failing is what a network's answer may be.
type failing = func(n int, op Operation, ids []string) error

func always(err error) failing {
	return func(int, Operation, []string) error { return err }
}

// firstOf fails the first requests with these errors, one each.
func firstOf(errs ...error) failing {
	return func(n int, _ Operation, _ []string) error {
		if n < len(errs) {
			return errs[n]
		}
		return nil
	}
}

// unsetsFail fails requests to unset.
func unsetsFail(err error) failing {
	return func(_ int, op Operation, _ []string) error {
		if op == Unset {
			return err
		}
		return nil
	}
}

// whenHas fails requests that carry any of these agents.
func whenHas(err error, bad ...string) failing {
	return func(_ int, _ Operation, ids []string) error {
		if slices.ContainsFunc(bad, func(id string) bool { return slices.Contains(ids, id) }) {
			return err
		}
		return nil
	}
}

// overLimit fails requests with more agents than that.
func overLimit(limit int, err error) failing {
	return func(_ int, _ Operation, ids []string) error {
		if len(ids) > limit {
			return err
		}
		return nil
	}
}

// agentIDs are these numbers and those in between.
func agentIDs(from, to int) (ids []string) {
	for i := from; i <= to; i++ {
		ids = append(ids, strconv.Itoa(i))
	}
	return ids
}

func testConfig() Config {
	return Config{
		BatchSize: 500, MaxConcurrentRequests: 1, MaxRetries: 4, MaxRemovals: -1, Logger: slog.New(slog.DiscardHandler),
		Backoff: func(retry int) time.Duration { return time.Duration(retry) * time.Second },
	}
}

// bubble runs f with virtual time and a batcher over n, and checks the rules of
// every exchange.
func bubble(t *testing.T, n *network, config func(*Config), f func(*testing.T, *batcher)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := testConfig()
		if config != nil {
			config(&c)
		}
		b := newBatcher(c, n.send)
		f(t, b)
		n.mu.Lock()
		defer n.mu.Unlock()
		for _, p := range n.problems {
			t.Error(p)
		}
		if want := cmp.Or(n.limit, c.BatchSize); b.scheduler.limit != want {
			t.Errorf("the run ends with at most %d agents per request, not %d", b.scheduler.limit, want)
		}
	})
}

// batches is a configuration.
func batches(size, concurrent int) func(*Config) {
	return func(c *Config) { c.BatchSize, c.MaxConcurrentRequests = size, concurrent }
}

func retries(n int) func(*Config) { return func(c *Config) { c.MaxRetries = n } }

// waiting is a configuration with this wait before each retry.
func waiting(wait time.Duration) func(*Config) {
	return func(c *Config) { c.Backoff = func(int) time.Duration { return wait } }
}

func wantAll(t testing.TB, r Result, ids ...string) {
	t.Helper()
	if got, want := brief(r), brief(Result{Confirmed: ids}); got != want {
		t.Errorf("%.500s, want %.500s", got, want)
	}
}
