package deepcall

import (
	"math"
	"testing"
	"time"
)

func TestExponential(t *testing.T) {
	most := math.Nextafter(1, 0)
	want := 500 * time.Millisecond
	for retry := 1; retry <= 100; retry++ {
		low, high := exponential(retry, 0), exponential(retry, most)
		if low != want/2 || high > want || high < want-time.Millisecond {
			t.Errorf("retry %d: between %v and %v, want between %v and %v", retry, low, high, want/2, want)
		}
		want = min(2*want, 30*time.Second)
	}
	base, err := ParseBaseURL(DefaultBaseURL)
	if err != nil {
		t.Fatal(err)
	}
	own := New(Config{BaseURL: base}).batcher.scheduler.config.Backoff
	waits := map[time.Duration]bool{}
	for range 100 { // the client's own draws from that range
		d := own(1)
		if waits[d] = true; d < 250*time.Millisecond || d > 500*time.Millisecond {
			t.Errorf("first wait %v", d)
		}
	}
	if len(waits) < 2 {
		t.Errorf("the first wait is always %v", own(1))
	}
	if d := exponential(math.MaxInt, 0.5); d > 30*time.Second || d <= 0 {
		t.Errorf("after many retries: %v", d)
	}
}

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                               0,
		"7":                              7 * time.Second,
		"9223372037":                     math.MaxInt64,
		"99999999999999999999999":        math.MaxInt64,
		"7.5":                            0,
		"٧":                              0,
		"Sun, 01 Mar 2026 12:00:30 GMT":  30 * time.Second,
		"Sunday, 01-Mar-26 12:00:30 GMT": 30 * time.Second,
		"Sun Mar  1 12:00:30 2026":       30 * time.Second,
		"Sun, 01 Mar 2026 12:00:00 GMT":  0,
		"Sun, 01 Mar 2026 11:59:00 GMT":  0,
		"Fri, 31 Dec 9999 23:59:59 GMT":  math.MaxInt64,
	} {
		if got := parseRetryAfter(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

// A wait that would outlive the operation is not begun: not by the call that was
// told to wait, nor by one that waits behind it, nor by one that comes later.
func TestWaitBeyondTheTimeout(t *testing.T) {
	late := func(due string) string {
		return "HTTP 429 Too Many Requests; the next try was due in " + due + ", too late for this operation; "
	}
	playAll(t, map[string]scenario{"": {
		config: batches(2, 1), answer: firstOf(retryAfter(429, time.Hour)), sent: "set 1 2, set 7",
		steps: []step{
			set("1", "2", "3", "4").within(20 * time.Minute).gives(late("1h0m0s") + "failed 1 2; not tried 3 4"),
			set("5").at(ms).within(20 * time.Minute).gives(late("1h0m0s") + "not tried 5"),
			set("6").at(time.Minute).within(20 * time.Minute).gives(late("59m1s") + "not tried 6"),
			set("7").at(time.Minute).gives("confirmed 7"),
		},
	}})
}
