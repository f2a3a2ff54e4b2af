package deepcall

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"
)

// A call reports each of its requests, in the caller's goroutine and without the
// batcher's lock: the report may take its time and make calls, and sees every
// event before the call returns.
func TestProgress(t *testing.T) {
	n := &network{answer: firstOf(nil, httpError(503)), amend: func(ids []string, r *reply) {
		if slices.Contains(ids, "25") {
			r.of["25"] = invalidAgent
		}
	}}
	bubble(t, n, batches(10, 1), func(t *testing.T, b *batcher) {
		var got []string
		b.do(t.Context(), Set, agentIDs(1, 35), func(p Progress) {
			got = append(got, fmt.Sprintf("%d: %d+%d of %d, retried %v, error %v", p.Requests, p.Confirmed, p.Failed, p.Total, p.Retried, p.Err != nil))
			if p.Requests == 5 {
				wantAll(t, b.do(t.Context(), Set, []string{"100"}, nil), "100")
			}
		})
		want := []string{
			"1: 10+0 of 35, retried false, error false",
			"2: 10+0 of 35, retried true, error true",
			"3: 20+0 of 35, retried false, error false",
			"4: 29+1 of 35, retried false, error false",
			"5: 34+1 of 35, retried false, error false",
		}
		if !slices.Equal(got, want) {
			t.Errorf("progress\n%q, want\n%q", got, want)
		}
	})
}

// A wait that would be too long is not reported as a retry.
func TestProgressOfTheLastTry(t *testing.T) {
	bubble(t, &network{answer: always(retryAfter(429, time.Hour))}, nil, func(t *testing.T, b *batcher) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		b.do(ctx, Set, []string{"1"}, func(p Progress) {
			if p.Retried || p.Failed != 1 {
				t.Errorf("%+v", p)
			}
		})
	})
}

// Each call gets its own agents' results.
func TestSharedResults(t *testing.T) {
	const invalid = "the API reported code 1000: Invalid parameters"
	odd := func(refused string) func([]string, *reply) {
		return func(ids []string, r *reply) {
			r.agentless = []string{"odd"}
			if slices.Contains(ids, refused) {
				r.of[refused] = invalidAgent
			}
		}
	}
	playAll(t, map[string]scenario{
		"of one request": {
			amend: func(ids []string, r *reply) {
				r.of["9"] = nil
				delete(r.of, "2")
				if slices.Contains(ids, "4") {
					r.of["4"] = invalidAgent
				}
			},
			steps: []step{
				set("0").gives("confirmed 0"), set("1", "2").at(ms).gives("confirmed 1; not mentioned in the answer; failed 2"),
				set("3", "4").at(2 * ms).gives("confirmed 3; Invalid AgentID; failed 4"),
			},
			sent: "set 0, set 1 2 3 4",
		},
		"errors without an agent, and all are confirmed": {
			amend: odd("none"), steps: []step{
				set("0").gives("confirmed 0; odd"), set("1").at(ms).gives("confirmed 1; odd"), set("2").at(2 * ms).gives("confirmed 2"),
			},
		},
		"errors without an agent, and one is not": {
			amend: odd("2"), steps: []step{
				set("0").gives("confirmed 0; odd"), set("1").at(ms).gives("confirmed 1"), set("2").at(2 * ms).gives("odd; Invalid AgentID; failed 2"),
			},
		},
		"errors without an agent, in every answer of a call": {
			config: batches(1, 1), amend: odd("none"), steps: []step{set("0", "1").gives("confirmed 0 1; odd")},
		},
		// An agent that two calls ask for is sent once for both, and never in two
		// requests at a time.
		"the same agent": {
			steps: []step{
				set("0", "2").gives("confirmed 0 2"), set("1", "2").at(ms).gives("confirmed 1 2"), set("2", "3").at(2 * ms).gives("confirmed 2 3"),
			},
			sent: "set 0 2, set 1 2 3",
		},
		"the same agent, three requests at once": {
			config: batches(500, 3), steps: []step{
				set("0", "2").gives("confirmed 0 2"), set("1", "2").at(ms).gives("confirmed 1 2"), set("2", "3").at(2 * ms).gives("confirmed 2 3"),
			},
			sent: "set 0 2, set 1, set 3, set 2",
		},
		// A part whose agents are in flight for another call waits.
		"the same bad agent, two requests at once": {
			config: batches(500, 2), answer: whenHas(apiError("1000"), "2", "9"), steps: []step{
				set("0").gives("confirmed 0"), set("8", "9").at(1500 * ms).gives("confirmed 8; " + invalid + "; failed 9"),
				set("1", "2").at(2 * sec).gives("confirmed 1; " + invalid + "; failed 2"), set("1", "2").at(2600 * ms).gives("confirmed 1; " + invalid + "; failed 2"),
			},
		},
	})
}

// An answer may come when every call that shared its request has left.
func TestAnswerForNobody(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, c, now := newScheduler(testConfig()), newCall(ctx, Set), time.Now()
	s.add(c, []string{"1"}, now)
	r, _ := s.next(now)
	r.cancel = func() {}
	cancel()
	s.abandon(c)
	s.accept(r, verdicts{agentless: []string{"Invalid request"}}, now.Add(time.Second))
	if len(c.result.Failures) != 1 || len(s.inFlight) > 0 {
		t.Errorf("failures %+v, %d requests in flight", c.result.Failures, len(s.inFlight))
	}
}

// An agent that is kept counts neither as confirmed nor as failed.
func TestProgressOfKeptAgents(t *testing.T) {
	bubble(t, &network{latency: time.Second}, nil, func(t *testing.T, b *batcher) {
		wantAll(t, b.do(t.Context(), Set, []string{"1"}, nil), "1")
		var last Progress
		b.do(t.Context(), Unset, []string{"1", "2"}, func(p Progress) { last = p })
		if want := (Progress{Requests: 1, Confirmed: 1, Total: 2}); last != want {
			t.Errorf("the last progress is %+v, want %+v", last, want)
		}
	})
}

// The API may have done the work of a request that it did not answer, unless it
// has answered for the agent since.
func TestUnclearFailures(t *testing.T) {
	refusing := func(_ []string, r *reply) { r.of["1"] = invalidAgent }
	silent := func(_ []string, r *reply) { delete(r.of, "1") }
	unsent := &ConnectionError{Unsent: true}
	for name, c := range map[string]struct {
		answers []error // to the first requests; later ones are confirmed
		amend   func([]string, *reply)
		leaves  time.Duration
		want    bool
	}{
		"refused":                          {[]error{httpError(400)}, nil, 0, false},
		"throttled":                        {[]error{httpError(429), httpError(429)}, nil, 0, false},
		"not sent":                         {[]error{unsent, unsent}, nil, 0, false},
		"throttled, then not sent":         {[]error{httpError(429), unsent}, nil, 0, false},
		"no answer, then not sent":         {[]error{unanswered(), unsent}, nil, 0, true},
		"not sent, then no answer":         {[]error{unsent, unanswered()}, nil, 0, true},
		"HTTP 500, then not sent":          {[]error{httpError(500), unsent}, nil, 0, true},
		"no answer, then throttled":        {[]error{unanswered(), httpError(429)}, nil, 0, true},
		"no answer, then refused":          {[]error{httpError(503), httpError(400)}, nil, 0, true},
		"no answer, then an agent refused": {[]error{unanswered()}, refusing, 0, false},
		"not mentioned":                    {nil, silent, 0, true},
		"timeout in flight":                {nil, nil, sec / 2, true},
		"timeout after no answer":          {[]error{unanswered()}, nil, 1500 * ms, true},
		"timeout after throttling":         {[]error{httpError(429)}, nil, 1500 * ms, false},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, &network{latency: sec, answer: firstOf(c.answers...), amend: c.amend}, retries(1), func(t *testing.T, b *batcher) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if c.leaves > 0 {
					time.AfterFunc(c.leaves, cancel)
				}
				r := b.do(ctx, Set, []string{"1"}, nil)
				if len(r.Failures) != 1 || r.Failures[0].Unclear != c.want {
					t.Errorf("%+v, want one failure, unclear: %t", r.Failures, c.want)
				}
			})
		})
	}
}
