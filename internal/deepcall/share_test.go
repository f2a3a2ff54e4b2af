package deepcall

import (
	"context"
	"fmt"
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
		bubble(t, n, func(t *testing.T) {
			config, ids := testConfig(), names("a", c.agents)
			config.BatchSize, config.MaxConcurrentRequests = c.batch, c.most
			started := time.Now()
			// An agent that is named twice has one outcome.
			wantAll(t, testBatcher(config, n).do(t.Context(), Set, append(ids, ids...), nil), ids...)
			wantSizes(t, n, c.want...)
			if got, want := time.Since(started), time.Duration((len(c.want)+c.most-1)/c.most)*time.Second; got != want {
				t.Errorf("%d agents by %d, %d at once: took %v, want %v", c.agents, c.batch, c.most, got, want)
			}
		})
	}
}

func TestLoneSetIsNotDelayed(t *testing.T) {
	n := &network{latency: 200 * time.Millisecond}
	bubble(t, n, func(t *testing.T) {
		b := testBatcher(testConfig(), n)
		for i := range 5 {
			if _, took := background(t.Context(), b, Set, fmt.Sprint(i))(); took != n.latency {
				t.Errorf("call %d took %v, want %v", i+1, took, n.latency)
			}
		}
	})
}

// Callers that ask for one agent after the other, as Terraform's ten do, share
// their requests and lose little time over it.
func TestCallersShareRequests(t *testing.T) {
	const callers, rounds = 10, 100
	for _, pause := range []time.Duration{0, 30 * time.Millisecond, 150 * time.Millisecond} { // until the last of them calls again
		n := &network{latency: 200 * time.Millisecond}
		bubble(t, n, func(t *testing.T) {
			b, started := testBatcher(testConfig(), n), time.Now()
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

// The pause after a shared request ends when all that it released are back, or
// when none has come for a while.
func TestSharePause(t *testing.T) {
	n := &network{latency: time.Second}
	bubble(t, n, func(t *testing.T) {
		b, began := testBatcher(testConfig(), n), time.Now()
		call := func(ids ...string) (wait func() (Result, time.Duration)) {
			defer synctest.Wait()
			return background(t.Context(), b, Set, ids...)
		}
		first, a, bb, c := call("first"), call("a"), call("b"), call("c")
		first()
		a()
		bb()
		c()
		wantSizes(t, n, 1, 3)

		time.Sleep(5 * time.Millisecond) // two of the three come back
		d := call("d")
		time.Sleep(5 * time.Millisecond)
		e := call("e")
		d()
		e()
		wantSizes(t, n, 1, 3, 2)
		if at, want := n.requests[2].at.Sub(began), 2*time.Second+10*time.Millisecond+shareQuiet; at != want {
			t.Errorf("the third request left at %v, want %v", at, want)
		}

		time.Sleep(time.Millisecond) // both of these two come back
		f, g := call("f"), call("g")
		f()
		g()
		if at, want := n.requests[3].at.Sub(n.requests[2].at), time.Second+time.Millisecond; at != want {
			t.Errorf("the fourth request left %v after the third, want %v", at, want)
		}
	})
}

// Callers that come back one by one are waited for no longer than maxShare, nor
// than twice what the request before took.
func TestSharePauseEnds(t *testing.T) {
	for latency, want := range map[time.Duration]time.Duration{time.Second: maxShare, 100 * time.Millisecond: 200 * time.Millisecond} {
		n := &network{latency: latency}
		bubble(t, n, func(t *testing.T) {
			b := testBatcher(testConfig(), n)
			steps := []step{{0, Set, []string{"first"}, 0}}
			for _, id := range names("shared", 20) {
				steps = append(steps, step{time.Millisecond, Set, []string{id}, 0})
			}
			for i, id := range names("back", 15) {
				steps = append(steps, step{2*latency + time.Duration(i)*30*time.Millisecond, Set, []string{id}, 0})
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
	bubble(t, n, func(t *testing.T) {
		config := testConfig()
		config.BatchSize = 10
		play(t, testBatcher(config, n), step{0, Set, []string{"first"}, 0},
			step{1, Set, names("large", 20), 0}, step{2, Set, names("middle", 6), 0}, step{3, Set, []string{"small"}, 0})
		wantSizes(t, n, 1, 10, 10, 7)
		count := map[string]int{}
		for _, id := range n.requests[1].ids {
			count[strings.TrimRight(id, "0123456789")]++
		}
		if count["small"] != 1 || count["middle"] < 4 || count["large"] < 4 {
			t.Errorf("the first shared request has %v, want small's agent and an even share for the others", count)
		}
	})
}

// Even where a request has no room for all, nobody waits behind a long call.
func TestSmallCallsDoNotWaitBehindLargeOnes(t *testing.T) {
	for _, batch := range []int{1, 2} {
		n := &network{latency: time.Second}
		bubble(t, n, func(t *testing.T) {
			config := testConfig()
			config.BatchSize = batch
			b := testBatcher(config, n)
			ctx, stop := context.WithCancel(t.Context())
			for i := range 3 {
				background(ctx, b, Set, names(fmt.Sprintf("large%d-", i), 50)...)
				synctest.Wait()
			}
			r, took := background(t.Context(), b, Set, "small")()
			stop()
			synctest.Wait()
			if wantAll(t, r, "small"); took > 10*time.Second {
				t.Errorf("%d agents a request: one agent took %v behind three calls of fifty", batch, took)
			}
		})
	}
}

// An agent that two calls ask for at once is sent once for both, and never in
// two requests at a time.
func TestAgentOfTwoCalls(t *testing.T) {
	for _, most := range []int{1, 3} {
		n := &network{latency: time.Second}
		bubble(t, n, func(t *testing.T) {
			config := testConfig()
			config.MaxConcurrentRequests = most
			results := play(t, testBatcher(config, n), step{0, Set, []string{"0", "2"}, 0}, step{1, Set, []string{"1", "2"}, 0}, step{2, Set, []string{"2", "3"}, 0})
			wantAll(t, results[0], "0", "2")
			wantAll(t, results[1], "1", "2")
			wantAll(t, results[2], "2", "3")
		})
	}
}

// A steady stream of one operation does not keep the other waiting for good.
func TestUnsetIsNotStarved(t *testing.T) {
	for _, most := range []int{1, 2, 4} {
		n := &network{latency: time.Second}
		bubble(t, n, func(t *testing.T) {
			config := testConfig()
			config.MaxConcurrentRequests = most
			b := testBatcher(config, n)
			ctx, stop := context.WithCancel(t.Context())
			for i := range 5 {
				go func() {
					for n := 0; ctx.Err() == nil; n++ {
						b.do(ctx, Set, []string{fmt.Sprintf("%d-%d", i, n)}, nil)
					}
				}()
			}
			synctest.Wait()
			r, took := background(t.Context(), b, Unset, "x")()
			stop()
			synctest.Wait()
			if wantAll(t, r, "x"); took > 5*time.Second {
				t.Errorf("%d at once: took %v", most, took)
			}
		})
	}
}

func TestAllKeptSendsNothing(t *testing.T) {
	n := &network{}
	bubble(t, n, func(t *testing.T) {
		b := testBatcher(testConfig(), n)
		wantAll(t, b.do(t.Context(), Set, names("a", 3), nil), names("a", 3)...)
		wantIDs(t, "kept", b.do(t.Context(), Unset, names("a", 3), nil).Kept, names("a", 3)...)
		wantSizes(t, n, 3)
	})
}
