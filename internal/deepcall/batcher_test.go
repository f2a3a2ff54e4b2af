package deepcall

import (
	"cmp"
	"context"
	"errors"
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

// A refusal costs the agents and the resources that are its reason, and a
// number of requests that does not grow with the others.
func TestRefusalsAreNarrowedDown(t *testing.T) {
	t.Parallel()
	invalid := apiError("1000")
	tests := map[string]struct {
		agents    []string   // of one resource
		resources [][]string // or of several
		config    func(*Config)
		answer    func(int, Operation, []string) error
		confirmed int
		requests  int // at most
		reasons   int // of each resource that fails
		limit     int // agents per request that the run ends with; 0: the batch size
	}{
		"one bad ID of 500":                 {agents: agentIDs(1, 500), answer: whenHas(invalid, "321"), confirmed: 499, requests: 25, reasons: 1},
		"the first of 500":                  {agents: agentIDs(1, 500), answer: whenHas(httpError(400), "1"), confirmed: 499, requests: 25, reasons: 1},
		"the one in the middle":             {agents: agentIDs(1, 500), answer: whenHas(httpError(422), "250"), confirmed: 499, requests: 25, reasons: 1},
		"the last of 500":                   {agents: agentIDs(1, 500), answer: whenHas(apiError("1003"), "500"), confirmed: 499, requests: 25, reasons: 1},
		"ten side by side":                  {agents: agentIDs(1, 500), answer: whenHas(invalid, agentIDs(246, 255)...), confirmed: 490, requests: 60, reasons: 1},
		"a limit of 100, by code":           {agents: agentIDs(1, 1000), answer: overLimit(100, invalid), confirmed: 1000, requests: 32, limit: 63},
		"a limit of 100, by status":         {agents: agentIDs(1, 1000), answer: overLimit(100, httpError(413)), confirmed: 1000, requests: 32, limit: 63},
		"one too large of 2,000":            {agents: agentIDs(1, 2000), answer: whenHas(httpError(413), "777"), confirmed: 1999, requests: 40, reasons: 1},
		"all refused, one resource":         {agents: agentIDs(1, 500), answer: always(invalid), requests: 60, reasons: 1},
		"all refused, 500 resources":        {resources: eachAlone(agentIDs(1, 500)), answer: always(invalid), requests: 60, reasons: 1},
		"all refused, four in flight":       {resources: eachAlone(agentIDs(1, 200)), config: func(c *Config) { c.MaxConcurrentRequests = 4 }, answer: always(apiError("1507")), requests: 60, reasons: 1},
		"not found, 60 resources":           {resources: eachAlone(agentIDs(1, 60)), answer: always(httpError(404)), requests: 12, reasons: 1},
		"a bad resource, 403":               {resources: eachAlone(agentIDs(1, 20)), answer: whenHas(httpError(403), "7"), confirmed: 19, requests: 40, reasons: 1},
		"a bad resource, unreadable":        {resources: eachAlone(agentIDs(1, 20)), answer: whenHas(&AnswerError{Status: 200, Problem: "is not JSON"}, "7"), confirmed: 19, requests: 40, reasons: 1},
		"a bad resource, 500":               {resources: eachAlone(agentIDs(1, 20)), answer: whenHas(httpError(500), "7"), confirmed: 19, requests: 60, reasons: 1},
		"a bad resource, 1032":              {resources: eachAlone(agentIDs(1, 20)), answer: whenHas(apiError("1032"), "7"), confirmed: 19, requests: 60, reasons: 1},
		"a bad resource, 1501":              {resources: eachAlone(agentIDs(1, 20)), answer: whenHas(apiError("1501"), "7"), confirmed: 19, requests: 60, reasons: 1},
		"a bad resource, 1001":              {resources: eachAlone(agentIDs(1, 20)), answer: whenHas(apiError("1001"), "7"), confirmed: 19, requests: 40, reasons: 1},
		"refused credentials, 200":          {resources: eachAlone(agentIDs(1, 200)), answer: always(apiError("1014")), requests: 2, reasons: 1},
		"refused credentials, 401":          {resources: eachAlone(agentIDs(1, 200)), answer: always(httpError(401)), requests: 2, reasons: 1},
		"no permission":                     {resources: eachAlone(agentIDs(1, 200)), answer: always(apiError("1015")), requests: 2, reasons: 1},
		"the API is down":                   {resources: eachAlone(agentIDs(1, 100)), config: func(c *Config) { c.MaxRetries = 2 }, answer: always(unanswered()), requests: 40, reasons: 1},
		"the API is down, 503":              {resources: eachAlone(agentIDs(1, 100)), config: func(c *Config) { c.MaxRetries = 2 }, answer: always(httpError(503)), requests: 40, reasons: 1},
		"one resource of 100,000, all fine": {agents: agentIDs(1, 100_000), confirmed: 100_000, requests: 200},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				lists := test.resources
				if lists == nil {
					lists = [][]string{test.agents}
				}
				c := testConfig()
				if test.config != nil {
					test.config(&c)
				}
				n := &network{latency: 20 * time.Millisecond, answer: test.answer}
				b := testBatcher(c, n)
				results := resources(b, Set, 10, lists...)
				confirmed := 0
				for i, r := range results {
					confirmed += len(r.Confirmed)
					if failed := len(r.Confirmed) < len(lists[i]); failed && len(r.Failures) != test.reasons {
						t.Errorf("resource %d fails for %d reasons: %v", i, len(r.Failures), r.Failures)
					}
				}
				if confirmed != test.confirmed {
					t.Errorf("%d agents are confirmed, not %d", confirmed, test.confirmed)
				}
				if len(n.requests) > test.requests {
					t.Errorf("%d requests are more than %d", len(n.requests), test.requests)
				}
				if want := cmp.Or(test.limit, c.BatchSize); b.scheduler.limit != want {
					t.Errorf("the run ends with at most %d agents per request, not %d", b.scheduler.limit, want)
				}
				n.check(t)
			})
		})
	}
}

func (n *network) check(t *testing.T) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range n.problems {
		t.Error(p)
	}
}

// The error of a refusal that is narrowed down names the one agent.
func TestNarrowedErrorNamesTheAgent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{answer: whenHas(apiError("1000"), "321")}
		r := testBatcher(testConfig(), n).do(t.Context(), Set, agentIDs(1, 500), nil)
		if len(r.Failures) != 1 || !slices.Equal(r.Failures[0].AgentIDs, []string{"321"}) || len(r.Failures[0].NotTried) > 0 {
			t.Errorf("failures: %+v", r.Failures)
		}
	})
}

// A small call does not wait behind the whole of a large one.
func TestCallersAreServedInTurn(t *testing.T) {
	t.Parallel()
	for _, op := range []Operation{Set, Unset} {
		t.Run(op.Endpoint(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := &network{latency: time.Second}
				b := testBatcher(testConfig(), n)
				var all sync.WaitGroup
				all.Go(func() { b.do(t.Context(), Set, agentIDs(1, 100_000), nil) })
				time.Sleep(2500 * time.Millisecond)
				all.Go(func() { b.do(t.Context(), op, []string{"one"}, nil) })
				all.Wait()
				at := slices.IndexFunc(n.requests, func(r sentRequest) bool { return has(r.ids, "one") })
				if at < 0 || at > 12 {
					t.Errorf("the small call leaves with request %d", at)
				}
				n.check(t)
			})
		})
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

// An agent that moves between two resources is not switched off.
func TestMoves(t *testing.T) {
	t.Parallel()
	ms := time.Millisecond
	tests := map[string]struct {
		config func(*Config)
		answer func(int, Operation, []string) error
		steps  []step
		want   []string // the result of each step, in short
		unset  []string // agents that reach unsetCad
	}{
		"set first": {
			steps: []step{{0, Set, []string{"1", "2"}, 0}, {10 * ms, Unset, []string{"1", "9"}, 0}},
			want:  []string{"confirmed [1 2]", "confirmed [9] kept [1]"}, unset: []string{"9"},
		},
		"unset first, at about the same time": {
			steps: []step{{0, Unset, []string{"1", "9"}, 0}, {200 * ms, Set, []string{"1", "2"}, 0}},
			want:  []string{"confirmed [9] kept [1]", "confirmed [1 2]"}, unset: []string{"9"},
		},
		"the set is refused": {
			answer: whenHas(apiError("1507"), "1"),
			steps:  []step{{0, Set, []string{"1", "2"}, 0}, {10 * ms, Unset, []string{"1", "9"}, 0}},
			want:   []string{"confirmed [2] *deepcall.APIError [1] []", "confirmed [9] *deepcall.SetFailedError [] [1]"}, unset: []string{"9"},
		},
		"the set takes longer than the unset may": {
			answer: func(_ int, op Operation, ids []string) error {
				if op == Set && len(ids) < 10 {
					return unanswered()
				}
				return nil
			},
			steps: []step{{0, Set, []string{"1"}, 0}, {10 * ms, Unset, []string{"1"}, time.Second}},
			want:  []string{"confirmed [] *deepcall.GaveUpError [1] []", "confirmed [] *deepcall.InterruptedError [] [1]"},
		},
		"the unset is interrupted after the set was confirmed": {
			answer: func(n int, op Operation, _ []string) error {
				if op == Unset {
					return unanswered()
				}
				return nil
			},
			steps: []step{{0, Unset, []string{"1", "9"}, 3 * time.Second}, {700 * ms, Set, []string{"1"}, 0}},
			want:  []string{"confirmed [] kept [1] *deepcall.GaveUpError [9] []", "confirmed [1]"}, unset: []string{"1", "9"},
		},
		"the run stops after the set was confirmed": {
			answer: func(_ int, op Operation, _ []string) error {
				if op == Unset {
					return apiError("1014")
				}
				return nil
			},
			steps: []step{{0, Set, []string{"1"}, 0}, {time.Second, Unset, []string{"5"}, 0}, {2 * time.Second, Unset, []string{"1", "6"}, 0}},
			want:  []string{"confirmed [1]", "confirmed [] *deepcall.APIError [5] []", "confirmed [] kept [1] *deepcall.APIError [] [6]"}, unset: []string{"5"},
		},
		"more removals than allowed": {
			config: func(c *Config) { c.MaxRemovals = 2 },
			steps:  []step{{0, Unset, []string{"1", "2"}, 0}, {time.Second, Unset, []string{"3"}, 0}},
			want:   []string{"confirmed [1 2]", "confirmed [] *deepcall.RemovalLimitError [] [3]"}, unset: []string{"1", "2"},
		},
		"moved agents do not count as removals": {
			config: func(c *Config) { c.MaxRemovals = 1 },
			steps:  []step{{0, Set, []string{"1", "2"}, 0}, {time.Second, Unset, []string{"1", "2", "3"}, 0}},
			want:   []string{"confirmed [1 2]", "confirmed [3] kept [1 2]"}, unset: []string{"3"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := testConfig()
				if test.config != nil {
					test.config(&c)
				}
				n := &network{latency: 50 * ms, answer: test.answer}
				for i, r := range play(t, testBatcher(c, n), test.steps...) {
					if got := brief(r); got != test.want[i] {
						t.Errorf("step %d: %s, not %s", i, got, test.want[i])
					}
				}
				unset := map[string]bool{}
				for _, r := range n.requests {
					for _, id := range r.ids {
						unset[id] = unset[id] || r.op == Unset
					}
				}
				for id, sent := range unset {
					if sent != has(test.unset, id) {
						t.Errorf("agent %s is sent to unsetCad: %v", id, sent)
					}
				}
				n.check(t)
			})
		})
	}
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

// A server that asks to wait is not asked again before, by any call.
func TestRetryAfterHoldsForTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := testConfig()
		c.MaxRetries = 0
		n := &network{answer: func(n int, _ Operation, _ []string) error {
			if n == 0 {
				return &HTTPError{Status: 503, retryAfter: 4 * time.Second}
			}
			return nil
		}}
		b := testBatcher(c, n)
		play(t, b, step{0, Set, []string{"1"}, 0}, step{time.Second, Set, []string{"2"}, 0})
		if len(n.requests) != 2 || n.requests[1].at.Sub(n.requests[0].at) < 4*time.Second {
			t.Errorf("requests: %+v", n.requests)
		}
		n.answer = always(&HTTPError{Status: 503, retryAfter: time.Minute})
		before := len(n.requests)
		started := time.Now()
		results := play(t, b, step{0, Set, []string{"3"}, 0}, step{time.Second, Set, []string{"4"}, 0})
		if len(n.requests) != before+1 || time.Since(started) > 2*time.Second {
			t.Errorf("%d requests in %v", len(n.requests)-before, time.Since(started))
		}
		if f := results[1].Failures; len(f) != 1 || !slices.Equal(f[0].NotTried, []string{"4"}) {
			t.Errorf("the later call fails with %+v", f)
		}
	})
}

// A call that ends early names the failure that it was to retry.
func TestInterruptNamesTheLastFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{latency: time.Second, answer: always(httpError(503))}
		r := play(t, testBatcher(testConfig(), n), step{0, Set, []string{"1"}, 2500 * time.Millisecond})[0]
		e, ok := errors.AsType[*InterruptedError](r.Failures[0].Err)
		if !ok || !errors.Is(e, context.DeadlineExceeded) || Classify(e.Last) != ClassDown {
			t.Errorf("the reason is %v", r.Failures[0].Err)
		}
	})
}

// What a request fails for because its callers have left says nothing about the
// API.
func TestCallsThatEndEarlyTeachNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{latency: 10 * time.Second}
		b := testBatcher(testConfig(), n)
		var steps []step
		for i := range 4 {
			steps = append(steps, step{time.Duration(i) * 5 * time.Second, Set, []string{strconv.Itoa(i)}, time.Second})
		}
		play(t, b, steps...)
		if r := b.do(t.Context(), Set, []string{"9"}, nil); brief(r) != "confirmed [9]" {
			t.Errorf("the next call: %s", brief(r))
		}
	})
}

// Errors without an agent concern the resources with an agent that is not
// confirmed; without one, they are a warning.
func TestAgentlessErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refused := map[string]bool{"2": true}
		b := testBatcher(testConfig(), &network{})
		b.send = func(_ context.Context, _ Operation, ids []string) (reply, error) {
			time.Sleep(time.Second)
			r := confirming(ids)
			r.agentless = []string{"something else"}
			for _, id := range ids {
				if refused[id] {
					r.of[id] = verdict{&RefusedError{Message: "Invalid AgentID"}}
				}
			}
			return r, nil
		}
		results := play(t, b, step{0, Set, []string{"0"}, 0}, step{1, Set, []string{"1"}, 0}, step{2, Set, []string{"2"}, 0})
		want := []string{"confirmed [0]", "confirmed [1]", "confirmed [] *deepcall.AgentlessError [] [] *deepcall.RefusedError [2] []"}
		for i, r := range results {
			if got := brief(r); got != want[i] {
				t.Errorf("call %d: %s, not %s", i, got, want[i])
			}
		}
		if len(results[0].Warnings) != 1 || len(results[1].Warnings) != 0 {
			t.Errorf("warnings: %q and %q", results[0].Warnings, results[1].Warnings)
		}
	})
}
