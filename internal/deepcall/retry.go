package deepcall

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	firstBackoff = 500 * time.Millisecond
	mostBackoff  = 30 * time.Second
)

// exponential is the wait before retry 1, 2, …: doubled each time up to a
// bound, and spread over its upper half by random in [0, 1).
func exponential(retry int, random float64) time.Duration {
	d := mostBackoff
	if n := retry - 1; n < 6 { // 2^6 × firstBackoff is past mostBackoff
		d = firstBackoff << n
	}
	return d/2 + time.Duration(random*float64(d/2))
}

// parseRetryAfter reads the header in both its forms, seconds and date. What it
// cannot read, or has passed, is no wait.
func parseRetryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if isDigits(value) {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > int64(math.MaxInt64/time.Second) {
			return math.MaxInt64
		}
		return time.Duration(seconds) * time.Second
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return max(0, date.Sub(now))
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
