package deepcall

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

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
