package deepcall

import "testing"

// An agent that moves between two resources is not switched off. One that cannot
// be moved stays where it was, with an error.
func TestMoves(t *testing.T) {
	const (
		refused   = "the API reported code 1507: Invalid AgentID"
		setFailed = "CAD was to be enabled elsewhere in the same run, which was not confirmed (" + refused + "); "
		lost      = "no answer from https://api: EOF (tried 5 times); "
		login     = "the API reported code 1014: Invalid token; "
		rights    = "the API reported code 1015: Permission denied; "
	)
	playAll(t, map[string]scenario{
		"set first": {
			steps: []step{set("1", "2").gives("confirmed 1 2"), unset("1", "9").at(10 * ms).gives("confirmed 9; kept 1")},
			sent:  "set 1 2, unset 9",
		},
		"unset first, at about the same time": {
			steps: []step{unset("1", "9").gives("confirmed 9; kept 1"), set("1", "2").at(200 * ms).gives("confirmed 1 2")},
			sent:  "set 1 2, unset 9",
		},
		"the set is refused": {
			answer: whenHas(apiError("1507"), "1"), steps: []step{
				set("1", "2").gives("confirmed 2; " + refused + "; failed 1"), unset("1", "9").at(10 * ms).gives("confirmed 9; " + setFailed + "not tried 1"),
			},
		},
		"one of two sets is refused": {
			answer: firstOf(apiError("1507")), sent: "set 1, set 1",
			steps: []step{set("1").gives(refused + "; failed 1"), set("1").at(ms).gives("confirmed 1"), unset("1").at(2 * ms).gives("kept 1")},
		},
		"the set takes longer than the unset may": {
			answer: always(unanswered()),
			steps:  []step{set("1").gives(lost + "failed 1"), unset("1").at(10 * ms).within(sec).gives(timedOut + "; not tried 1")},
		},
		"the unset fails after the set was confirmed": {
			answer: unsetsFail(unanswered()), steps: []step{unset("1", "9").gives("kept 1; " + lost + "failed 9"), set("1").at(700 * ms).gives("confirmed 1")},
		},
		"the run stops after the set was confirmed": {
			answer: unsetsFail(apiError("1014")), sent: "set 1, unset 5", steps: []step{
				set("1").gives("confirmed 1"), unset("5").at(sec).gives(login + "failed 5"), unset("1", "6").at(5 * sec).gives("kept 1; " + login + "not tried 6"),
			},
		},
		"the unset fails while the set waits": {
			answer: unsetsFail(apiError("1015")),
			steps:  []step{unset("1", "2").gives("kept 1; " + rights + "failed 2"), set("1").at(800 * ms).gives("confirmed 1")},
		},
		"a set is confirmed, and a later one refused": {
			answer: firstOf(nil, apiError("1507")), steps: []step{
				set("1").gives("confirmed 1"), set("1").at(2 * sec).gives(refused + "; failed 1"), unset("1").at(5 * sec).gives("kept 1"),
			},
		},
		"unsetting has stopped when the set begins": {
			answer: unsetsFail(apiError("1015")), steps: []step{
				unset("9").gives(rights + "failed 9"), set("1").at(5 * sec).gives("confirmed 1"),
				unset("1", "2").at(5 * sec).gives("kept 1; " + rights + "not tried 2"),
			},
		},
		"an unset without an answer that then waits for a failing set was sent": {
			answer: func(_ int, op Operation, _ []string) error { return [2]error{apiError("1507"), unanswered()}[op] },
			steps:  []step{unset("1").gives(setFailed + "failed 1"), set("1").at(800 * ms).gives(refused + "; failed 1")},
		},
	})
}

// No more agents than MaxRemovals are sent to be unset. TestRandomCalls checks
// which of them count.
func TestRemovalLimit(t *testing.T) {
	limit := func(n int) func(*Config) { return func(c *Config) { c.MaxRemovals = n } }
	exceeds := func(limit, used string) string {
		return "disabling CAD for 1 more, after " + used + " in this run, would exceed the limit of " + limit
	}
	playAll(t, map[string]scenario{
		"none": {
			config: limit(0), steps: []step{unset("1").gives(exceeds("0", "0") + "; not tried 1")}, sent: "nothing",
		},
		"exceeded": {
			config: limit(2), sent: "unset 1 2",
			steps: []step{unset("1", "2").gives("confirmed 1 2"), unset("3").at(5 * sec).gives(exceeds("2", "2") + "; not tried 3")},
		},
		"moved agents do not count": {
			config: limit(1), sent: "set 1 2, unset 3",
			steps: []step{set("1", "2").gives("confirmed 1 2"), unset("1", "2", "3").at(5 * sec).gives("confirmed 3; kept 1 2")},
		},
	})
}
