package deepcall

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// What is retried takes the waits of the backoff; what is not fails at once.
func TestWhatIsRetried(t *testing.T) {
	for _, c := range []struct {
		retried bool
		errs    []error
	}{
		{true, []error{
			httpError(429), httpError(500), httpError(502), httpError(503), httpError(504),
			apiError("1501"), apiError("1032"), unanswered(), &ConnectionError{Timeout: true},
		}},
		{false, []error{
			httpError(400), httpError(401), httpError(403), httpError(404), httpError(413), httpError(501),
			apiError("1000"), apiError("1014"), apiError("1015"), apiError("1507"), apiError("1"),
			&HTTPError{Status: 307}, &AnswerError{Status: 200},
		}},
	} {
		for _, err := range c.errs {
			failed := scenario{
				answer: always(err), steps: []step{set("1")}, want: []string{err.Error() + "; failed 1"},
				sent: []string{"set 1"}, took: []time.Duration{time.Second},
			}
			scenarios := map[string]scenario{"": failed}
			if c.retried {
				failed.want, failed.took = []string{err.Error() + " (tried 5 times); failed 1"}, []time.Duration{(5 + 1 + 2 + 3 + 4) * time.Second}
				failed.sent = slices.Repeat(failed.sent, 5)
				scenarios = map[string]scenario{"": failed, "four times": {
					answer: firstOf(err, err, err, err), steps: failed.steps, want: []string{"confirmed 1"}, took: failed.took, sent: failed.sent,
				}}
			}
			t.Run(err.Error(), func(t *testing.T) { playAll(t, scenarios) })
		}
	}
}

// What makes the next request fail as well ends the call; a refusal of some
// agents does not.
func TestWhatEndsACall(t *testing.T) {
	// It ends those of others when three were refused in the same way, each alone,
	// and nothing was accepted.
	missing := httpError(404).Error()
	playAll(t, map[string]scenario{
		"three calls": {
			config: batches(1, 1), answer: always(httpError(404)), steps: []step{set("1"), set("2").at(1), set("3").at(2), set("4").at(3)},
			want: []string{missing + "; failed 1", missing + "; failed 2", missing + "; failed 3", missing + "; not tried 4"},
		},
		"three requests of one call": {
			config: batches(1, 3), answer: whenHas(httpError(404), "1", "2", "3"), steps: []step{set("1", "2", "3"), set("4").at(5 * time.Second)},
			want: []string{missing + "; failed 1 2 3", "confirmed 4"},
		},
		"after a success": {
			config: batches(1, 1), answer: whenHas(httpError(404), "1", "2", "3"),
			steps: []step{set("0"), set("1").at(1), set("2").at(2), set("3").at(3), set("4").at(4)},
			want:  []string{"confirmed 0", missing + "; failed 1", missing + "; failed 2", missing + "; failed 3", "confirmed 4"},
		},
	})
	for ends, errs := range map[bool][]error{
		false: {httpError(400), apiError("1507")},
		true: {
			httpError(401), httpError(403), httpError(404), apiError("1015"), apiError("1047"),
			&HTTPError{Status: 307}, httpError(503), apiError("1501"),
		},
	} {
		for _, err := range errs {
			want := "confirmed a0 a2 a3 a4 a5; " + err.Error() + "; failed a1"
			if ends {
				want = err.Error() + "; failed a0 a1; not tried a2 a3 a4 a5"
			}
			playAll(t, map[string]scenario{err.Error(): {
				config: func(c *Config) { c.BatchSize, c.MaxRetries = 2, 0 },
				answer: whenHas(err, "a1"), steps: []step{set(names("a", 6)...)}, want: []string{want},
			}})
		}
	}
}

// Agents that the API is busy with are sent again, those alone.
func TestBusyAgents(t *testing.T) {
	busy := func(times int, ids ...string) func([]string, *reply) {
		return func(asked []string, r *reply) {
			for _, id := range asked {
				if slices.Contains(ids, id) && times > 0 {
					r.of[id] = busyAgent
				}
			}
			times--
		}
	}
	failWith := func(nth int, id string, err error) failing {
		return func(_ int, _ Operation, ids []string) error {
			if slices.Contains(ids, id) {
				if nth--; nth == 0 {
					return err
				}
			}
			return nil
		}
	}
	playAll(t, map[string]scenario{
		"twice": {
			amend: busy(2, "2", "4"), steps: []step{set(agentIDs(1, 6)...)}, want: []string{"confirmed 1 2 3 4 5 6"},
			sent: []string{"set 1 2 3 4 5 6", "set 2 4", "set 2 4"}, took: []time.Duration{6 * time.Second},
		},
		"always": {
			config: func(c *Config) { c.BatchSize, c.MaxRetries = 2, 2 }, latency: ms,
			amend: busy(1000, "2", "4"), steps: []step{set(agentIDs(1, 6)...)},
			want: []string{"confirmed 1 3 5 6; " + inProcessing + "; failed 2 4"},
			sent: []string{"set 1 2", "set 3 4", "set 5 6", "set 2", "set 4", "set 2", "set 4"},
		},
		"beside a call without agents, at the same time": {
			config: func(c *Config) { c.Backoff = func(int) time.Duration { return moveWait - 100*ms } }, latency: 100 * ms,
			amend: busy(1, "1"), steps: []step{unset(), set("1")}, want: []string{"", "confirmed 1"},
		},
		"a 503 in between costs no try": {
			config: batches(2, 1), amend: busy(4, "1"), answer: failWith(5, "1", httpError(503)), steps: []step{set(agentIDs(1, 40)...)},
			want: []string{brief(Result{Confirmed: agentIDs(1, 40)})},
		},
	})
}

// Retry-After holds for the run whatever the answer was, tries left or not.
func TestRetryAfterHoldsForTheRun(t *testing.T) {
	scenarios := map[string]scenario{
		"and the API is down": {
			config: retries(0), answer: always(retryAfter(503, time.Minute)), latency: ms,
			steps: []step{set("3"), set("4").at(time.Second)},
			want: []string{
				"HTTP 503 Service Unavailable; failed 3",
				"HTTP 503 Service Unavailable; the next try was due in 59s, too late for this operation; not tried 4",
			},
			took: []time.Duration{ms, 0},
		},
		"another pause does not": {
			config: func(c *Config) {
				c.BatchSize, c.MaxConcurrentRequests, c.MaxRetries = 1, 2, 1
				c.Backoff = func(int) time.Duration { return 10 * time.Second }
			},
			answer: func(n int, _ Operation, ids []string) error {
				if n > 0 && ids[0] == "1" {
					time.Sleep(time.Second) // until the other one has told to wait
				}
				return httpError(503)
			},
			steps: []step{set("1"), set("2").at(5 * time.Second), set("3").at(14 * time.Second)},
			want: []string{
				"HTTP 503 Service Unavailable (tried 2 times); failed 1", "HTTP 503 Service Unavailable (tried 2 times); failed 2",
				"HTTP 503 Service Unavailable; failed 3",
			},
		},
	}
	for _, status := range []int{403, 413, 429, 500, 503} {
		err := retryAfter(status, 4*time.Second)
		scenarios[fmt.Sprint(status)] = scenario{
			config: retries(0), answer: firstOf(err), steps: []step{set("1"), set("2").at(3 * time.Second)},
			want: []string{err.Error() + "; failed 1", "confirmed 2"}, took: []time.Duration{time.Second, 3 * time.Second},
		}
	}
	playAll(t, scenarios)
}

// A wait that would outlive the operation is not begun: not by the call that was
// told to wait, nor by one that waits behind it, nor by one that comes later.
func TestWaitBeyondTheTimeout(t *testing.T) {
	late := func(due string) string {
		return "HTTP 429 Too Many Requests; the next try was due in " + due + ", too late for this operation; "
	}
	playAll(t, map[string]scenario{"Retry-After": {
		config: batches(2, 1), answer: firstOf(retryAfter(429, time.Hour)),
		steps: []step{
			set("1", "2", "3", "4").within(20 * time.Minute), set("5").at(ms).within(20 * time.Minute),
			set("6").at(time.Minute).within(20 * time.Minute), set("7").at(time.Minute),
		},
		want: []string{late("1h0m0s") + "failed 1 2; not tried 3 4", late("1h0m0s") + "not tried 5", late("59m1s") + "not tried 6", "confirmed 7"},
		sent: []string{"set 1 2", "set 7"},
	}, "busy": {
		config: func(c *Config) { c.Backoff = func(int) time.Duration { return 10 * time.Second } },
		amend:  func(_ []string, r *reply) { r.of["1"] = busyAgent },
		steps:  []step{set("1", "2").within(5 * time.Second)}, took: []time.Duration{time.Second},
		want: []string{"confirmed 2; " + inProcessing + "; failed 1"},
	}})
}

// What becomes of a request that is tried again.
func TestRetries(t *testing.T) {
	second := time.Second
	playAll(t, map[string]scenario{
		"the same request is sent again, and next": {
			answer: firstOf(nil, httpError(503)), steps: []step{set("0"), set("1").at(ms), set("2").at(1500 * ms)},
			want: []string{"confirmed 0", "confirmed 1", "confirmed 2"}, sent: []string{"set 0", "set 1", "set 1", "set 2"},
		},
		"what waits behind the first request neither adds tries nor splits them": {
			config: batches(2, 1), answer: always(httpError(503)), steps: []step{set(agentIDs(1, 5)...)},
			want: []string{"HTTP 503 Service Unavailable (tried 5 times); failed 1 2; not tried 3 4 5"},
			sent: []string{"set 1 2", "set 1 2", "set 1 2", "set 1 2", "set 1 2"}, took: []time.Duration{15 * second},
		},
		"fewer agents are another request, not another try": {
			config: retries(1), answer: firstOf(httpError(400), httpError(503)), steps: []step{set("1", "2")},
			want: []string{"confirmed 1 2"}, sent: []string{"set 1 2", "set 1", "set 1", "set 2"},
		},
		"so are those of one call": {
			config: retries(1), answer: firstOf(nil, httpError(403), httpError(503)),
			steps: []step{set("0"), set("1").at(ms), set("2").at(2 * ms)}, want: []string{"confirmed 0", "confirmed 1", "confirmed 2"},
			sent: []string{"set 0", "set 1 2", "set 1", "set 1", "set 2"},
		},
		"once the API is down, what waits fails, and what comes later gets a single try until one succeeds": {
			config: func(c *Config) { c.MaxRetries, c.BatchSize = 1, 1 },
			answer: firstOf(httpError(503), httpError(503), httpError(503), nil, httpError(503)),
			steps: []step{
				set("1"), unset("2").at(2 * second), set("3").at(10 * second), set("4").at(20 * second), set("5").at(30 * second),
			},
			want: []string{
				"HTTP 503 Service Unavailable (tried 2 times); failed 1", "HTTP 503 Service Unavailable (tried 2 times); not tried 2",
				"HTTP 503 Service Unavailable; failed 3", "confirmed 4", "confirmed 5",
			},
			sent: []string{"set 1", "set 1", "set 3", "set 4", "set 5", "set 5"},
		},
	})
}

// A request to a server that nobody can reach was not sent; others may have been.
func TestUnsent(t *testing.T) {
	const suffix = " (tried 2 times); failed 1"
	lost, refused := unanswered(), error(&ConnectionError{Address: "https://api", Cause: "refused", Unsent: true})
	scenarios := map[string]scenario{}
	for want, answers := range map[string][][]error{
		"no connection to https://api: refused": {{refused, refused}},
		"no answer from https://api: refused":   {{lost, refused}, {httpError(503), refused}},
		"no answer from https://api: EOF":       {{lost, lost}, {refused, lost}},
	} {
		for _, errs := range answers {
			scenarios[fmt.Sprint(errs)] = scenario{
				config: retries(1), answer: firstOf(errs...), steps: []step{set("1")}, want: []string{want + suffix},
			}
		}
	}
	playAll(t, scenarios)
}
