//go:build unix

package acceptance_test

import (
	"regexp"
	"testing"
)

// No live agent is switched off by accident, see DESIGN.md.

const (
	conflict = "Agent removed here but listed elsewhere"
	afterA   = "depends_on = [deepcall_agent_cad.a]"
	afterB   = "depends_on = [deepcall_agent_cad.b]"
	again    = `triggers = { release = "2" }`
)

// Two limits on removals.
var limit, none = provider("max_removals = 1"), provider("max_removals = 0")

// released is a resource of 1 and 2 that a change of the release replaces.
func released(release, first string) string {
	lifecycle := "lifecycle {\n    replace_triggered_by = [terraform_data.release]\n    create_before_destroy = " + first + "\n  }"
	return "resource \"terraform_data\" \"release\" {\n  input = \"" + release + "\"\n}\n" + live("a", "1 2", lifecycle)
}

func ignoring(attribute string) string {
	return "lifecycle {\n    ignore_changes = [" + attribute + "]\n  }"
}

// labeled is a configuration with agents in place of agent_ids.
func labeled(config string) string {
	return regexp.MustCompile(`agent_ids = (\[.*\])`).ReplaceAllString(config, "agents = { for id in $1 : id => \"Agent $${id}\" }")
}

// tainted is what many scenarios begin with.
var tainted = command{config: live("a", "1 2 3"), refuse: "3", exit: 1, set: "1 2 3", state: "a tainted 1 2", says: "none that remains"}

var replacements = map[string][]command{
	"created in part": {
		tainted,
		{set: "1 2 3", state: "a 1 2 3"},
		{args: destroys, unset: "1 2 3", empty: true},
	},
	"created in part, replaced by a saved plan": {
		tainted,
		{args: "plan -out=saved"},
		{args: "apply saved", set: "1 2 3", state: "a 1 2 3"},
	},
	"the create half fails": {
		tainted,
		{config: live("a", "2 3 4"), refuse: "2", exit: 1, unset: "1", set: "2 3 4", state: "a tainted 2 3 4"},
		{set: "2 3 4", state: "a 2 3 4"},
	},
	"destroyed while tainted": {
		tainted,
		{args: destroys, unset: "1 2", empty: true},
	},
	"unset_on_removal becomes false": {
		tainted,
		{config: cad("a", "2 4"), set: "2 4", state: "a 2 4", says: "CAD stays enabled"},
		{args: destroys, empty: true},
	},
	"unset_on_removal becomes true": {
		{config: cad("a", "1 2 3"), refuse: "3", exit: 1, set: "1 2 3", state: "a tainted 1 2"},
		{config: live("a", "2 4"), unset: "1", set: "2 4", state: "a 2 4"},
	},
	"-replace": {
		{config: live("a", "1 2 3"), set: "1 2 3", state: "a 1 2 3"},
		{config: live("a", "2 3 4"), args: applies + replaceA, refuse: "3", exit: 1, unset: "1", set: "2 3 4", state: "a tainted 2 3 4"},
		{set: "2 3 4", state: "a 2 3 4"},
		{args: destroys, unset: "2 3 4", empty: true},
	},
	"-replace, which removes nobody": {
		{config: none + live("a", "1 2"), set: "1 2", state: "a 1 2"},
		{args: applies + replaceA, set: "1 2", says: "1 added, 0 changed, 1 destroyed"},
	},
	"-replace, created first, which removes nobody": {
		{config: none + live("a", "1 2", createFirst), set: "1 2", state: "a 1 2"},
		{args: applies + replaceA, set: "1 2", says: "CAD was left enabled for 2 agents, because this run enabled it, " +
			"through another resource, an action, or the replacement of this object: 1, 2"},
	},
	"-replace by a saved plan, of which nothing is confirmed": {
		{config: live("a", "1 2"), set: "1 2", state: "a 1 2"},
		{args: "plan -out=saved " + replaceA},
		{args: "apply saved", fails: "1 2", exit: 1, set: "1 2", state: "a tainted 1 2"},
		{set: "1 2", state: "a 1 2"},
	},
	"-replace, created first, which lets an agent go that another lists": {
		{config: live("a", "1 2", createFirst), set: "1 2", state: "a 1 2"},
		{config: live("a", "1 2", createFirst) + live("b", "1 7"), set: "1 7", state: "a 1 2; b 1 7"},
		{config: cad("a", "2", createFirst) + live("b", "1 7"), args: applies + replaceA, exit: 1, says: "Agent removed here but listed elsewhere"},
		{state: "a 2; b 1 7", says: "a replacement with create_before_destroy goes by state"},
	},
	"replace_triggered_by": {
		{config: released("1", "false"), set: "1 2", state: "a 1 2"},
		{config: released("2", "false"), refuse: "2", exit: 1, set: "1 2", state: "a tainted 1 2"},
		{set: "1 2", state: "a 1 2"},
	},
	"replace_triggered_by, created first": {
		{config: released("1", "true"), set: "1 2", state: "a 1 2"},
		{config: released("2", "true"), refuse: "2", exit: 1, set: "1 2", state: "a deposed 1 2; a tainted 1"},
		{set: "1 2", state: "a 1 2", says: "the replacement of this object: 1, 2"},
	},
}

var moves = map[string][]command{
	"no order": {
		{config: live("a", "1 2 3") + live("b", "4"), set: "1 2 3 4", state: "a 1 2 3; b 4"},
		{config: live("a", "1 2") + live("b", "3 4"), set: "3", state: "a 1 2; b 3 4", says: "the replacement of this object: 3"},
		{config: live("a", "1 2 4") + live("b", "3"), set: "4", state: "a 1 2 4; b 3", says: "the replacement of this object: 4"},
	},
	"refused": {
		{config: live("a", "1 2 3") + live("b", "4"), set: "1 2 3 4", state: "a 1 2 3; b 4"},
		{config: live("a", "1 2") + live("b", "3 4"), refuse: "3", exit: 1, set: "3", state: "a 1 2 3; b 4", says: "CAD could not be enabled elsewhere"},
		{set: "3", state: "a 1 2; b 3 4"},
	},
	"out of a resource of which nothing else can be unset": {
		{config: live("a", "1 2 3") + live("b", "4"), set: "1 2 3 4", state: "a 1 2 3; b 4"},
		{config: live("b", "3 4"), fails: "1 2", exit: 1, set: "3", unset: "1 2", state: "a 1 2; b 3 4", says: "the replacement of this object: 3"},
		{unset: "1 2", state: "b 3 4"},
	},
}

// halfMoved is a move of 2 from a to b that core breaks off: b fails because of
// 5, and a, which depends on it, is skipped.
func halfMoved(then ...command) []command {
	return append([]command{
		{config: live("a", "1 2", afterB) + live("b", "3"), set: "1 2 3", state: "a 1 2; b 3"},
		{config: live("a", "1", afterB) + live("b", "2 3 5"), refuse: "5", exit: 1, set: "2 5", state: "a 1 2; b 2 3"},
	}, then...)
}

// deposed is a replacement, created first, that core breaks off: its dependent
// fails because of 4, so the old object stays.
func deposed(then ...command) []command {
	return append([]command{
		{config: live("a", "1 2", createFirst) + live("b", "3", afterA), set: "1 2 3", state: "a 1 2; b 3"},
		{config: live("a", "1 2", createFirst) + live("b", "3 4", afterA), args: applies + replaceA, refuse: "4", exit: 1, set: "1 2 4",
			state: "a 1 2; a deposed 1 2; b 3"},
	}, then...)
}

var conflicts = map[string][]command{
	"the leaving resource is planned second": halfMoved(
		command{args: "plan", exit: 1, says: conflict},
		command{config: live("a", "1", afterB) + live("b", "2 3 5", again), set: "2 3 5", state: "a 1; b 2 3 5", says: "the replacement of this object: 2"}),
	"the leaving resource is planned first": halfMoved(
		command{config: live("a", "1") + live("b", "2 3 5", afterA), args: "plan", exit: 1, says: conflict}),
	"no order": halfMoved(
		command{config: live("a", "1") + live("b", "2 3 5"), args: "plan", exit: 1, says: conflict},
		command{config: live("a", "1") + live("b", "2 3 5", again), set: "2 3 5", state: "a 1; b 2 3 5"}),
	"let go": halfMoved(
		command{config: cad("a", "1") + live("b", "2 3 5"), set: "5", state: "a 1; b 2 3 5", says: "CAD stays enabled"}),
	"removed there, too": halfMoved(
		command{config: live("a", "1") + live("b", "3 5"), set: "5", unset: "2", state: "a 1; b 3 5"}),
	"destroyed": halfMoved(
		command{args: destroys, exit: 1, says: conflict},
		command{args: destroys + "-refresh=false", unset: "1 2 3", empty: true}),
	"deposed": deposed(
		command{args: "plan", exit: 1, says: conflict},
		command{config: live("a", "1 2", createFirst, again) + live("b", "3 4", afterA), set: "1 2 4",
			state: "a 1 2; b 3 4", says: "the replacement of this object: 1, 2"}),
	"deposed, then destroyed": deposed(
		command{args: destroys + "-refresh=false", unset: "1 2 3", empty: true}),
}

var limits = map[string][]command{
	"at plan": {
		{config: live("a", "1 2 3") + live("b", "4"), set: "1 2 3 4", state: "a 1 2 3; b 4"},
		{config: limit + live("a", "1 2"), args: "plan", exit: 1, says: "Too many removals"},
		{config: limit + live("a", "1 2") + live("b", "4"), unset: "3", state: "a 1 2; b 4"},
		{args: destroys, exit: 1, says: "Too many removals"},
	},
	"in the destroy half": {
		tainted,
		{config: limit + live("a", "4"), args: "plan -out=saved"},
		{args: "apply saved", exit: 1, says: "Too many removals"},
		{config: limit + live("a", "1 4"), unset: "2", set: "1 4", state: "a 1 4"},
	},
	"of a deposed object": {
		{config: live("a", "1 2 3", createFirst), refuse: "3", exit: 1, set: "1 2 3", state: "a tainted 1 2"},
		{config: limit + live("a", "4", createFirst), exit: 1, set: "4", state: "a 4; a deposed tainted 1 2", says: "Too many removals"},
		{config: live("a", "4", createFirst), unset: "1 2", state: "a 4"},
	},
}

// The two lists, moved from one to the other while changes of one are ignored.
var ignored = map[string][]command{
	"both": {
		{config: live("a", "1 2"), set: "1 2", state: "a 1 2"},
		{config: labeled(live("a", "2 3", ignoring("agent_ids"))), args: "plan", exit: 1, says: "Conflicting agent lists"},
	},
	"neither": {
		{config: labeled(live("a", "1 2")), set: "1 2", state: "a 1 2"},
		{config: live("a", "2 3", ignoring("agent_ids")), args: "plan", exit: 1, says: "No agents"},
	},
}

func TestLiveAgents(t *testing.T) {
	t.Parallel()
	runAll(t, "replacement", replacements)
	runAll(t, "replacement of agents", replacements, labeled)
	runAll(t, "move", moves)
	runAll(t, "conflict", conflicts)
	runAll(t, "max_removals", limits)
	runAll(t, "ignore_changes", ignored)
}
