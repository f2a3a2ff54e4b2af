package deepcall

import (
	"fmt"
	"testing"
	"time"
)

// Of those that share a request, some may leave without the others noticing;
// when all have left, it is given up, and the client goes on.
func TestInterruptOfSome(t *testing.T) {
	scenarios := map[string]scenario{}
	for leaving := 1; leaving <= 3; leaving++ {
		c := scenario{
			steps: []step{set("0")}, want: []string{"confirmed 0"}, took: []time.Duration{time.Second},
			sent: []string{"set 0", "set 1 2 3", "set 4"}, givenUp: leaving / 3,
		}
		for i := 1; i <= 3; i++ {
			s, want, took := set(fmt.Sprint(i)).at(time.Duration(i)*ms), fmt.Sprint("confirmed ", i), 2*time.Second-time.Duration(i)*ms
			if i <= leaving {
				s, want, took = s.interruptedAfter(1500*ms), fmt.Sprint("the run was interrupted; failed ", i), 1500*ms
			}
			c.steps, c.want, c.took = append(c.steps, s), append(c.want, want), append(c.took, took)
		}
		c.steps, c.want, c.took = append(c.steps, set("4").at(10*time.Second)), append(c.want, "confirmed 4"), append(c.took, time.Second)
		scenarios[fmt.Sprint(leaving, " of 3")] = c
	}
	playAll(t, scenarios)
}

// An interrupt and a deadline end every kind of wait, and say what was met
// before.
func TestInterruptOfAWait(t *testing.T) {
	scenarios := map[string]scenario{
		"before it began": {
			steps: []step{set("1", "2").within(-1), unset("3").within(-1)},
			want:  []string{"the operation's timeout was exceeded; not tried 1 2", "the operation's timeout was exceeded; not tried 3"}, sent: []string{},
		},
		"deadline in a request": {
			latency: time.Hour, steps: []step{set("1").within(90 * time.Second)}, want: []string{"the operation's timeout was exceeded; failed 1"},
			took: []time.Duration{90 * time.Second}, givenUp: 1,
		},
		"deadline in a request that is tried again": {
			answer: always(httpError(503)), steps: []step{set("1").within(2500 * ms)}, givenUp: 1,
			want: []string{"the operation's timeout was exceeded; the last failure before that was: HTTP 503 Service Unavailable; failed 1"}, took: []time.Duration{2500 * ms},
		},
		"deadline while the API is busy with the agent": {
			amend:  func(_ []string, r *reply) { r.of["1"] = busyAgent },
			config: func(c *Config) { c.Backoff = func(int) time.Duration { return 10 * time.Second } },
			steps:  []step{set("1").within(15 * time.Second).interruptedAfter(5 * time.Second)},
			want:   []string{"the run was interrupted; the last failure before that was: " + inProcessing + "; failed 1"},
		},
		"what was retried with success is not mentioned": {
			config: batches(1, 1), answer: firstOf(httpError(503)), givenUp: 1,
			steps: []step{set("1", "2").interruptedAfter(3500 * ms)}, want: []string{"confirmed 1; the run was interrupted; failed 2"},
		},
		"what a request fails for when its callers have left says nothing about the API": {
			latency: 10 * time.Second, givenUp: 3,
			steps: []step{
				set("1").within(time.Second), set("2").at(5 * time.Second).within(time.Second),
				set("3").at(10 * time.Second).within(time.Second), set("4").at(15 * time.Second),
			},
			want: []string{
				"the operation's timeout was exceeded; failed 1", "the operation's timeout was exceeded; failed 2", "the operation's timeout was exceeded; failed 3", "confirmed 4",
			},
		},
	}
	for name, err := range map[string]error{"503": httpError(503), "busy": apiError("1501"), "reset": unanswered()} {
		scenarios["interrupt while waiting after "+name] = scenario{
			config: func(c *Config) { c.Backoff = func(int) time.Duration { return time.Hour } },
			answer: always(err),
			steps:  []step{set("1").interruptedAfter(3 * time.Second), set("2", "3").at(2 * time.Second).interruptedAfter(time.Second)},
			want:   []string{"the run was interrupted; the last failure before that was: " + err.Error() + "; failed 1", "the run was interrupted; not tried 2 3"},
			took:   []time.Duration{3 * time.Second, time.Second},
		}
		scenarios["deadline while waiting after "+name] = scenario{
			config: retries(1_000_000), latency: 1, answer: always(err), steps: []step{set("1").within(90 * time.Second)},
			want: []string{err.Error() + "; the next try was due in 13s, too late for this operation; failed 1"},
			took: []time.Duration{78*time.Second + 13},
		}
	}
	playAll(t, scenarios)
}
