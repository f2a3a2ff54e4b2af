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
		agents, batch int
		want          []int
	}{
		{0, 500, nil},
		{1, 500, []int{1}},
		{500, 500, []int{500}},
		{501, 500, []int{500, 1}},
		{1250, 500, []int{500, 500, 250}},
		{3, 1, []int{1, 1, 1}},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &fakeAPI{latency: time.Second}
			ids := names("a", c.agents)
			got := start(t.Context(), newTestClient(t, s, batchOf(c.batch)).SetCAD, ids...).wait()
			wantAll(t, got.Result, ids...)
			wantSizes(t, s, c.want...)
			if want := time.Duration(len(c.want)) * time.Second; got.took != want {
				t.Errorf("%d agents by %d took %v, want %v: one request after the other, without a pause", c.agents, c.batch, got.took, want)
			}
			if s.most > 1 {
				t.Errorf("%d requests in flight", s.most)
			}
		})
	}
}

func TestRequestsInFlight(t *testing.T) {
	for _, most := range []int{1, 2, 4} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &fakeAPI{latency: time.Second}
				got := start(t.Context(), newTestClient(t, s, batchOf(10), concurrent(most)).SetCAD, names("a", 160)...).wait()
				wantAll(t, got.Result, names("a", 160)...)
				if want := 16 * time.Second / time.Duration(most); got.took != want {
					t.Errorf("%d at once: took %v, want %v", most, got.took, want)
				}
				if s.most > most || most > 1 && s.most == 1 {
					t.Errorf("%d at once: %d were in flight", most, s.most)
				}
			})
		})
	}
}

// Callers that ask for one agent after the other, as Terraform's ten do, share
// their requests, and lose no time over it.
// The pause after a shared request ends when all that it released are back, and
// ends for one that comes alone.
// Nobody waits behind a long call, even where a request has not room for all.
// An agent named twice in one call has one outcome.
func TestAgentNamedTwice(t *testing.T) {
	for _, batch := range []int{1, 500} {
		t.Run(fmt.Sprint(batch), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &fakeAPI{}
				got := newTestClient(t, s, batchOf(batch)).SetCAD(t.Context(), []string{"1", "2", "1"}, nil)
				wantAll(t, got, "1", "2")
			})
		})
	}
}

func TestSetAndUnsetDoNotOverlap(t *testing.T) {
	for _, most := range []int{1, 4} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &fakeAPI{latency: time.Second}
				client := newTestClient(t, s, batchOf(2), concurrent(most))
				var calls []*call
				for i := range 6 {
					do := client.SetCAD
					if i%2 == 1 {
						do = client.UnsetCAD
					}
					calls = append(calls, start(t.Context(), do, names(fmt.Sprintf("%d-", i), 5)...))
					synctest.Wait()
				}
				for i, c := range calls {
					wantAll(t, c.wait().Result, names(fmt.Sprintf("%d-", i), 5)...)
				}
				if s.mixed {
					t.Error("a set and an unset were in flight together")
				}
				if s.most > most || most > 1 && s.most == 1 {
					t.Errorf("%d requests in flight, want %d", s.most, most)
				}
			})
		})
	}
}

// A steady stream of one does not keep the other waiting for good.
func TestUnsetIsNotStarved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeAPI{latency: time.Second}
		client := newTestClient(t, s, concurrent(2))
		ctx, stop := context.WithCancel(t.Context())
		var setters sync.WaitGroup
		for i := range 5 {
			setters.Go(func() {
				for n := 0; ctx.Err() == nil; n++ {
					client.SetCAD(ctx, []string{fmt.Sprintf("%d-%d", i, n)}, nil)
				}
			})
		}
		synctest.Wait()
		unset := start(t.Context(), client.UnsetCAD, "x").wait()
		stop()
		setters.Wait()
		wantAll(t, unset.Result, "x")
		if unset.took > 5*time.Second {
			t.Errorf("took %v", unset.took)
		}
	})
}

func TestKeptAgents(t *testing.T) {
	for name, order := range map[string]func(*testing.T, *Client) *call{
		"set before": func(t *testing.T, c *Client) *call {
			c.SetCAD(t.Context(), []string{"1"}, nil)
			return start(t.Context(), c.UnsetCAD, "1", "2")
		},
		"set in flight": func(t *testing.T, c *Client) *call {
			start(t.Context(), c.SetCAD, "1")
			synctest.Wait()
			return start(t.Context(), c.UnsetCAD, "1", "2")
		},
		"set while the unset waits": func(t *testing.T, c *Client) *call {
			start(t.Context(), c.SetCAD, "0")
			synctest.Wait()
			unset := start(t.Context(), c.UnsetCAD, "1", "2")
			synctest.Wait()
			start(t.Context(), c.SetCAD, "1")
			return unset
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &fakeAPI{latency: time.Second}
				got := order(t, newTestClient(t, s)).wait()
				wantIDs(t, "kept", got.Kept, "1")
				wantIDs(t, "unset", got.Confirmed, "2")
				for _, q := range s.seen() {
					if q.endpoint == "unsetCad" && slices.Contains(q.ids, "1") {
						t.Errorf("request %d unsets agent 1", q.n)
					}
				}
				time.Sleep(time.Minute) // the other calls end
			})
		})
	}
}

// An unset that is under way when the set comes is followed by the set, and not
// tried again.
func TestSetWhileTheUnsetIsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeAPI{latency: time.Second, answer: once(httpStatus(503))}
		client := newTestClient(t, s)
		unset := start(t.Context(), client.UnsetCAD, "1", "2")
		synctest.Wait()
		set := start(t.Context(), client.SetCAD, "1")
		wantAll(t, set.wait().Result, "1")
		unset.wait()
		wantIDs(t, "kept", unset.Kept, "1")
		wantIDs(t, "unset", unset.Confirmed, "2")
		var order []string
		for _, q := range s.seen() {
			order = append(order, fmt.Sprint(q.endpoint, q.ids))
		}
		if s.mixed || !slices.Contains(order, "setCad[1]") || slices.Contains(order[1:], "unsetCad[1 2]") {
			t.Errorf("sent %v", order)
		}
	})
}

func TestAllKeptSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeAPI{}
		client := newTestClient(t, s)
		client.SetCAD(t.Context(), names("a", 3), nil)
		got := client.UnsetCAD(t.Context(), names("a", 3), nil)
		wantIDs(t, "kept", got.Kept, names("a", 3)...)
		wantSizes(t, s, 3)
	})
}
