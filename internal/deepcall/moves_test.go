package deepcall

import (
	"testing"
	"time"
)

// An agent that moves between two resources is not switched off.
func TestMoves(t *testing.T) {
	playAll(t, map[string]scenario{
		"set first": {
			steps: []step{set("1", "2"), unset("1", "9").at(10 * ms)},
			want:  []string{"confirmed 1 2", "confirmed 9; kept 1"}, sent: []string{"set 1 2", "unset 9"},
		},
		"unset first, at about the same time": {
			steps: []step{unset("1", "9"), set("1", "2").at(200 * ms)},
			want:  []string{"confirmed 9; kept 1", "confirmed 1 2"}, sent: []string{"set 1 2", "unset 9"},
		},
		"all of them": {
			steps: []step{set("1", "2"), unset("1", "2").at(10 * ms)},
			want:  []string{"confirmed 1 2", "kept 1 2"}, sent: []string{"set 1 2"},
		},
	})
}

// One that cannot be moved stays where it was, with an error.
func TestMovesThatFail(t *testing.T) {
	const (
		setFailed = "CAD was to be enabled elsewhere in the same run, which was not confirmed "
		lost      = "no answer from https://api: EOF (tried 5 times)"
	)
	playAll(t, map[string]scenario{
		"the set is refused": {
			answer: whenHas(apiError("1507"), "1"),
			steps:  []step{set("1", "2"), unset("1", "9").at(10 * ms)},
			want: []string{
				"confirmed 2; the API reported code 1507: Invalid AgentID; failed 1",
				"confirmed 9; " + setFailed + "(the API reported code 1507: Invalid AgentID); not tried 1",
			},
		},
		"one of two sets is refused": {
			answer: firstOf(apiError("1507")), steps: []step{set("1"), set("1").at(ms), unset("1").at(2 * ms)},
			want: []string{"the API reported code 1507: Invalid AgentID; failed 1", "confirmed 1", "kept 1"}, sent: []string{"set 1", "set 1"},
		},
		"the set takes longer than the unset may": {
			answer: always(unanswered()),
			steps:  []step{set("1"), unset("1").at(10 * ms).within(time.Second)},
			want:   []string{lost + "; failed 1", "the operation's timeout was exceeded; not tried 1"},
		},
		"the unset fails after the set was confirmed": {
			answer: unsetsFail(unanswered()),
			steps:  []step{unset("1", "9"), set("1").at(700 * ms)},
			want:   []string{"kept 1; " + lost + "; failed 9", "confirmed 1"},
		},
		"the run stops after the set was confirmed": {
			answer: unsetsFail(apiError("1014")),
			steps:  []step{set("1"), unset("5").at(time.Second), unset("1", "6").at(5 * time.Second)},
			want: []string{
				"confirmed 1", "the API reported code 1014: Invalid token; failed 5",
				"kept 1; the API reported code 1014: Invalid token; not tried 6",
			},
			sent: []string{"set 1", "unset 5"},
		},
		"unsetting has stopped when the set begins": {
			answer: unsetsFail(apiError("1015")),
			steps:  []step{unset("9"), set("1").at(5 * time.Second), unset("1", "2").at(5 * time.Second)},
			want: []string{
				"the API reported code 1015: Permission denied; failed 9", "confirmed 1",
				"kept 1; the API reported code 1015: Permission denied; not tried 2",
			},
		},
		"an unset without an answer that then waits for a failing set was sent": {
			answer: func(_ int, op Operation, _ []string) error {
				return map[Operation]error{Set: apiError("1507"), Unset: unanswered()}[op]
			},
			steps: []step{unset("1"), set("1").at(800 * ms)},
			want: []string{
				setFailed + "(the API reported code 1507: Invalid AgentID); failed 1",
				"the API reported code 1507: Invalid AgentID; failed 1",
			},
		},
	})
}

// No more agents than MaxRemovals are sent to be unset.
func TestRemovalLimit(t *testing.T) {
	limit := func(n int) func(*Config) { return func(c *Config) { c.MaxRemovals = n } }
	playAll(t, map[string]scenario{
		"exceeded": {
			config: limit(2),
			steps:  []step{unset("1", "2"), unset("3").at(5 * time.Second)},
			want:   []string{"confirmed 1 2", "disabling CAD for 1 more, after 2 in this run, would exceed the limit of 2; not tried 3"},
			sent:   []string{"unset 1 2"},
		},
		"moved agents do not count": {
			config: limit(1),
			steps:  []step{set("1", "2"), unset("1", "2", "3").at(5 * time.Second)},
			want:   []string{"confirmed 1 2", "confirmed 3; kept 1 2"}, sent: []string{"set 1 2", "unset 3"},
		},
		"an agent that was sent counts, kept or not": {
			config: limit(1),
			answer: func(_ int, op Operation, ids []string) error {
				if op == Unset && ids[0] == "1" {
					return httpError(503)
				}
				return nil
			},
			steps: []step{unset("1"), set("1").at(800 * ms), unset("2").at(30 * time.Second)},
			want:  []string{"kept 1", "confirmed 1", "disabling CAD for 1 more, after 1 in this run, would exceed the limit of 1; not tried 2"},
		},
		"agents that were never sent do not count": {
			config: limit(2),
			steps: []step{
				set("8"), unset("1", "2").within(500 * ms), set("9").at(400 * ms), unset("3", "4").at(30 * time.Second),
			},
			want: []string{"confirmed 8", "the operation's timeout was exceeded; not tried 1 2", "confirmed 9", "confirmed 3 4"},
		},
		"the same agent counts once": {
			config: limit(1),
			steps:  []step{unset("1"), unset("1").at(ms), unset("1").at(5 * time.Second)},
			want:   []string{"confirmed 1", "confirmed 1", "confirmed 1"},
		},
	})
}
