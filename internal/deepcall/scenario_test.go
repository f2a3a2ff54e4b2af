package deepcall

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// scenario is some calls against a network.
type scenario struct {
	config  func(*Config)
	latency time.Duration // 0: a second
	answer  failing
	amend   func(ids []string, r *reply)
	steps   []step
	want    []string        // the result of each step, in short
	took    []time.Duration // each step, or nil for any
	sent    []string        // requests in short, or nil for any
	givenUp int             // requests
}

// step is one call in a scenario.
type step struct {
	op        Operation
	ids       []string
	after     time.Duration // since the scenario's start
	timeout   time.Duration // 0: none
	interrupt time.Duration // after its start; 0: none
}

func set(ids ...string) step                             { return step{op: Set, ids: ids} }
func unset(ids ...string) step                           { return step{op: Unset, ids: ids} }
func (s step) at(after time.Duration) step               { s.after = after; return s }
func (s step) within(timeout time.Duration) step         { s.timeout = timeout; return s }
func (s step) interruptedAfter(after time.Duration) step { s.interrupt = after; return s }

const ms = time.Millisecond

func playAll(t *testing.T, scenarios map[string]scenario) {
	t.Helper()
	for name, c := range scenarios {
		t.Run(name, func(t *testing.T) {
			n := &network{latency: cmp.Or(c.latency, time.Second), answer: c.answer, amend: c.amend}
			bubble(t, n, c.config, func(t *testing.T, b *batcher) {
				results, took := play(t, b, c.steps...)
				for i, r := range results {
					if got := brief(r); got != c.want[i] {
						t.Errorf("step %d:\n%s, want\n%s", i, got, c.want[i])
					}
				}
				if c.took != nil && !slices.Equal(took, c.took) {
					t.Errorf("the steps took %v, want %v", took, c.took)
				}
				if sent := n.brief(); c.sent != nil && !slices.Equal(sent, c.sent) {
					t.Errorf("sent %q, want %q", sent, c.sent)
				}
				if n.givenUp != c.givenUp {
					t.Errorf("%d requests were given up, want %d", n.givenUp, c.givenUp)
				}
			})
		})
	}
}

// play makes calls and returns their results and how long they took.
func play(t *testing.T, b *batcher, steps ...step) ([]Result, []time.Duration) {
	t.Helper()
	results, took := make([]Result, len(steps)), make([]time.Duration, len(steps))
	var all sync.WaitGroup
	for i, s := range steps {
		all.Go(func() {
			time.Sleep(s.after)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if s.timeout != 0 {
				ctx, cancel = context.WithTimeout(ctx, s.timeout)
				defer cancel()
			}
			if s.interrupt != 0 {
				time.AfterFunc(s.interrupt, cancel)
			}
			started := time.Now()
			results[i] = b.do(ctx, s.op, s.ids, nil)
			took[i] = time.Since(started)
		})
	}
	all.Wait()
	synctest.Wait() // until the network has seen the last interrupt
	return results, took
}

// brief says what became of the agents of a call.
func brief(r Result) string {
	var s []string
	say := func(what string, ids []string) {
		if len(ids) > 0 {
			s = append(s, what+" "+strings.Join(slices.Sorted(slices.Values(ids)), " "))
		}
	}
	say("confirmed", r.Confirmed)
	say("kept", r.Kept)
	for _, f := range r.Failures {
		s = append(s, f.Err.Error())
		say("failed", f.AgentIDs)
		say("not tried", f.NotTried)
	}
	for _, w := range r.Warnings {
		s = append(s, "warning "+w)
	}
	return strings.Join(s, "; ")
}

func (n *network) brief() (sent []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, r := range n.requests {
		sent = append(sent, fmt.Sprint(map[Operation]string{Set: "set ", Unset: "unset "}[r.op], strings.Join(slices.Sorted(slices.Values(r.ids)), " ")))
	}
	return sent
}
