package deepcall

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	n := &network{answer: func(n int, _ Operation, _ []string) error {
		if n == 1 {
			return httpError(503)
		}
		return nil
	}}
	n.amend = func(ids []string, r *reply) {
		if slices.Contains(ids, "a25") {
			r.of["a25"] = invalidAgent
		}
	}
	bubble(t, n, batches(10, 1), func(t *testing.T, b *batcher) {
		var got []string
		b.do(t.Context(), Set, names("a", 35), func(p Progress) {
			got = append(got, fmt.Sprintf("%d: %d+%d of %d, retried %v, error %v", p.Requests, p.Confirmed, p.Failed, p.Total, p.Retried, p.Err != nil))
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

// The report runs in the caller's goroutine without the batcher's lock: it may
// take its time and make calls, and sees every event before the call returns.
func TestReportMayMakeCalls(t *testing.T) {
	bubble(t, &network{latency: sec}, batches(1, 1), func(t *testing.T, b *batcher) {
		events := 0
		r := b.do(t.Context(), Set, names("a", 5), func(p Progress) {
			events++
			time.Sleep(10 * sec)
			id := fmt.Sprintf("b%d", p.Requests)
			wantAll(t, b.do(t.Context(), Set, []string{id}, nil), id)
		})
		if wantAll(t, r, names("a", 5)...); events != 5 {
			t.Errorf("%d events before the call returned, want 5", events)
		}
	})
}

// Each call gets its own agents' results.
func TestSharedResults(t *testing.T) {
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
				set("0").gives("confirmed 0; warning odd"), set("1").at(ms).gives("confirmed 1; warning odd"), set("2").at(2 * ms).gives("confirmed 2"),
			},
		},
		"errors without an agent, and one is not": {
			amend: odd("2"), steps: []step{
				set("0").gives("confirmed 0; warning odd"), set("1").at(ms).gives("confirmed 1"), set("2").at(2 * ms).gives("odd; Invalid AgentID; failed 2"),
			},
		},
		"errors without an agent, in every answer of a call": {
			config: batches(1, 1), amend: odd("none"), steps: []step{set("0", "1").gives("confirmed 0 1; warning odd")},
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
		"the same bad agent, two requests at once": {
			config: batches(500, 2), answer: whenHas(apiError("1000"), "2"), steps: []step{
				set("1", "2").gives("confirmed 1; the API reported code 1000: Invalid parameters; failed 2"),
				set("2", "3").at(ms).gives("confirmed 3; the API reported code 1000: Invalid parameters; failed 2"),
			},
		},
	})
}
