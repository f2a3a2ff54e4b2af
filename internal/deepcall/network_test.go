package deepcall

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// network stands in for the transport. Its methods may be called from any
// goroutine of a synctest bubble.
type network struct {
	latency time.Duration
	answer  func(n int, op Operation, ids []string) error // n: requests before; nil error: every agent is confirmed

	mu       sync.Mutex
	requests []sentRequest
	inFlight map[string]Operation
	problems []string // broken rules of every exchange
}

type sentRequest struct {
	op  Operation
	ids []string
	at  time.Time
}

func (n *network) send(ctx context.Context, op Operation, ids []string) (reply, error) {
	n.mu.Lock()
	count := len(n.requests)
	n.requests = append(n.requests, sentRequest{op, ids, time.Now()})
	if n.inFlight == nil {
		n.inFlight = map[string]Operation{}
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
		n.inFlight[id] = op
	}
	n.mu.Unlock()
	defer func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		for _, id := range ids {
			delete(n.inFlight, id)
		}
	}()
	select {
	case <-time.After(n.latency):
	case <-ctx.Done():
		return reply{}, context.Cause(ctx)
	}
	if n.answer != nil {
		if err := n.answer(count, op, ids); err != nil {
			return reply{}, err
		}
	}
	return confirming(ids), nil
}

func confirming(ids []string) reply {
	r := reply{status: 200, verdicts: verdicts{of: map[string]verdict{}}}
	for _, id := range ids {
		r.of[id] = verdict{}
	}
	return r
}

func apiError(code string) error       { return &APIError{Code: code} }
func httpError(status int) error       { return &HTTPError{Status: status} }
func unanswered() error                { return &ConnectionError{Address: "https://api", Cause: "EOF"} }
func has(ids []string, id string) bool { return slices.Contains(ids, id) }

// whenHas fails requests that carry any of these agents.
func whenHas(err error, bad ...string) func(int, Operation, []string) error {
	return func(_ int, _ Operation, ids []string) error {
		if slices.ContainsFunc(bad, func(id string) bool { return has(ids, id) }) {
			return err
		}
		return nil
	}
}

func always(err error) func(int, Operation, []string) error {
	return func(int, Operation, []string) error { return err }
}

// overLimit fails requests with more agents than that.
func overLimit(limit int, err error) func(int, Operation, []string) error {
	return func(_ int, _ Operation, ids []string) error {
		if len(ids) > limit {
			return err
		}
		return nil
	}
}

func agentIDs(from, to int) (ids []string) {
	for i := from; i <= to; i++ {
		ids = append(ids, strconv.Itoa(i))
	}
	return ids
}

func testConfig() Config {
	return Config{
		BatchSize: 500, MaxConcurrentRequests: 1, MaxRetries: 4, MaxRemovals: -1,
		Backoff: func(retry int) time.Duration { return time.Duration(retry) * time.Second },
	}
}

func testBatcher(c Config, n *network) *batcher {
	c.Logger = slog.New(slog.DiscardHandler)
	return newBatcher(c, n.send)
}

// resources makes one call of each list with at most width at a time, as
// Terraform does, and returns their results.
func resources(b *batcher, op Operation, width int, lists ...[]string) []Result {
	results := make([]Result, len(lists))
	slots := make(chan struct{}, width)
	var all sync.WaitGroup
	for i, ids := range lists {
		slots <- struct{}{}
		time.Sleep(time.Millisecond)
		all.Go(func() {
			defer func() { <-slots }()
			results[i] = b.do(context.Background(), op, ids, nil)
		})
	}
	all.Wait()
	return results
}

func eachAlone(ids []string) (lists [][]string) {
	for _, id := range ids {
		lists = append(lists, []string{id})
	}
	return lists
}

func (n *network) check(t *testing.T) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range n.problems {
		t.Error(p)
	}
}

// step is one call in a scenario.
type step struct {
	after time.Duration // since the scenario's start
	op    Operation
	ids   []string
	limit time.Duration // of the call; 0: none
}

// play makes the calls of a scenario and returns their results.
func play(t *testing.T, b *batcher, steps ...step) []Result {
	t.Helper()
	results := make([]Result, len(steps))
	var all sync.WaitGroup
	for i, s := range steps {
		all.Go(func() {
			time.Sleep(s.after)
			ctx, cancel := t.Context(), context.CancelFunc(func() {})
			if s.limit > 0 {
				ctx, cancel = context.WithTimeout(ctx, s.limit)
			}
			defer cancel()
			results[i] = b.do(ctx, s.op, s.ids, nil)
		})
	}
	all.Wait()
	return results
}

func brief(r Result) string {
	slices.Sort(r.Confirmed)
	slices.Sort(r.Kept)
	s := fmt.Sprint("confirmed ", r.Confirmed)
	if len(r.Kept) > 0 {
		s += fmt.Sprint(" kept ", r.Kept)
	}
	for _, f := range r.Failures {
		s += fmt.Sprintf(" %T %v %v", f.Err, f.AgentIDs, f.NotTried)
	}
	return s
}
