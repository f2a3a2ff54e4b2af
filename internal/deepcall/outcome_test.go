package deepcall

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

// firstOf fails the first requests with these errors, one each.
func firstOf(errs ...error) func(int, Operation, []string) error {
	return func(n int, _ Operation, _ []string) error {
		if n < len(errs) {
			return errs[n]
		}
		return nil
	}
}

// What is retried takes the waits of the backoff; what is not fails at once.
func TestWhatIsRetried(t *testing.T) {
	for _, c := range []struct {
		err     error
		retried bool
	}{
		{httpError(429), true}, {httpError(500), true}, {httpError(502), true}, {httpError(503), true}, {httpError(504), true},
		{apiError("1501"), true}, {apiError("1032"), true}, {unanswered(), true}, {&ConnectionError{Timeout: true}, true},
		{httpError(400), false}, {httpError(401), false}, {httpError(403), false}, {httpError(404), false}, {httpError(413), false}, {httpError(501), false},
		{apiError("1000"), false}, {apiError("1014"), false}, {apiError("1015"), false}, {apiError("1507"), false}, {apiError("1"), false},
		{&RedirectError{Status: 307}, false}, {&AnswerError{Status: 200}, false},
	} {
		n := &network{answer: always(c.err)}
		bubble(t, n, func(t *testing.T) {
			r, took := background(t.Context(), testBatcher(testConfig(), n), Set, "1")()
			wantFailure(t, r, c.err.Error(), []string{"1"}, nil)
			requests, want := 1, time.Duration(0)
			if c.retried {
				requests, want = 5, (1+2+3+4)*time.Second
			}
			if len(n.requests) != requests || took != want {
				t.Errorf("%v: %d requests in %v, want %d in %v", c.err, len(n.requests), took, requests, want)
			}
			if g, ok := errors.AsType[*GaveUpError](r.Failures[0].Err); ok != c.retried || (ok && (g.Tries != 5 || !errors.Is(g, c.err))) {
				t.Errorf("%v: the reason is %#v", c.err, r.Failures[0].Err)
			}
		})
		n = &network{answer: firstOf(c.err, c.err, c.err, c.err)}
		bubble(t, n, func(t *testing.T) {
			if r := testBatcher(testConfig(), n).do(t.Context(), Set, []string{"1"}, nil); c.retried {
				wantAll(t, r, "1")
			}
		})
	}
}

// A call of any length is given up after max_retries: what waits behind the
// first request neither adds tries nor splits them.
func TestRetriesOfALongCall(t *testing.T) {
	for _, agents := range []int{500, 501, 5000} {
		n := &network{answer: always(httpError(503))}
		bubble(t, n, func(t *testing.T) {
			ids := names("a", agents)
			r, took := background(t.Context(), testBatcher(testConfig(), n), Set, ids...)()
			if len(n.requests) != 5 || took != 10*time.Second {
				t.Errorf("%d agents: %d requests in %v, want 5 in 10s", agents, len(n.requests), took)
			}
			wantFailure(t, r, "HTTP 503 Service Unavailable (tried 5 times)", ids[:500], ids[500:])
		})
	}
}

// What makes the next request fail as well ends the call; a refusal of some
// agents does not.
func TestWhatEndsACall(t *testing.T) {
	for _, c := range []struct {
		err  error
		ends bool
	}{
		{httpError(400), false}, {apiError("1507"), false}, {httpError(401), true}, {httpError(403), true}, {httpError(404), true},
		{apiError("1015"), true}, {apiError("1047"), true}, {&RedirectError{Status: 307}, true}, {httpError(503), true}, {apiError("1501"), true},
	} {
		n := &network{answer: whenHas(c.err, "a1")}
		bubble(t, n, func(t *testing.T) {
			config := testConfig()
			config.BatchSize, config.MaxRetries = 2, 0
			r := testBatcher(config, n).do(t.Context(), Set, names("a", 6), nil)
			if c.ends {
				wantFailure(t, r, "", []string{"a0", "a1"}, []string{"a2", "a3", "a4", "a5"})
				return
			}
			wantIDs(t, "confirmed", r.Confirmed, "a0", "a2", "a3", "a4", "a5")
			wantFailure(t, r, "", []string{"a1"}, nil)
		})
	}
}

// Agents that the API is busy with are sent again, those alone.
func TestBusyAgents(t *testing.T) {
	for _, c := range []struct {
		times, batch, retries int
		took                  time.Duration
	}{{2, 500, 4, 3 * time.Second}, {1000, 2, 2, 3 * time.Second}} {
		n := &network{}
		bubble(t, n, func(t *testing.T) {
			config := testConfig()
			config.BatchSize, config.MaxRetries = c.batch, c.retries
			b, asked := testBatcher(config, n), map[string]int{}
			b.send = func(ctx context.Context, op Operation, ids []string) (reply, error) {
				got, err := n.send(ctx, op, ids)
				for _, id := range ids {
					if asked[id]++; (id == "a2" || id == "a4") && asked[id] <= c.times {
						got.of[id] = verdict{&RefusedError{Message: inProcessing, inProcessing: true}}
					}
				}
				return got, err
			}
			r, took := background(t.Context(), b, Set, names("a", 6)...)()
			if took != c.took {
				t.Errorf("took %v, want %v", took, c.took)
			}
			want := fmt.Sprint(map[string]int{"a0": 1, "a1": 1, "a2": 3, "a3": 1, "a4": 3, "a5": 1})
			if fmt.Sprint(asked) != want {
				t.Errorf("asked for %v, want %v", asked, want)
			}
			if c.times < 10 {
				wantAll(t, r, names("a", 6)...)
				return
			}
			wantIDs(t, "confirmed", r.Confirmed, "a0", "a1", "a3", "a5")
			wantFailure(t, r, inProcessing, []string{"a2", "a4"}, nil)
		})
	}
}

// Each call gets its own agents' results.
func TestSharedResults(t *testing.T) {
	n := &network{latency: time.Second}
	bubble(t, n, func(t *testing.T) {
		b := testBatcher(testConfig(), n)
		b.send = func(ctx context.Context, op Operation, ids []string) (reply, error) {
			got, err := n.send(ctx, op, ids)
			got.of["9"] = verdict{}
			delete(got.of, "2")
			if slices.Contains(ids, "4") {
				got.of["4"] = verdict{&RefusedError{Message: "Invalid AgentID"}}
			}
			return got, err
		}
		results := play(t, b, step{0, Set, []string{"0"}, 0}, step{1, Set, []string{"1", "2"}, 0}, step{2, Set, []string{"3", "4"}, 0})
		wantAll(t, results[0], "0")
		wantIDs(t, "confirmed", results[1].Confirmed, "1")
		wantFailure(t, results[1], "not mentioned in the answer", []string{"2"}, nil)
		wantIDs(t, "confirmed", results[2].Confirmed, "3")
		wantFailure(t, results[2], "Invalid AgentID", []string{"4"}, nil)
		wantSizes(t, n, 1, 4)
	})
}

// A retry takes along what has come since.
func TestRetryTakesAlongWhatWaits(t *testing.T) {
	n := &network{answer: firstOf(httpError(503))}
	bubble(t, n, func(t *testing.T) {
		results := play(t, testBatcher(testConfig(), n), step{0, Set, []string{"1"}, 0}, step{time.Millisecond, Set, []string{"2"}, 0})
		wantAll(t, results[0], "1")
		wantAll(t, results[1], "2")
		wantSizes(t, n, 1, 2)
	})
}
