package deepcall

import (
	"testing"
	"testing/synctest"
	"time"
)

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
