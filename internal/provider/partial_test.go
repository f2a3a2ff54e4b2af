package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// What is in state when a part of the work was done, and what the next apply
// then sends.

func TestPartialCreate(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		for _, c := range []struct {
			about, attributes string
			replacement       []string
		}{
			{"agents keep CAD", "", []string{"setCad 1 13 14"}},
			{"agents lose CAD", "  unset_on_removal = true\n", []string{"setCad 1 13 14"}},
		} {
			t.Run(c.about, func(t *testing.T) {
				t.Parallel()
				api := deepcalltest.Start(t)
				api.Refuse("Invalid AgentID", "13")
				all := config(api, ssid, cad("a", f.hcl("1", "13", "14"), c.attributes))
				run(t, api, step{
					about:  "one is refused",
					config: all,
					fails: []string{
						"Agents refused", "with " + resourceA + ",",
						"CAD was not enabled for 1 of 3 agents: Invalid AgentID.", "Agents: 13",
						"2 agents in state.", "tainted", "none that stays in the configuration is switched off",
					},
					sends: []string{"setCad 1 13 14"},
				}, step{
					about:  "the next apply replaces what is tainted",
					before: func() { api.Accept("13") },
					config: all,
					plan:   []plancheck.PlanCheck{held("1", "14"), does(plancheck.ResourceActionDestroyBeforeCreate)},
					sends:  c.replacement,
					state:  []statecheck.StateCheck{f.holds("1", "13", "14")},
				})
			})
		}
	})
}

func TestCreateThatDoesNothing(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		api := deepcalltest.Start(t)
		api.Refuse("Invalid AgentID", "13")
		all := config(api, ssid, cad("a", f.hcl("13")))
		run(t, api, step{
			about:  "the only agent is refused",
			config: all,
			fails:  []string{"CAD was not enabled for 1 agent: Invalid AgentID.", "No agent was confirmed, so nothing is in state."},
			sends:  []string{"setCad 13"},
		}, step{
			about:  "the next apply starts over",
			before: func() { api.Accept("13") },
			config: all,
			plan:   []plancheck.PlanCheck{held(), does(plancheck.ResourceActionCreate)},
			sends:  []string{"setCad 13"},
			state:  []statecheck.StateCheck{f.holds("13")},
		})
	})
}

// `terraform untaint` after a partial create leaves an update to plan.
func TestUntaintedAfterPartialCreate(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		api := deepcalltest.Start(t)
		api.Refuse("Invalid AgentID", "13")
		p := connect(t, api, nil)
		all := f.with([]string{"1", "13", "14"})

		state, diags := p.PlanAndApply(nil, all)
		said(t, diags, "ERROR Agents refused")
		equal(t, "state", state, f.with([]string{"1", "14"}))
		sent(t, api, "setCad 1 13 14")

		api.Accept("13")
		state, diags = p.PlanAndApply(state, all)
		said(t, diags)
		equal(t, "state", state, all)
		sent(t, api, "setCad 13")
	})
}

func TestPartialUpdate(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		api := deepcalltest.Start(t)
		p := connect(t, api, nil)
		state, _ := p.PlanAndApply(nil, f.with([]string{"1", "2"}))
		api.ResetRequests()
		api.Refuse("Invalid AgentID", "13")

		next := f.with([]string{"2", "3", "13"})
		state, diags := p.PlanAndApply(state, next)
		said(t, diags, "ERROR Agents refused")
		equal(t, "state: those before and confirmed, without those that left", state, f.with([]string{"2", "3"}))
		sent(t, api, "setCad 13 3")

		api.Accept("13")
		state, diags = p.PlanAndApply(state, next)
		said(t, diags)
		equal(t, "state", state, next)
		sent(t, api, "setCad 13")
	})
}

func TestPartialUnset(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		api := deepcalltest.Start(t)
		p := connect(t, api, nil)
		unset := object{"unset_on_removal": true}
		state, _ := p.PlanAndApply(nil, f.with([]string{"1", "2", "3"}, unset))
		api.ResetRequests()
		api.Refuse("Data could not be updated", "2")

		next := f.with([]string{"3", "4"}, unset)
		state, diags := p.PlanAndApply(state, next)
		said(t, diags, "ERROR Agents refused")
		equal(t, "state: what could not be unset stays", state, f.with([]string{"2", "3", "4"}, unset))
		sent(t, api, "setCad 4", "unsetCad 1 2")

		_, diags = p.PlanAndApply(state, next)
		said(t, diags, "ERROR Agents refused")
		sent(t, api, "unsetCad 2")

		api.Accept("2")
		state, diags = p.PlanAndApply(state, next)
		said(t, diags)
		equal(t, "state", state, next)
		sent(t, api, "unsetCad 2")
	})
}

func TestPartialDestroy(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		api := deepcalltest.Start(t)
		all := config(api, ssid, cad("a", f.hcl("1", "2", "3"), "unset_on_removal = true"))
		run(t, api, step{
			about: "create", config: all, sends: []string{"setCad 1 2 3"},
		}, step{
			about:   "one is refused",
			before:  func() { api.Refuse("Data could not be updated", "2") },
			config:  all,
			destroy: true,
			fails: []string{"Agents refused", "CAD was not disabled for 1 of 3 agents: Data could not be updated.", "Agents: 2",
				"run the same destroy again", "stay in state"},
			sends: []string{"unsetCad 1 2 3"},
		}, step{
			about:   "the next destroy sends what is left",
			before:  func() { api.Accept("2") },
			config:  all,
			destroy: true,
			plan:    []plancheck.PlanCheck{held("2"), does(plancheck.ResourceActionDestroy)},
			sends:   []string{"unsetCad 2"},
		})
	})
}

// Beside an error, Terraform keeps what a destroy returns as gone. So one that
// has disabled every agent reports none, whatever an answer said on the way.
func TestDestroyWithAnErrorWithoutAnAgent(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	prior := set.with([]string{"1", "2"}, object{"unset_on_removal": true})
	api.Busy(1, "2")
	api.Fail(deepcalltest.AgentlessError("Quota reached"))
	state, diags := p.PlanAndApply(prior, nil)
	said(t, diags, "WARNING Error without an agent")
	equal(t, "state", state, object(nil))
	sent(t, api, "unsetCad 1 2", "unsetCad 2")
}

// A trigger is taken into state only with every agent confirmed; until then the
// next apply sends all of them again.
func TestPartialTrigger(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		api := deepcalltest.Start(t)
		p := connect(t, api, nil)
		first, second := object{"triggers": map[string]string{"n": "1"}}, object{"triggers": map[string]string{"n": "2"}}
		state, _ := p.PlanAndApply(nil, f.with([]string{"1", "2"}, first))
		api.ResetRequests()
		api.Refuse("Invalid AgentID", "2")

		state, diags := p.PlanAndApply(state, f.with([]string{"1", "2", "3"}, second))
		said(t, diags, "ERROR Agents refused")
		equal(t, "state: an agent confirmed before stays", state, f.with([]string{"1", "2", "3"}, first))
		sent(t, api, "setCad 1 2 3")

		api.Accept("2")
		state, diags = p.PlanAndApply(state, f.with([]string{"1", "2", "3"}, second))
		said(t, diags)
		equal(t, "state", state, f.with([]string{"1", "2", "3"}, second))
		sent(t, api, "setCad 1 2 3")
	})
}

// The same for a first value, and for the last one taken away.
func TestPartialTriggerFromAndToNull(t *testing.T) {
	t.Parallel()
	without, with := set.with([]string{"1"}), set.with([]string{"1"}, object{"triggers": map[string]string{"n": "1"}})
	for _, c := range []struct {
		about    string
		from, to object
	}{{"added", without, with}, {"removed", with, without}} {
		t.Run(c.about, func(t *testing.T) {
			t.Parallel()
			api := deepcalltest.Start(t)
			p := connect(t, api, nil)
			api.Fail(deepcalltest.RefuseOnce("Invalid AgentID"))
			state, diags := p.PlanAndApply(c.from, c.to)
			said(t, diags, "ERROR Agents refused")
			equal(t, "state", state, c.from)
			state, diags = p.PlanAndApply(state, c.to)
			said(t, diags)
			equal(t, "state", state, c.to)
			sent(t, api, "setCad 1", "setCad 1")
		})
	}
}

// What stops the agents that are to be set stops those to be unset: they are
// not tried, and stay.
func TestNothingIsUnsetAfterAFailureThatWouldMeetItToo(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	unset := object{"unset_on_removal": true}
	state, _ := p.PlanAndApply(nil, set.with([]string{"1"}, unset))
	api.ResetRequests()
	api.Fail(deepcalltest.Code(1014, "Invalid token"))

	state, diags := p.PlanAndApply(state, set.with([]string{"2"}, unset))
	said(t, diags, "ERROR Credentials refused", "ERROR Credentials refused")
	equal(t, "state", state, set.with([]string{"1"}, unset))
	sent(t, api, "setCad 2")

	api.Fail(deepcalltest.Code(1507, "Invalid AgentID"))
	state, diags = p.PlanAndApply(state, set.with([]string{"2"}, unset))
	said(t, diags, "ERROR Request refused")
	equal(t, "state", state, object{"unset_on_removal": true, "agent_ids": []string{}})
	sent(t, api, "setCad 2", "unsetCad 1")
}

// A refusal in one half of an update does not undo the other, and each has its
// error.
func TestBothHalvesOfAnUpdateFail(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		api := deepcalltest.Start(t)
		p := connect(t, api, nil)
		unset := object{"unset_on_removal": true}
		state, _ := p.PlanAndApply(nil, f.with([]string{"1", "2"}, unset))
		api.ResetRequests()
		api.Refuse("Invalid AgentID", "1", "3")
		state, diags := p.PlanAndApply(state, f.with([]string{"3", "4"}, unset))
		said(t, diags, "ERROR Agents refused", "ERROR Agents refused")
		equal(t, "state", state, f.with([]string{"1", "4"}, unset))
		sent(t, api, "setCad 3 4", "unsetCad 1 2")
	})
}

// Labels come from the plan; an agent that should have left and could not keeps
// its old one.
func TestLabelsAfterAFailure(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	roster := func(labels map[string]string) object { return object{"agents": labels, "unset_on_removal": true} }
	state, _ := p.PlanAndApply(nil, roster(map[string]string{"1": "Ada", "2": "Bob"}))
	api.Refuse("Data could not be updated", "2")
	state, diags := p.PlanAndApply(state, roster(map[string]string{"1": "Ada L.", "3": "Cyd"}))
	said(t, diags, "ERROR Agents refused")
	equal(t, "state", state, roster(map[string]string{"1": "Ada L.", "2": "Bob", "3": "Cyd"}))
}
