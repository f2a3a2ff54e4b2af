package deepcall

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// Each of these once made a run send too much, stop too early or say something
// untrue.
func TestSurprises(t *testing.T) {
	t.Parallel()
	second := time.Second
	tests := map[string]struct {
		config func(*Config)
		answer func(n int, op Operation, ids []string) error
		busy   bool // agent 1 is always in processing
		steps  []step
		want   []string
	}{
		"one 503 on the last try of a busy agent concerns nobody else": {
			busy: true,
			answer: func() func(int, Operation, []string) error {
				seen := 0
				return func(_ int, _ Operation, ids []string) error {
					if has(ids, "1") {
						if seen++; seen == 5 {
							return httpError(503)
						}
					}
					return nil
				}
			}(),
			steps: []step{{0, Set, []string{"1"}, time.Hour}, {1, Set, []string{"2"}, time.Hour}, {3 * second, Set, []string{"3"}, time.Hour}},
			want:  []string{"confirmed [] *deepcall.GaveUpError [1] []", "confirmed [2]", "confirmed [3]"},
		},
		"an unset without an answer that then waits for a failing set was sent": {
			answer: func(_ int, op Operation, _ []string) error {
				if op == Unset {
					return unanswered()
				}
				return apiError("1507")
			},
			steps: []step{{0, Unset, []string{"1"}, time.Hour}, {800 * time.Millisecond, Set, []string{"1"}, time.Hour}},
			want:  []string{"confirmed [] *deepcall.SetFailedError [1] []", "confirmed [] *deepcall.APIError [1] []"},
		},
		"an agent that was sent to be unset counts, kept or not": {
			config: func(c *Config) { c.MaxRemovals = 1 },
			answer: func(_ int, op Operation, ids []string) error {
				if op == Unset && has(ids, "1") {
					return httpError(503)
				}
				return nil
			},
			steps: []step{{0, Unset, []string{"1"}, time.Hour}, {800 * time.Millisecond, Set, []string{"1"}, time.Hour}, {30 * second, Unset, []string{"2"}, time.Hour}},
			want:  []string{"confirmed [] kept [1]", "confirmed [1]", "confirmed [] *deepcall.RemovalLimitError [] [2]"},
		},
		"agents that were never sent do not count": {
			config: func(c *Config) { c.MaxRemovals = 2 },
			steps: []step{
				{0, Set, []string{"8"}, time.Hour}, {0, Unset, []string{"1", "2"}, 500 * time.Millisecond},
				{400 * time.Millisecond, Set, []string{"9"}, time.Hour}, {30 * second, Unset, []string{"1", "2"}, time.Hour},
			},
			want: []string{"confirmed [8]", "confirmed [] *deepcall.InterruptedError [] [1 2]", "confirmed [9]", "confirmed [1 2]"},
		},
		"a moved agent is kept though unsetting has stopped": {
			answer: func(_ int, op Operation, _ []string) error {
				if op == Unset {
					return apiError("1015")
				}
				return nil
			},
			steps: []step{{0, Unset, []string{"9"}, time.Hour}, {5 * second, Set, []string{"1"}, time.Hour}, {5 * second, Unset, []string{"1", "2"}, time.Hour}},
			want:  []string{"confirmed [] *deepcall.APIError [9] []", "confirmed [1]", "confirmed [] kept [1] *deepcall.APIError [] [2]"},
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
				n := &network{latency: second, answer: test.answer}
				b := testBatcher(c, n)
				b.send = func(ctx context.Context, op Operation, ids []string) (reply, error) {
					r, err := n.send(ctx, op, ids)
					if _, ok := r.of["1"]; ok && test.busy {
						r.of["1"] = verdict{&RefusedError{Message: inProcessing, inProcessing: true}}
					}
					return r, err
				}
				for i, r := range play(t, b, test.steps...) {
					if got := brief(r); got != test.want[i] {
						t.Errorf("step %d: %s, not %s", i, got, test.want[i])
					}
				}
				n.check(t)
			})
		})
	}
}

// A request that fails once for its content is no sign of a limit below what was
// accepted, nor is one whose callers left.
func TestLimitIsNotLearnedFalsely(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		once := true
		n := &network{latency: time.Second, answer: func(_ int, _ Operation, ids []string) error {
			if has(ids, "p") && len(ids) > 1 && once {
				once = false
				return apiError("1522")
			}
			return nil
		}}
		b := testBatcher(testConfig(), n)
		play(t, b, step{0, Set, agentIDs(1, 500), time.Hour}, step{10 * time.Second, Set, []string{"p", "q"}, time.Hour})
		if b.scheduler.limit != 500 {
			t.Errorf("the limit is %d", b.scheduler.limit)
		}
	})
}

// Retry-After holds for the run whatever the answer was.
func TestRetryAfterOfAnyStatus(t *testing.T) {
	t.Parallel()
	for _, status := range []int{403, 413, 429, 500, 503} {
		synctest.Test(t, func(t *testing.T) {
			c := testConfig()
			c.MaxRetries = 0
			n := &network{answer: func(n int, _ Operation, _ []string) error {
				if n == 0 {
					return &HTTPError{Status: status, retryAfter: 4 * time.Second}
				}
				return nil
			}}
			play(t, testBatcher(c, n), step{0, Set, []string{"1"}, 0}, step{time.Second, Set, []string{"2"}, 0})
			if i := slices.IndexFunc(n.requests, func(r sentRequest) bool { return has(r.ids, "2") }); n.requests[i].at.Sub(n.requests[0].at) < 4*time.Second {
				t.Errorf("HTTP %d: the next request leaves after %v", status, n.requests[i].at.Sub(n.requests[0].at))
			}
		})
	}
}
