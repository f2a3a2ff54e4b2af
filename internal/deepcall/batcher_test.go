package deepcall

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestBatches(t *testing.T) {
	for _, c := range []struct {
		agents, batch, most int
		want                []int
	}{
		{0, 500, 1, nil},
		{500, 500, 1, []int{500}},
		{1250, 500, 1, []int{500, 500, 250}},
		{3, 1, 1, []int{1, 1, 1}},
		{10, 2, 4, []int{2, 2, 2, 2, 2}},
	} {
		n := &network{latency: sec}
		bubble(t, n, batches(c.batch, c.most), func(t *testing.T, b *batcher) {
			ids, started := agentIDs(1, c.agents), time.Now()
			wantAll(t, b.do(t.Context(), Set, ids, nil), ids...)
			var got []int
			for _, r := range n.requests {
				got = append(got, len(r.ids))
			}
			if took := time.Since(started); !slices.Equal(got, c.want) || took != time.Duration((len(c.want)+c.most-1)/c.most)*sec {
				t.Errorf("%d agents by %d, %d at once: %v, want %v, in %v", c.agents, c.batch, c.most, got, c.want, took)
			}
		})
	}
}

// A set is sent at once, unless others were released by a shared request: then
// it waits until all of them are back, or none has come for a while.
func TestLoneSetIsNotDelayed(t *testing.T) {
	one := func(id string) step { return set(id).gives("confirmed " + id) }
	playAll(t, map[string]scenario{
		"one after the other": {
			steps: []step{one("1").in(sec), one("2").at(sec).in(sec), one("3").at(2 * sec).in(sec)},
		},
		"after a shared one": {
			steps: []step{
				one("0").in(sec), one("1").at(ms).in(1999 * ms), one("2").at(2 * ms).in(1998 * ms), one("3").at(3 * ms).in(1997 * ms),
				one("4").at(2005 * ms).in(1005*ms + shareQuiet), one("5").at(2010 * ms).in(sec + shareQuiet), // two of the three come back
				one("6").at(3011*ms + shareQuiet).in(sec), one("7").at(3011*ms + shareQuiet).in(sec), // both of these two do
			},
			sent: "set 0, set 1 2 3, set 4 5, set 6 7",
		},
		"after a shared one, with a request's worth of agents": {
			config: batches(2, 1), sent: "set 0, set 1 2, set 3 4",
			steps: []step{one("0"), one("1").at(ms), one("2").at(ms), set("3", "4").at(2010 * ms).gives("confirmed 3 4").in(sec)},
		},
	})
}

// Callers that ask for one agent after the other, as Terraform's ten do, share
// their requests and lose little time over it.
func TestCallersShareRequests(t *testing.T) {
	const callers, rounds = 10, 100
	for _, pause := range []time.Duration{0, 30 * ms, 150 * ms} { // until the last of them calls again
		n := &network{latency: 200 * ms}
		bubble(t, n, nil, func(t *testing.T, b *batcher) {
			started := time.Now()
			var all sync.WaitGroup
			for caller := range callers {
				all.Go(func() {
					for round := range rounds {
						id := fmt.Sprintf("%d-%d", caller, round)
						wantAll(t, b.do(t.Context(), Set, []string{id}, nil), id)
						time.Sleep(pause * time.Duration(caller) / callers)
					}
				})
			}
			all.Wait()
			if len(n.requests) > 130 {
				t.Errorf("pause %v: %d requests for %d agents, want at most 130", pause, len(n.requests), callers*rounds)
			}
			if took, want := time.Since(started), rounds*(n.latency+pause)*5/4; took > want {
				t.Errorf("pause %v: took %v, want at most %v", pause, took, want)
			}
		})
	}
}

// Callers that come back one by one are waited for no longer than maxShare, nor
// than twice what the request before took.
func TestSharePauseEnds(t *testing.T) {
	for latency, want := range map[time.Duration]time.Duration{sec: maxShare, 100 * ms: 200 * ms} {
		n := &network{latency: latency}
		bubble(t, n, nil, func(t *testing.T, b *batcher) {
			steps := []step{set("0")}
			for _, id := range agentIDs(1, 20) {
				steps = append(steps, set(id).at(ms))
			}
			for i, id := range agentIDs(21, 35) {
				steps = append(steps, set(id).at(2*latency+time.Duration(i)*30*ms))
			}
			play(t, b, steps...)
			if got := n.requests[2].at.Sub(n.requests[1].at) - latency; got != want {
				t.Errorf("latency %v: the third request left after %v, want %v", latency, got, want)
			}
		})
	}
}

// Calls have even shares of a request. What one does not need is the others'.
func TestFairShares(t *testing.T) {
	playAll(t, map[string]scenario{"": {
		config: batches(4, 1), sent: "set 0, set 1 11 2 21, set 12 13 3 4, set 5 6 7 8",
		steps: []step{
			set("0").gives("confirmed 0"), set(agentIDs(1, 8)...).at(1).gives("confirmed 1 2 3 4 5 6 7 8"),
			set("11", "12", "13").at(2).gives("confirmed 11 12 13"), set("21").at(3).gives("confirmed 21"),
		},
	}})
}

// A small call does not wait behind the whole of large ones, even where a request
// has no room for all, nor behind a steady stream of the other operation, nor
// behind all parts of a refused request.
func TestCallersAreServedInTurn(t *testing.T) {
	for name, c := range map[string]struct {
		config func(*Config)
		large  int // agents of each large call
		calls  int // large ones at a time, one after the other
		op     Operation
		most   time.Duration
		answer failing
	}{
		"set behind one of 100,000":        {batches(500, 1), 100_000, 1, Set, 4 * sec, nil},
		"unset behind one of 100,000":      {batches(500, 1), 100_000, 1, Unset, 4 * sec, nil},
		"one agent a request":              {batches(1, 1), 50, 3, Set, 10 * sec, nil},
		"two agents a request":             {batches(2, 1), 50, 3, Set, 10 * sec, nil},
		"unset in a stream of sets":        {batches(500, 1), 1, 5, Unset, 4 * sec, nil},
		"unset in a stream of sets, fours": {batches(500, 4), 1, 5, Unset, 4 * sec, nil},
		"parts of a refused request":       {batches(500, 1), 500, 1, Set, 4 * sec, whenHas(apiError("1000"), "20", "111", "222", "333")},
		"parts of many refused requests":   {batches(500, 1), 3000, 1, Set, 4 * sec, whenHas(apiError("1000"), "1", "501", "1001", "1501", "2001", "2501")},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, &network{latency: sec, answer: c.answer}, c.config, func(t *testing.T, b *batcher) {
				ctx, stop := context.WithCancel(t.Context())
				for i := range c.calls {
					go func() {
						for round := 0; ctx.Err() == nil; round++ {
							from := (c.calls*round + i) * c.large
							b.do(ctx, Set, agentIDs(from+1, from+c.large), nil)
						}
					}()
				}
				time.Sleep(2500 * ms)
				_, took := play(t, b, step{op: c.op, ids: []string{"0"}})
				if stop(); took[0] > c.most {
					t.Errorf("took %v", took)
				}
				synctest.Wait()
			})
		})
	}
}

// Both operations have turns, of as many requests as may be in flight.
func TestOperationsTakeTurns(t *testing.T) {
	n := &network{latency: sec}
	bubble(t, n, batches(1, 2), func(t *testing.T, b *batcher) {
		play(t, b, set(agentIDs(1, 5)...), unset(agentIDs(6, 9)...))
		var turns []Operation
		for _, r := range n.requests {
			turns = append(turns, r.op)
		}
		if want := []Operation{Set, Set, Unset, Unset, Set, Set, Unset, Unset, Set}; !slices.Equal(turns, want) {
			t.Errorf("turns %v, want %v", turns, want)
		}
	})
}
