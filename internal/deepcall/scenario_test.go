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
	sent    string // requests in short, or "" for any
	givenUp int    // requests
}

// step is one call in a scenario, and what is to become of it.
type step struct {
	op        Operation
	ids       []string
	after     time.Duration // since the scenario's start
	timeout   time.Duration // 0: none
	interrupt time.Duration // after its start; 0: none
	want      string        // its result in short
	took      time.Duration // 0: any
}

func set(ids ...string) step                             { return step{op: Set, ids: ids} }
func unset(ids ...string) step                           { return step{op: Unset, ids: ids} }
func (s step) at(after time.Duration) step               { s.after = after; return s }
func (s step) within(timeout time.Duration) step         { s.timeout = timeout; return s }
func (s step) interruptedAfter(after time.Duration) step { s.interrupt = after; return s }
func (s step) gives(want string) step                    { s.want = want; return s }
func (s step) in(took time.Duration) step                { s.took = took; return s }

const (
	ms  = time.Millisecond
	sec = time.Second
)

func playAll(t *testing.T, scenarios map[string]scenario) {
	t.Helper()
	for name, c := range scenarios {
		t.Run(name, func(t *testing.T) {
			n := &network{latency: cmp.Or(c.latency, sec), answer: c.answer, amend: c.amend}
			bubble(t, n, c.config, func(t *testing.T, b *batcher) {
				results, took := play(t, b, c.steps...)
				for i, s := range c.steps {
					if got := brief(results[i]); got != s.want {
						t.Errorf("step %d:\n%s, want\n%s", i, got, s.want)
					}
					if s.took != 0 && took[i] != s.took {
						t.Errorf("step %d took %v, want %v", i, took[i], s.took)
					}
				}
				if sent := n.brief(); c.sent != "" && sent != c.sent {
					t.Errorf("sent %s, want %s", sent, c.sent)
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
	return strings.Join(s, "; ")
}

// brief says what was sent.
func (n *network) brief() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var sent []string
	for _, r := range n.requests {
		sent = append(sent, fmt.Sprint(map[Operation]string{Set: "set ", Unset: "unset "}[r.op], strings.Join(slices.Sorted(slices.Values(r.ids)), " ")))
	}
	return cmp.Or(strings.Join(sent, ", "), "nothing")
}
