package deepcall

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	unavailable = "HTTP 503 Service Unavailable"
	timedOut    = "the operation's timeout was exceeded"
	interrupted = "the run was interrupted"
	lastBefore  = "; the last failure before that was: "
)

// What is retried takes the waits of the backoff; what is not fails at once. What
// makes the next request fail as well ends the call; a refusal of some agents
// does not.
func TestWhatIsRetried(t *testing.T) {
	for _, c := range []struct {
		retried, ends bool
		errs          []error
	}{
		{true, true, []error{
			httpError(429), httpError(500), httpError(502), httpError(503), httpError(504),
			apiError("1501"), apiError("1032"), unanswered(), &ConnectionError{Timeout: true},
		}},
		{false, false, []error{httpError(400), httpError(413), apiError("1000"), apiError("1507")}},
		{false, true, []error{
			httpError(401), httpError(403), httpError(404), httpError(307), httpError(501),
			apiError("1014"), apiError("1015"), apiError("1047"), apiError("1"), &AnswerError{Status: 200},
		}},
	} {
		for _, err := range c.errs {
			once, few := set("1").gives(err.Error()+"; failed 1").in(sec), "confirmed 1 3 4 5 6; "+err.Error()+"; failed 2"
			scenarios := map[string]scenario{"always": {answer: always(err), steps: []step{once}, sent: "set 1"}}
			if c.retried {
				often := set("1").in((5 + 1 + 2 + 3 + 4) * sec)
				sent := strings.Join(slices.Repeat([]string{"set 1"}, 5), ", ")
				scenarios["always"] = scenario{answer: always(err), steps: []step{often.gives(err.Error() + " (tried 5 times); failed 1")}, sent: sent}
				scenarios["four times"] = scenario{answer: firstOf(err, err, err, err), steps: []step{often.gives("confirmed 1")}, sent: sent}
			}
			if c.ends {
				few = err.Error() + "; failed 1 2; not tried 3 4 5 6"
			}
			scenarios["for one agent"] = scenario{
				config: func(c *Config) { c.BatchSize, c.MaxRetries = 2, 0 },
				answer: whenHas(err, "2"), steps: []step{set(agentIDs(1, 6)...).gives(few)},
			}
			t.Run(err.Error(), func(t *testing.T) { playAll(t, scenarios) })
		}
	}
}

// What becomes of a request that is sent again, and of what waits behind it.
func TestRetries(t *testing.T) {
	scenarios := map[string]scenario{
		"the same request is sent again, and next": {
			answer: firstOf(nil, httpError(503), httpError(503)),
			steps:  []step{set("0").gives("confirmed 0"), set("1").at(ms).gives("confirmed 1"), set("2").at(1500 * ms).gives("confirmed 2")},
			sent:   "set 0, set 1, set 1, set 1, set 2",
		},
		"what waits behind it fails once the API is down": {
			config: batches(2, 1), answer: always(httpError(503)), sent: "set 1 2, set 1 2, set 1 2, set 1 2, set 1 2",
			steps: []step{set(agentIDs(1, 5)...).gives(unavailable + " (tried 5 times); failed 1 2; not tried 3 4 5").in(15 * sec)},
		},
		"what comes later gets a single try until one succeeds": {
			config: func(c *Config) { c.MaxRetries, c.BatchSize = 1, 1 },
			answer: firstOf(httpError(503), httpError(503), httpError(503), nil, httpError(503)),
			steps: []step{
				set("1").gives(unavailable + " (tried 2 times); failed 1"), unset("2").at(2 * sec).gives(unavailable + " (tried 2 times); not tried 2"),
				set("3").at(10 * sec).gives(unavailable + "; failed 3"), set("4").at(20 * sec).gives("confirmed 4"), set("5").at(30 * sec).gives("confirmed 5"),
			},
			sent: "set 1, set 1, set 3, set 4, set 5, set 5",
		},
		"an API that was busy in between is not down": {
			config: func(c *Config) { c.MaxRetries, c.BatchSize = 1, 1 }, answer: firstOf(httpError(500), httpError(503), nil, httpError(503)),
			steps: []step{
				set("1").gives(unavailable + " (tried 2 times); failed 1"), set("2").at(ms).gives("confirmed 2"), set("3").at(10 * sec).gives("confirmed 3"),
			},
		},
		"each of a shared request has one more try when the API was busy": {
			config: retries(1), answer: firstOf(nil, httpError(500), httpError(500), httpError(503)),
			steps: []step{
				set("0").gives("confirmed 0"), set("1").at(ms).gives(unavailable + " (tried 3 times); failed 1"), set("2").at(2 * ms).gives("confirmed 2"),
			},
			sent: "set 0, set 1 2, set 1 2, set 1, set 2",
		},
		"fewer agents are another request, not another try": {
			config: retries(1), answer: firstOf(httpError(400), httpError(503), nil, httpError(400)),
			steps: []step{set("1", "2").gives("confirmed 1; HTTP 400 Bad Request; failed 2")},
			sent:  "set 1 2, set 1, set 1, set 2",
		},
		"so are those of one call": {
			config: retries(1), answer: firstOf(nil, httpError(403), httpError(503)), sent: "set 0, set 1 2, set 1, set 1, set 2",
			steps: []step{set("0").gives("confirmed 0"), set("1").at(ms).gives("confirmed 1"), set("2").at(2 * ms).gives("confirmed 2")},
		},
		"what was sent stays sent when it is divided": {
			answer: firstOf(httpError(429), httpError(400), apiError("1014")),
			steps:  []step{set("1", "2").gives("the API reported code 1014: Invalid token; failed 1 2")},
		},
		"an API that goes down after a refusal is tried with the same agent": {
			answer: func(n int, _ Operation, _ []string) error { return []error{httpError(400), httpError(503)}[min(n, 1)] },
			steps:  []step{set("1", "2", "3").gives(unavailable + " (tried 5 times); failed 1; not tried 2 3")},
			sent:   "set 1 2 3, set 1, set 1, set 1, set 1, set 1",
		},
	}
	playAll(t, scenarios)
}

// Calls of others end when three were refused in the same way, each alone, and
// nothing was accepted.
func TestSameAnswerThreeTimes(t *testing.T) {
	missing := httpError(404).Error()
	failed := func(id string) string { return missing + "; failed " + id }
	playAll(t, map[string]scenario{
		"three calls": {
			config: batches(1, 1), answer: always(httpError(404)), steps: []step{
				set("1").gives(failed("1")), set("2").at(1).gives(failed("2")), set("3").at(2).gives(failed("3")), set("4").at(3).gives(missing + "; not tried 4"),
			},
		},
		"three requests of one call": {
			config: batches(1, 3), answer: whenHas(httpError(404), "1", "2", "3"),
			steps: []step{set("1", "2", "3").gives(failed("1 2 3")), set("4").at(5 * sec).gives("confirmed 4")},
		},
		"after a success": {
			config: batches(1, 1), answer: whenHas(httpError(404), "1", "2", "3"), steps: []step{
				set("0").gives("confirmed 0"), set("1").at(1).gives(failed("1")), set("2").at(2).gives(failed("2")),
				set("3").at(3).gives(failed("3")), set("4").at(4).gives("confirmed 4"),
			},
		},
	})
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
	playAll(t, map[string]scenario{
		"twice": {
			amend: busy(2, "2", "4"), steps: []step{set(agentIDs(1, 6)...).gives("confirmed 1 2 3 4 5 6").in(6 * sec)},
			sent: "set 1 2 3 4 5 6, set 2 4, set 2 4",
		},
		"always": {
			config: func(c *Config) { c.BatchSize, c.MaxRetries = 2, 2 }, latency: ms, amend: busy(1000, "2", "4"),
			steps: []step{set(agentIDs(1, 6)...).gives("confirmed 1 3 5 6; " + inProcessing + "; failed 2 4")},
			sent:  "set 1 2, set 3 4, set 5 6, set 2, set 4, set 2, set 4",
		},
		"a 503 in between costs no try": {
			config: batches(2, 1), amend: busy(4, "1"), answer: firstOf(nil, nil, nil, httpError(503)), steps: []step{set("1", "2").gives("confirmed 1 2")},
		},
		"not once the run has stopped": {
			config: func(c *Config) {
				waiting(10 * sec)(c)
				c.BatchSize, c.MaxConcurrentRequests = 1, 2
			},
			amend: busy(1, "1"), answer: func(_ int, _ Operation, ids []string) error {
				if ids[0] == "1" {
					time.Sleep(sec) // until the other one has stopped the run
					return nil
				}
				return apiError("1014")
			},
			steps: []step{set("1", "2").gives("the API reported code 1014: Invalid token; failed 1 2").in(2 * sec)},
		},
		"longer than the operation may take": {
			config: waiting(10 * sec), amend: busy(1, "1"),
			steps: []step{set("1", "2").within(5 * sec).gives("confirmed 2; " + inProcessing + "; failed 1").in(sec)},
		},
		"until the run is interrupted, while others are confirmed": {
			config: func(c *Config) {
				waiting(10 * sec)(c)
				c.BatchSize = 1
			},
			amend: busy(1, "1"),
			steps: []step{
				set("1", "2").within(15 * sec).interruptedAfter(5 * sec).gives("confirmed 2; " + interrupted + lastBefore + inProcessing + "; failed 1"),
			},
		},
	})
}

// Retry-After holds for the run whatever the answer was, tries left or not.
func TestRetryAfterHoldsForTheRun(t *testing.T) {
	scenarios := map[string]scenario{
		"and the API is down": {
			config: retries(0), answer: always(retryAfter(503, time.Minute)), latency: ms, steps: []step{
				set("3").gives(unavailable + "; failed 3").in(ms),
				set("4").at(sec).gives(unavailable + "; the next try was due in 59s, too late for this operation; not tried 4"),
			},
		},
		"a few seconds are waited for": {
			config: retries(0), answer: firstOf(retryAfter(503, maxHold+sec)),
			steps: []step{set("1").gives(unavailable + "; failed 1"), set("2").at(2 * sec).gives("confirmed 2").in(maxHold + sec)},
		},
		"another pause is waited for": {
			config: func(c *Config) {
				waiting(10 * sec)(c)
				c.BatchSize, c.MaxConcurrentRequests, c.MaxRetries = 1, 2, 1
			},
			answer: func(n int, _ Operation, ids []string) error {
				if n > 0 && ids[0] == "1" {
					time.Sleep(sec) // until the other one has told to wait
				}
				return httpError(503)
			},
			steps: []step{
				set("1").gives(unavailable + " (tried 2 times); failed 1"), set("2").at(5 * sec).gives(unavailable + " (tried 2 times); failed 2"),
				set("3").at(14 * sec).gives(unavailable + "; failed 3"),
			},
		},
	}
	for _, status := range []int{403, 413, 429, 500, 503} {
		err := retryAfter(status, 4*sec)
		scenarios[fmt.Sprint(status)] = scenario{
			config: retries(0), answer: firstOf(err),
			steps: []step{set("1").gives(err.Error() + "; failed 1").in(sec), set("2").at(3 * sec).gives("confirmed 2").in(3 * sec)},
		}
	}
	playAll(t, scenarios)
}

// Of those that share a request, some may leave without the others noticing;
// when all have left, it is given up, and the client goes on.
func TestInterruptOfSome(t *testing.T) {
	leaves := func(id string) step {
		return set(id).interruptedAfter(1500 * ms).gives(interrupted + "; failed " + id).in(1500 * ms)
	}
	stays := func(id string) step { return set(id).gives("confirmed " + id) }
	for leaving := range 4 {
		steps := []step{stays("0")}
		for i, id := range []string{"1", "2", "3"} {
			s := stays(id)
			if i < leaving {
				s = leaves(id)
			}
			steps = append(steps, s.at(ms))
		}
		playAll(t, map[string]scenario{fmt.Sprint(leaving, " of 3"): {
			steps: append(steps, stays("4").at(10*sec).in(sec)), sent: "set 0, set 1 2 3, set 4", givenUp: leaving / 3,
		}})
	}
}

// An interrupt and a deadline end every kind of wait, and say what was met
// before.
func TestInterruptOfAWait(t *testing.T) {
	playAll(t, map[string]scenario{
		"before it began": {
			steps: []step{set("1", "2").within(-1).gives(timedOut + "; not tried 1 2"), unset("3").within(-1).gives(timedOut + "; not tried 3")},
			sent:  "nothing",
		},
		"in a request": {
			latency: time.Hour, steps: []step{set("1").within(90 * sec).gives(timedOut + "; failed 1").in(90 * sec)}, givenUp: 1,
		},
		"in a request that is sent again": {
			answer: always(httpError(503)), givenUp: 1,
			steps: []step{set("1").within(2500 * ms).gives(timedOut + lastBefore + unavailable + "; failed 1").in(2500 * ms)},
		},
		"what was retried with success is not mentioned": {
			config: batches(1, 1), answer: firstOf(httpError(503)), givenUp: 1,
			steps: []step{set("1", "2").interruptedAfter(3500 * ms).gives("confirmed 1; " + interrupted + "; failed 2")},
		},
		"what a request fails for when its callers have left says nothing about the API": {
			latency: 10 * sec, givenUp: 3, steps: []step{
				set("1").within(sec).gives(timedOut + "; failed 1"), set("2").at(5 * sec).within(sec).gives(timedOut + "; failed 2"),
				set("3").at(10 * sec).within(sec).gives(timedOut + "; failed 3"), set("4").at(15 * sec).gives("confirmed 4"),
			},
		},
		"interrupt before a retry": {
			config: waiting(time.Hour), answer: always(httpError(503)), steps: []step{
				set("1").interruptedAfter(3 * sec).gives(interrupted + lastBefore + unavailable + "; failed 1").in(3 * sec),
				set("2", "3").at(2 * sec).interruptedAfter(sec).gives(interrupted + "; not tried 2 3").in(sec),
			},
		},
		"deadline before a retry": {
			config: retries(1_000_000), latency: 1, answer: always(httpError(503)), steps: []step{
				set("1").within(90 * sec).gives(unavailable + "; the next try was due in 13s, too late for this operation; failed 1").in(78*sec + 13),
			},
		},
	})
}
