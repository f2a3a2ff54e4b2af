package provider_test

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// What is in state when a part of the work was done, and what the next apply
// then sends.
func TestPartial(t *testing.T) {
	t.Parallel()
	first, second := object{"triggers": map[string]string{"n": "1"}}, object{"triggers": map[string]string{"n": "2"}}
	eachForm(t, func(t *testing.T, f form) {
		for _, c := range []struct {
			name                 string
			prior, config, state object
			refused              []string // agents
			errors               int      // 0: one
			sends, next          []string
		}{
			{
				name: "create", config: f.with([]string{"1", "13", "14"}), refused: []string{"13"},
				state: f.with([]string{"1", "14"}), sends: []string{"setCad 1 13 14"}, next: []string{"setCad 13"}, // untainted
			},
			{
				name: "create, nobody confirmed", config: f.with([]string{"13"}), refused: []string{"13"},
				sends: []string{"setCad 13"}, next: []string{"setCad 13"},
			},
			{
				name: "update", prior: f.with([]string{"1", "2"}), config: f.with([]string{"2", "3", "13"}), refused: []string{"13"},
				state: f.with([]string{"2", "3"}), sends: []string{"setCad 13 3"}, next: []string{"setCad 13"},
			},
			{
				name: "update that cannot unset", prior: f.with([]string{"1", "2", "3"}, unset), config: f.with([]string{"3", "4"}, unset),
				refused: []string{"2"}, state: f.with([]string{"2", "3", "4"}, unset),
				sends: []string{"setCad 4", "unsetCad 1 2"}, next: []string{"unsetCad 2"},
			},
			{
				name: "both halves of an update", prior: f.with([]string{"1", "2"}, unset), config: f.with([]string{"3", "4"}, unset),
				refused: []string{"1", "3"}, errors: 2, state: f.with([]string{"1", "4"}, unset),
				sends: []string{"setCad 3 4", "unsetCad 1 2"}, next: []string{"setCad 3", "unsetCad 1"},
			},
			{
				name: "destroy", prior: f.with([]string{"1", "2", "3"}, unset), refused: []string{"2"},
				state: f.with([]string{"2"}, unset), sends: []string{"unsetCad 1 2 3"}, next: []string{"unsetCad 2"},
			},
			{
				name: "triggers changed", prior: f.with([]string{"1", "2"}, first), config: f.with([]string{"1", "2", "3"}, second),
				refused: []string{"2"}, state: f.with([]string{"1", "2", "3"}, first),
				sends: []string{"setCad 1 2 3"}, next: []string{"setCad 1 2 3"},
			},
			{
				name: "triggers added", prior: f.with([]string{"1"}), config: f.with([]string{"1"}, first), refused: []string{"1"},
				state: f.with([]string{"1"}), sends: []string{"setCad 1"}, next: []string{"setCad 1"},
			},
			{
				name: "triggers removed", prior: f.with([]string{"1"}, first), config: f.with([]string{"1"}), refused: []string{"1"},
				state: f.with([]string{"1"}, first), sends: []string{"setCad 1"}, next: []string{"setCad 1"},
			},
		} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				api := deepcalltest.Start(t)
				api.Refuse("Invalid AgentID", c.refused...)
				p := connect(t, api, nil)
				state, diags := p.PlanAndApply(c.prior, c.config)
				said(t, diags, slices.Repeat([]string{"ERROR Agents refused"}, max(c.errors, 1))...)
				equal(t, "state", state, c.state)
				sent(t, api, c.sends...)

				api.Accept(c.refused...)
				state, diags = p.PlanAndApply(state, c.config)
				said(t, diags)
				equal(t, "state in the end", state, c.config)
				sent(t, api, c.next...)
			})
		}
	})
}

// The same in the hands of a CLI, which marks a failed create as tainted.
func TestPartialWithCLI(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		api := deepcalltest.Start(t)
		api.Refuse("Invalid AgentID", "13")
		with := func(ids ...string) string { return config(api, ssid, cad("a", f.hcl(ids...), unsets)) }
		all := with("1", "13", "14")
		run(t, api, step{
			about:  "nobody is confirmed",
			config: with("13"),
			fails:  []string{"CAD was not enabled for 1 agent: Invalid AgentID.", "No agent was confirmed, so nothing is in state."},
			sends:  []string{"setCad 13"},
		}, step{
			about:  "the next apply starts over, and one is refused",
			config: all,
			fails: []string{
				"Agents refused", "with " + resourceA + ",",
				"CAD was not enabled for 1 of 3 agents: Invalid AgentID.", "Agents: 13",
				"State lists 2 agents.", "tainted", "none that remains in the configuration loses CAD",
			},
			sends: []string{"setCad 1 13 14"},
		}, step{
			about:  "the next apply replaces what is tainted",
			before: func() { api.Accept("13") },
			config: all,
			plan:   []plancheck.PlanCheck{held("1", "14"), does(plancheck.ResourceActionDestroyBeforeCreate)},
			sends:  []string{"setCad 1 13 14"},
			state:  []statecheck.StateCheck{f.holds("1", "13", "14")},
		}, step{
			about:   "one cannot be unset",
			before:  func() { api.Refuse("Data could not be updated", "14") },
			config:  all,
			destroy: true,
			fails: []string{"Agents refused", "CAD was not disabled for 1 of 3 agents: Data could not be updated.", "Agents: 14",
				"run the same destroy again", "stay in state"},
			sends: []string{"unsetCad 1 13 14"},
		}, step{
			about:   "the next destroy sends what is left",
			before:  func() { api.Accept("14") },
			config:  all,
			destroy: true,
			plan:    []plancheck.PlanCheck{held("14"), does(plancheck.ResourceActionDestroy)},
			sends:   []string{"unsetCad 14"},
		})
	})
}

// What stops the agents that are to be set stops those to be unset: they are
// not tried, and stay.
func TestNothingIsUnsetAfterAFailureThatWouldMeetItToo(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	prior, config := set.with([]string{"1"}, unset), set.with([]string{"2"}, unset)
	api.Fail(deepcalltest.Code(1014, "Invalid token"))
	state, diags := p.PlanAndApply(prior, config)
	said(t, diags, "ERROR Credentials refused", "ERROR Credentials refused")
	equal(t, "state", state, prior)
	sent(t, api, "setCad 2")

	api.Fail(deepcalltest.Code(1507, "Invalid AgentID"))
	state, diags = p.PlanAndApply(state, config)
	said(t, diags, "ERROR Request refused")
	equal(t, "state", state, object{"unset_on_removal": true, "agent_ids": []string{}})
	sent(t, api, "setCad 2", "unsetCad 1")
}

// Labels come from the plan; an agent that should have left and could not keeps
// its old one.
func TestLabelsAfterAFailure(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	api.Refuse("Data could not be updated", "2")
	roster := func(labels map[string]string) object { return object{"agents": labels, "unset_on_removal": true} }
	state, diags := connect(t, api, nil).PlanAndApply(
		roster(map[string]string{"1": "Ada", "2": "Bob"}), roster(map[string]string{"1": "Ada L.", "3": "Cyd"}))
	said(t, diags, "ERROR Agents refused")
	equal(t, "state", state, roster(map[string]string{"1": "Ada L.", "2": "Bob", "3": "Cyd"}))
}

// Beside an error, Terraform keeps what a destroy returns as gone. So one that
// has disabled every agent reports none, whatever an answer said on the way.
func TestDestroyWithAnErrorWithoutAnAgent(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	api.Busy(1, "2")
	api.Fail(deepcalltest.AgentlessError("Quota reached"))
	state, diags := connect(t, api, nil).PlanAndApply(set.with([]string{"1", "2"}, unset), nil)
	said(t, diags, "WARNING Error without an agent")
	equal(t, "state", state, object(nil))
	sent(t, api, "unsetCad 1 2", "unsetCad 2")
}

// From no triggers to empty ones and back sends nothing.
func TestEmptyTriggers(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	none, empty := set.with([]string{"1"}), set.with([]string{"1"}, object{"triggers": map[string]string{}})
	for _, c := range [][2]object{{none, empty}, {empty, none}} {
		state, diags := p.PlanAndApply(c[0], c[1])
		said(t, diags)
		equal(t, "state", state, c[1])
	}
	sent(t, api)
}
