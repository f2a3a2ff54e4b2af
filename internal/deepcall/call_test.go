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

// A wait that would outlive the operation is not begun: not by the call that was
// told to wait, nor by one that waits behind it, nor by one that comes later.
func TestWaitBeyondTheTimeout(t *testing.T) {
	n := &network{latency: time.Second, answer: firstOf(&HTTPError{Status: 429, retryAfter: time.Hour})}
	bubble(t, n, func(t *testing.T) {
		config := testConfig()
		config.BatchSize = 2
		results := play(t, testBatcher(config, n), step{0, Set, names("a", 4), 20 * time.Minute},
			step{1, Set, []string{"b"}, 20 * time.Minute}, step{time.Minute, Set, []string{"c"}, 20 * time.Minute}, step{time.Minute, Set, []string{"d"}, 0})
		const words = "HTTP 429 Too Many Requests; the next try was due in "
		wantFailure(t, results[0], words+"1h0m0s, too late for this operation", []string{"a0", "a1"}, []string{"a2", "a3"})
		wantFailure(t, results[1], words+"1h0m0s", nil, []string{"b"})
		wantFailure(t, results[2], words+"59m1s", nil, []string{"c"})
		wantAll(t, results[3], "d")
		wantSizes(t, n, 2, 1)
	})
}

func TestDeadline(t *testing.T) {
	for name, n := range map[string]*network{
		"server hangs":  {latency: time.Hour},
		"always 503":    {answer: always(httpError(503))},
		"always busy":   {answer: always(apiError("1501"))},
		"always resets": {answer: always(unanswered())},
	} {
		bubble(t, n, func(t *testing.T) {
			config := testConfig()
			config.MaxRetries = 1_000_000
			ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
			defer cancel()
			r, took := background(ctx, testBatcher(config, n), Set, "1")()
			if wantFailure(t, r, "", []string{"1"}, nil); took > 90*time.Second {
				t.Errorf("%s: took %v, longer than its deadline", name, took)
			}
			if !errors.Is(r.Failures[0].Err, context.DeadlineExceeded) && Classify(r.Failures[0].Err) == ClassOther {
				t.Errorf("%s: the reason is %v", name, r.Failures[0].Err)
			}
		})
	}
}

func TestEndedBeforeItBegan(t *testing.T) {
	n := &network{}
	bubble(t, n, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for _, op := range []Operation{Set, Unset} {
			wantFailure(t, testBatcher(testConfig(), n).do(ctx, op, []string{"1", "2"}, nil), "context canceled", nil, []string{"1", "2"})
		}
		wantSizes(t, n)
	})
}

// Of those that share a request, some may leave without the others noticing;
// when all have left, it is given up, and the client goes on.
func TestInterruptOfSome(t *testing.T) {
	for _, leaving := range []int{1, 2, 3} {
		n := &network{latency: time.Second}
		given := 0
		bubble(t, n, func(t *testing.T) {
			b := testBatcher(testConfig(), n)
			b.send = func(ctx context.Context, op Operation, ids []string) (reply, error) {
				got, err := n.send(ctx, op, ids)
				if err != nil {
					given++
				}
				return got, err
			}
			background(t.Context(), b, Set, "0")
			synctest.Wait()
			going, leave := context.WithCancel(t.Context())
			var waits []func() (Result, time.Duration)
			for i := range 3 {
				ctx := t.Context()
				if i < leaving {
					ctx = going
				}
				waits = append(waits, background(ctx, b, Set, fmt.Sprint(i+1)))
				synctest.Wait()
			}
			time.Sleep(1500 * time.Millisecond)
			leave()
			for i, wait := range waits {
				if r, took := wait(); i >= leaving {
					wantAll(t, r, fmt.Sprint(i+1))
				} else if wantFailure(t, r, "context canceled", []string{fmt.Sprint(i + 1)}, nil); took != 1500*time.Millisecond {
					t.Errorf("took %v", took)
				}
			}
			synctest.Wait()
			if wantSizes(t, n, 1, 3); given != leaving/3 {
				t.Errorf("%d of 3 left: %d requests given up, want %d", leaving, given, leaving/3)
			}
			wantAll(t, b.do(t.Context(), Set, []string{"4"}, nil), "4")
		})
	}
}

// An interrupt ends every kind of wait, and says what was met before.
func TestInterruptOfAWait(t *testing.T) {
	for name, err := range map[string]error{
		"backoff": httpError(503), "Retry-After": &HTTPError{Status: 503, retryAfter: 600 * time.Second}, "busy": apiError("1501"),
	} {
		n := &network{answer: always(err)}
		bubble(t, n, func(t *testing.T) {
			config := testConfig()
			config.Backoff = func(int) time.Duration { return time.Hour }
			b := testBatcher(config, n)
			ctx, interrupt := context.WithCancel(t.Context())
			told := background(ctx, b, Set, "1")
			synctest.Wait()
			behind := background(ctx, b, Set, "2", "3")
			time.Sleep(time.Second)
			interrupt()
			r, took := told()
			wantFailure(t, r, "context canceled; before that: "+err.Error(), []string{"1"}, nil)
			r, behindTook := behind()
			wantFailure(t, r, "context canceled", nil, []string{"2", "3"})
			if took != time.Second || behindTook > time.Second {
				t.Errorf("%s: took %v, and %v behind it", name, took, behindTook)
			}
		})
	}
}

func TestProgress(t *testing.T) {
	n := &network{latency: time.Second, answer: func(n int, _ Operation, ids []string) error {
		if n == 1 {
			return httpError(503)
		}
		return nil
	}}
	bubble(t, n, func(t *testing.T) {
		config := testConfig()
		config.BatchSize = 10
		b := testBatcher(config, n)
		b.send = func(ctx context.Context, op Operation, ids []string) (reply, error) {
			got, err := n.send(ctx, op, ids)
			if err == nil && slices.Contains(ids, "a25") {
				got.of["a25"] = verdict{&RefusedError{Message: "Invalid AgentID"}}
			}
			return got, err
		}
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
	n := &network{latency: time.Second}
	bubble(t, n, func(t *testing.T) {
		config := testConfig()
		config.BatchSize = 1
		b, events := testBatcher(config, n), 0
		r := b.do(t.Context(), Set, names("a", 5), func(p Progress) {
			events++
			time.Sleep(10 * time.Second)
			id := fmt.Sprintf("b%d", p.Requests)
			wantAll(t, b.do(t.Context(), Set, []string{id}, nil), id)
		})
		if wantAll(t, r, names("a", 5)...); events != 5 {
			t.Errorf("%d events before the call returned, want 5", events)
		}
	})
}
