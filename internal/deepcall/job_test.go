package deepcall

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestRetryAfterIsHonoured(t *testing.T) {
	for name, c := range map[string]struct {
		first canned
		want  time.Duration
	}{
		"seconds":                  {retryAfter(429, "7"), 7 * time.Second},
		"date":                     {canned{status: 503}, 90 * time.Second},
		"shorter than the backoff": {retryAfter(503, "0"), time.Second},
		"of no sense":              {retryAfter(503, "soon"), time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if name == "date" {
					c.first = retryAfter(503, time.Now().UTC().Add(90*time.Second).Format("Mon, 02 Jan 2006 15:04:05 GMT"))
				}
				s := &fakeAPI{answer: once(c.first)}
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
				defer cancel()
				got := start(ctx, newTestClient(t, s).SetCAD, "1").wait()
				wantAll(t, got.Result, "1")
				if got.took != c.want {
					t.Errorf("took %v, want %v", got.took, c.want)
				}
			})
		})
	}
}

// A wait that would outlive the operation is not begun: not by the call that was
// told to wait, not by one that waits behind it, not by one that comes later.
func TestWaitBeyondTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeAPI{latency: time.Second, answer: once(retryAfter(429, "3600"))}
		client := newTestClient(t, s, batchOf(2))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
		defer cancel()
		told := start(ctx, client.SetCAD, names("a", 4)...)
		synctest.Wait()
		behind := start(ctx, client.SetCAD, "b")
		told.wait()
		behind.wait()
		later := start(ctx, client.SetCAD, "c").wait()
		patient := start(t.Context(), client.SetCAD, "d") // has no timeout

		const words = "HTTP 429 Too Many Requests; the next try would have been due in 1h0m0s, later than the operation's timeout"
		wantFailure(t, told.Result, words, []string{"a1", "a2"}, []string{"a3", "a4"})
		wantFailure(t, behind.Result, words, nil, []string{"b"})
		wantFailure(t, later.Result, words, nil, []string{"c"})
		if told.took != time.Second || behind.took != time.Second || later.took != 0 {
			t.Errorf("took %v, %v and %v", told.took, behind.took, later.took)
		}
		if g, ok := errors.AsType[*GaveUpError](told.Failures[0].Err); !ok || g.Wait != time.Hour {
			t.Errorf("given up with %+v", g)
		}
		wantSizes(t, s, 2)
		wantAll(t, patient.wait().Result, "d")
		checkLastProgress(t, told)
	})
}

// checkLastProgress checks that the last event tells of the end.
func checkLastProgress(t *testing.T, c *call) {
	t.Helper()
	if len(c.progress) == 0 {
		t.Fatal("no progress")
	}
	failed := 0
	for _, f := range c.Failures {
		failed += len(f.AgentIDs) + len(f.NotTried)
	}
	if last := c.progress[len(c.progress)-1]; last.Retried || last.Failed != failed || last.Confirmed != len(c.Confirmed) {
		t.Errorf("the last event says %+v; %d agents were confirmed and %d failed", last, len(c.Confirmed), failed)
	}
}

func TestDeadline(t *testing.T) {
	for name, s := range map[string]*fakeAPI{
		"server hangs":  {latency: time.Hour},
		"server drips":  {answer: always(canned{latency: 59 * time.Second, cut: true})},
		"always 503":    {answer: always(httpStatus(503))},
		"always busy":   {answer: func(q arrival) canned { return canned{body: answering(nil, map[string]string{"1": inProcessing})} }},
		"always resets": {answer: always(refusedConnection)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
				defer cancel()
				got := start(ctx, newTestClient(t, s, retries(1_000_000)).SetCAD, "1").wait()
				wantFailure(t, got.Result, "", []string{"1"}, nil)
				if got.took > 90*time.Second {
					t.Errorf("took %v, longer than its deadline", got.took)
				}
			})
		})
	}
}

func TestEndedBeforeItBegan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeAPI{}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		got := newTestClient(t, s).SetCAD(ctx, []string{"1", "2"}, nil)
		wantFailure(t, got, "context canceled", nil, []string{"1", "2"})
		wantSizes(t, s)
	})
}

func TestInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeAPI{latency: time.Second}
		client := newTestClient(t, s, batchOf(2))
		ctx, interrupt := context.WithCancel(t.Context())
		c := start(ctx, client.SetCAD, names("a", 6)...)
		time.Sleep(1500 * time.Millisecond)
		interrupt()
		c.wait()
		if c.took != 1500*time.Millisecond {
			t.Errorf("took %v", c.took)
		}
		wantIDs(t, "confirmed", c.Confirmed, "a1", "a2")
		wantFailure(t, c.Result, "context canceled", []string{"a3", "a4"}, []string{"a5", "a6"})
		synctest.Wait()
		if s.given != 1 {
			t.Errorf("%d requests given up, want 1", s.given)
		}
		wantAll(t, client.SetCAD(t.Context(), []string{"b"}, nil), "b") // the client goes on
		wantSizes(t, s, 2, 2, 1)
	})
}

// Of those that share a request, one may leave without the others noticing;
// when all have left, it is given up.
func TestInterruptOfSome(t *testing.T) {
	for _, leaving := range []int{1, 2, 3} {
		t.Run(fmt.Sprint(leaving), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &fakeAPI{latency: time.Second}
				client := newTestClient(t, s)
				start(t.Context(), client.SetCAD, "0")
				synctest.Wait()
				var calls []*call
				var interrupts []context.CancelFunc
				for _, id := range []string{"1", "2", "3"} {
					ctx, interrupt := context.WithCancel(t.Context())
					defer interrupt()
					interrupts = append(interrupts, interrupt)
					calls = append(calls, start(ctx, client.SetCAD, id))
					synctest.Wait()
				}
				time.Sleep(1500 * time.Millisecond)
				for _, interrupt := range interrupts[:leaving] {
					interrupt()
				}
				for i, c := range calls {
					id := fmt.Sprint(i + 1)
					if c.wait(); i >= leaving {
						wantAll(t, c.Result, id)
						continue
					}
					wantFailure(t, c.Result, "context canceled", []string{id}, nil)
				}
				synctest.Wait() // the request that was given up has ended
				wantSizes(t, s, 1, 3)
				if want := leaving / 3; s.given != want {
					t.Errorf("%d of 3 left: %d requests given up, want %d", leaving, s.given, want)
				}
			})
		})
	}
}

// An interrupt ends every kind of wait.
func TestInterruptOfAWait(t *testing.T) {
	busy := canned{body: answering(nil, map[string]string{"1": inProcessing})}
	for name, answer := range map[string]func(arrival) canned{
		"backoff":     always(httpStatus(503)),
		"Retry-After": always(retryAfter(503, "600")),
		"busy":        always(busy),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &fakeAPI{answer: answer}
				ctx, interrupt := context.WithCancel(t.Context())
				client := newTestClient(t, s, func(c *Config) { c.Backoff = func(int) time.Duration { return time.Hour } })
				c := start(ctx, client.SetCAD, "1")
				synctest.Wait()
				behind := start(ctx, client.SetCAD, "2", "3")
				time.Sleep(time.Second)
				interrupt()
				if c.wait(); c.took != time.Second {
					t.Errorf("took %v", c.took)
				}
				wantFailure(t, c.Result, "context canceled", []string{"1"}, nil)
				if behind.wait(); behind.took > time.Second {
					t.Errorf("the call behind took %v", behind.took)
				}
			})
		})
	}
}

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		unavailable := httpStatus(503)
		s := &fakeAPI{latency: time.Second, answer: func(q arrival) canned {
			switch q.n {
			case 2:
				return unavailable
			case 4:
				return canned{body: answering(q.ids[1:], map[string]string{q.ids[0]: "Invalid AgentID"})}
			case 5:
				return apiCode(1507)
			}
			return canned{body: confirming(q.ids...)}
		}}
		c := start(t.Context(), newTestClient(t, s, batchOf(10)).SetCAD, names("a", 50)...).wait()
		var got []string
		for _, p := range c.progress {
			got = append(got, fmt.Sprintf("%d: %d+%d of %d, retried %v, error %v", p.Requests, p.Confirmed, p.Failed, p.Total, p.Retried, p.Err != nil))
		}
		want := []string{
			"1: 10+0 of 50, retried false, error false",
			"2: 10+0 of 50, retried true, error true",
			"3: 20+0 of 50, retried false, error false",
			"4: 29+1 of 50, retried false, error false",
			"5: 29+11 of 50, retried false, error true",
			"6: 39+11 of 50, retried false, error false",
		}
		if !slices.Equal(got, want) {
			t.Errorf("progress\n%q, want\n%q", got, want)
		}
		checkLastProgress(t, c)
	})
}

// The report runs in the caller's goroutine without the client's lock: it may
// take its time, call the client, and see every event before the call returns.
func TestReportMayCallTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeAPI{latency: time.Second}
		client := newTestClient(t, s, batchOf(1))
		events := 0
		got := client.SetCAD(t.Context(), names("a", 5), func(p Progress) {
			events++
			time.Sleep(10 * time.Second)
			wantAll(t, client.SetCAD(t.Context(), []string{fmt.Sprintf("b%d", p.Requests)}, nil), fmt.Sprintf("b%d", p.Requests))
		})
		wantAll(t, got, names("a", 5)...)
		if events != 5 {
			t.Errorf("%d events before the call returned, want 5", events)
		}
	})
}
