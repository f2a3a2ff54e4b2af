package deepcall

import (
	"context"
	"fmt"
	"slices"
	"strings"
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
		{0, 500, 1, []int{}},
		{1, 500, 1, []int{1}},
		{500, 500, 1, []int{500}},
		{501, 500, 1, []int{500, 1}},
		{1250, 500, 1, []int{500, 500, 250}},
		{3, 1, 1, []int{1, 1, 1}},
		{8, 2, 2, []int{2, 2, 2, 2}},
		{10, 2, 4, []int{2, 2, 2, 2, 2}},
	} {
		n := &network{latency: time.Second}
		bubble(t, n, batches(c.batch, c.most), func(t *testing.T, b *batcher) {
			ids, started := names("a", c.agents), time.Now()
			// An agent that is named twice has one outcome.
			wantAll(t, b.do(t.Context(), Set, append(ids, ids...), nil), ids...)
			if got := n.sizes(); !slices.Equal(got, c.want) {
				t.Errorf("%d agents by %d: %v, want %v", c.agents, c.batch, got, c.want)
			}
			if got, want := time.Since(started), time.Duration((len(c.want)+c.most-1)/c.most)*time.Second; got != want {
				t.Errorf("%d agents by %d, %d at once: took %v, want %v", c.agents, c.batch, c.most, got, want)
			}
		})
	}
}

// A set is sent at once, unless others were released by a shared request: then
// it waits until all of them are back, or none has come for a while.
func TestLoneSetIsNotDelayed(t *testing.T) {
	second := time.Second
	playAll(t, map[string]scenario{
		"one after the other": {
			steps: []step{set("1"), set("2").at(second), set("3").at(2 * second), set("4").at(3 * second)},
			want:  []string{"confirmed 1", "confirmed 2", "confirmed 3", "confirmed 4"},
			took:  []time.Duration{second, second, second, second},
		},
		"after a shared one": {
			steps: []step{
				set("first"), set("a").at(ms), set("b").at(2 * ms), set("c").at(3 * ms),
				set("d").at(2005 * ms), set("e").at(2010 * ms), // two of the three come back
				set("f").at(3011*ms + shareQuiet), set("g").at(3011*ms + shareQuiet), // both of these two do
			},
			want: []string{
				"confirmed first", "confirmed a", "confirmed b", "confirmed c", "confirmed d", "confirmed e", "confirmed f", "confirmed g",
			},
			took: []time.Duration{second, 1999 * ms, 1998 * ms, 1997 * ms, 1005*ms + shareQuiet, second + shareQuiet, second, second},
			sent: []string{"set first", "set a b c", "set d e", "set f g"},
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
	for latency, want := range map[time.Duration]time.Duration{time.Second: maxShare, 100 * ms: 200 * ms} {
		n := &network{latency: latency}
		bubble(t, n, nil, func(t *testing.T, b *batcher) {
			steps := []step{set("first")}
			for _, id := range names("shared", 20) {
				steps = append(steps, set(id).at(ms))
			}
			for i, id := range names("back", 15) {
				steps = append(steps, set(id).at(2*latency+time.Duration(i)*30*ms))
			}
			play(t, b, steps...)
			if got := n.requests[2].at.Sub(n.requests[1].at) - latency; got != want {
				t.Errorf("latency %v: the third request left after %v, want %v", latency, got, want)
			}
		})
	}
}

func TestFairShares(t *testing.T) {
	n := &network{latency: time.Second}
	bubble(t, n, batches(10, 1), func(t *testing.T, b *batcher) {
		play(t, b, set("first"), set(names("large", 20)...).at(1), set(names("middle", 6)...).at(2), set("small").at(3))
		if got := n.sizes(); !slices.Equal(got, []int{1, 10, 10, 7}) {
			t.Errorf("agents in the requests: %v", got)
		}
		count := map[string]int{}
		for _, id := range n.requests[1].ids {
			count[strings.TrimRight(id, "0123456789")]++
		}
		if count["small"] != 1 || count["middle"] < 4 || count["large"] < 4 {
			t.Errorf("the first shared request has %v, want small's agent and an even share for the others", count)
		}
	})
}

// A small call does not wait behind the whole of large ones, even where a request
// has no room for all, nor behind a steady stream of the other operation.
func TestCallersAreServedInTurn(t *testing.T) {
	for name, c := range map[string]struct {
		config func(*Config)
		large  int // agents of each large call
		calls  int // large ones at a time, one after the other
		op     Operation
		most   time.Duration
	}{
		"set behind one of 100,000":        {batches(500, 1), 100_000, 1, Set, 10 * time.Second},
		"unset behind one of 100,000":      {batches(500, 1), 100_000, 1, Unset, 10 * time.Second},
		"one agent a request":              {batches(1, 1), 50, 3, Set, 10 * time.Second},
		"two agents a request":             {batches(2, 1), 50, 3, Set, 10 * time.Second},
		"unset in a stream of sets":        {batches(500, 1), 1, 5, Unset, 5 * time.Second},
		"unset in a stream of sets, two":   {batches(500, 2), 1, 5, Unset, 5 * time.Second},
		"unset in a stream of sets, fours": {batches(500, 4), 1, 5, Unset, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, &network{latency: time.Second}, c.config, func(t *testing.T, b *batcher) {
				ctx, stop := context.WithCancel(t.Context())
				for i := range c.calls {
					go func() {
						for round := 0; ctx.Err() == nil; round++ {
							b.do(ctx, Set, names(fmt.Sprintf("%d-%d-", i, round), c.large), nil)
						}
					}()
				}
				time.Sleep(2500 * ms)
				_, took := play(t, b, step{op: c.op, ids: []string{"small"}})
				if stop(); took[0] > c.most {
					t.Errorf("took %v", took)
				}
				synctest.Wait()
			})
		})
	}
}
