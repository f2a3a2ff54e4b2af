package deepcall

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestLoneRequestIsNotDelayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeAPI{latency: 200 * time.Millisecond}
		client := newTestClient(t, s)
		for i := range 5 { // one after the other
			got := start(t.Context(), client.SetCAD, fmt.Sprint(i)).wait()
			if got.took != s.latency {
				t.Errorf("call %d took %v, want %v", i+1, got.took, s.latency)
			}
		}
	})
}

func TestWhatWaitsRidesTogether(t *testing.T) {
	const callers, rounds, latency = 10, 100, 200 * time.Millisecond
	for _, pause := range []time.Duration{0, 30 * time.Millisecond, 150 * time.Millisecond} { // until the last of them calls again
		synctest.Test(t, func(t *testing.T) {
			s := &fakeAPI{latency: latency}
			client := newTestClient(t, s)
			started := time.Now()
			var all sync.WaitGroup
			for caller := range callers {
				all.Go(func() {
					for round := range rounds {
						id := fmt.Sprintf("%d-%d", caller, round)
						wantAll(t, client.SetCAD(t.Context(), []string{id}, nil), id)
						time.Sleep(pause * time.Duration(caller) / callers)
					}
				})
			}
			all.Wait()
			if n := len(s.seen()); n > 130 {
				t.Errorf("pause %v: %d requests for %d agents, want at most 130", pause, n, callers*rounds)
			}
			if took, want := time.Since(started), rounds*(latency+pause)*5/4; took > want {
				t.Errorf("pause %v: took %v, want at most %v", pause, took, want)
			}
		})
	}
}

func TestShareWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeAPI{latency: time.Second}
		client := newTestClient(t, s)
		began := time.Now()
		calls := []*call{start(t.Context(), client.SetCAD, "first")}
		synctest.Wait()
		for _, id := range []string{"a", "b", "c"} {
			calls = append(calls, start(t.Context(), client.SetCAD, id))
		}
		for _, c := range calls {
			c.wait()
		}
		wantSizes(t, s, 1, 3)

		// Two of the three come back, after 5 and 10 ms: more might, until
		// nobody has come for shareWait.
		time.Sleep(5 * time.Millisecond)
		two := start(t.Context(), client.SetCAD, "d")
		time.Sleep(5 * time.Millisecond)
		more := start(t.Context(), client.SetCAD, "e")
		two.wait()
		more.wait()
		wantSizes(t, s, 1, 3, 2)
		if at := s.seen()[2].at.Sub(began); at != 2*time.Second+10*time.Millisecond+shareWait {
			t.Errorf("the third request left at %v, want %v", at, 2*time.Second+10*time.Millisecond+shareWait)
		}

		// Both of these two come back: nobody else is to be waited for.
		time.Sleep(time.Millisecond)
		f := start(t.Context(), client.SetCAD, "f")
		synctest.Wait()
		g := start(t.Context(), client.SetCAD, "g")
		f.wait()
		g.wait()
		wantSizes(t, s, 1, 3, 2, 2)
		if at, want := s.seen()[3].at.Sub(s.seen()[2].at), time.Second+time.Millisecond; at != want {
			t.Errorf("the fourth request left %v after the third, want %v", at, want)
		}
	})
}

// Callers that come back one by one, each before the others are given up, are
// waited for no longer than shareMost, nor than twice what the request before
// took.
func TestShareWaitEnds(t *testing.T) {
	for latency, want := range map[time.Duration]time.Duration{time.Second: shareMost, 100 * time.Millisecond: 200 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			s := &fakeAPI{latency: latency}
			client := newTestClient(t, s)
			calls := []*call{start(t.Context(), client.SetCAD, "first")}
			synctest.Wait()
			for _, id := range names("shared", 20) {
				calls = append(calls, start(t.Context(), client.SetCAD, id))
			}
			for _, c := range calls {
				c.wait()
			}
			landed := time.Now()
			var back []*call
			for _, id := range names("back", 15) {
				back = append(back, start(t.Context(), client.SetCAD, id))
				time.Sleep(30 * time.Millisecond)
			}
			for _, c := range back {
				c.wait()
			}
			if got := s.seen()[2].at.Sub(landed); got != want {
				t.Errorf("latency %v: the third request left after %v, want %v", latency, got, want)
			}
		})
	}
}

func TestFairShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeAPI{latency: time.Second}
		client := newTestClient(t, s, batchOf(10))
		started := start(t.Context(), client.SetCAD, "first")
		synctest.Wait()
		large := start(t.Context(), client.SetCAD, names("large", 20)...)
		synctest.Wait()
		middle := start(t.Context(), client.SetCAD, names("middle", 6)...)
		synctest.Wait()
		small := start(t.Context(), client.SetCAD, "small")
		for _, c := range []*call{started, large, middle, small} {
			c.wait()
		}
		wantSizes(t, s, 1, 10, 10, 7)
		if got := s.seen()[1].ids; count(got, "small") != 1 || count(got, "middle") < 4 || count(got, "large") < 4 {
			t.Errorf("the first shared request has %v, want small's agent and an even share for the others", got)
		}
	})
}

func count(ids []string, prefix string) (n int) {
	for _, id := range ids {
		if len(id) >= len(prefix) && id[:len(prefix)] == prefix {
			n++
		}
	}
	return n
}

func TestSmallCallsDoNotWaitBehindLargeOnes(t *testing.T) {
	for _, batch := range []int{1, 2} {
		t.Run(fmt.Sprint(batch), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &fakeAPI{latency: time.Second}
				client := newTestClient(t, s, batchOf(batch))
				var large []*call
				for i := range 3 {
					large = append(large, start(t.Context(), client.SetCAD, names(fmt.Sprintf("large%d-", i), 50)...))
					synctest.Wait()
				}
				small := start(t.Context(), client.SetCAD, "small").wait()
				wantAll(t, small.Result, "small")
				if small.took > 10*time.Second {
					t.Errorf("%d agents a request: one agent took %v behind three calls of fifty", batch, small.took)
				}
				for _, c := range large {
					c.wait()
				}
			})
		})
	}
}

func TestAgentAskedForByTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeAPI{latency: time.Second}
		client := newTestClient(t, s)
		first := start(t.Context(), client.SetCAD, "0")
		synctest.Wait()
		a := start(t.Context(), client.SetCAD, "1", "2")
		b := start(t.Context(), client.SetCAD, "2", "3")
		wantAll(t, first.wait().Result, "0")
		wantAll(t, a.wait().Result, "1", "2")
		wantAll(t, b.wait().Result, "2", "3")
		wantSizes(t, s, 1, 3)
	})
}
