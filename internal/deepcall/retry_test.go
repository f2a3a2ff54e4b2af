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
	c := newTestClient(t, nil, func(c *Config) { c.Backoff = nil })
	for range 100 { // the client's own draws from that range
		if d := c.backoff(1); d < 250*time.Millisecond || d > 500*time.Millisecond {
			t.Errorf("first wait %v", d)
		}
	}
	if d := exponential(math.MaxInt, 0.5); d > 30*time.Second || d <= 0 {
		t.Errorf("after ever so many retries: %v", d)
	}
}

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                               0,
		"0":                              0,
		"7":                              7 * time.Second,
		"007":                            7 * time.Second,
		" 7 ":                            7 * time.Second,
		"86400":                          24 * time.Hour,
		"9223372036":                     9223372036 * time.Second,
		"9223372037":                     math.MaxInt64,
		"99999999999999999999999":        math.MaxInt64,
		"-7":                             0,
		"+7":                             0,
		"7.5":                            0,
		"7s":                             0,
		"soon":                           0,
		"٧":                              0,
		"Sun, 01 Mar 2026 12:00:30 GMT":  30 * time.Second,
		"Sunday, 01-Mar-26 12:00:30 GMT": 30 * time.Second,
		"Sun Mar  1 12:00:30 2026":       30 * time.Second,
		"Sun, 01 Mar 2026 12:00:00 GMT":  0,
		"Sun, 01 Mar 2026 11:59:00 GMT":  0,
		"Thu, 01 Jan 1970 00:00:00 GMT":  0,
		"Fri, 31 Dec 9999 23:59:59 GMT":  math.MaxInt64,
		"2026-03-01T12:00:30Z":           0,
	} {
		if got := parseRetryAfter(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func FuzzParseRetryAfter(f *testing.F) {
	for _, s := range []string{"", "0", "120", "-1", "9223372037", "Sun, 01 Mar 2026 12:00:30 GMT", "Sun Mar  1 12:00:30 2026", "1e9"} {
		f.Add(s, int64(1772366400))
	}
	f.Fuzz(func(t *testing.T, value string, now int64) {
		if d := parseRetryAfter(value, time.Unix(now%253402300800, 0)); d < 0 {
			t.Errorf("%q: %v", value, d)
		}
	})
}
