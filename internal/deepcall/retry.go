package deepcall

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	firstBackoff = 500 * time.Millisecond
	maxBackoff   = 30 * time.Second
)

// exponential is the wait before retry 1, 2, …: doubled each time up to a
// bound, and spread over its upper half by random in [0, 1).
func exponential(retry int, random float64) time.Duration {
	d := maxBackoff
	if n := retry - 1; n < 6 { // 2^6 × firstBackoff is past maxBackoff
		d = firstBackoff << n
	}
	return d/2 + time.Duration(random*float64(d/2))
}

// parseRetryAfter reads both forms of the header, seconds and date. An
// unreadable value or a past date means no wait.
func parseRetryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		if seconds > uint64(math.MaxInt64/time.Second) {
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
