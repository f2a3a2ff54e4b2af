package provider_test

import (
	"slices"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// change is an apply: what it sends, what is in state and, where a part of the
// work was refused, what the next apply sends.
type change struct {
	prior, config object
	sends         []string

	refused []string // agents
	errors  int      // 0: one
	state   object   // unless all is as configured
	next    []string
}

func (c change) run(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	state, sends := c.prior, c.sends
	if c.refused != nil {
		api.Refuse("Invalid AgentID", c.refused...)
		var diags diagnostics
		state, diags = p.PlanAndApply(c.prior, c.config)
		said(t, diags, slices.Repeat([]string{"ERROR Agents refused"}, max(c.errors, 1))...)
		equal(t, "state", state, c.state)
		sent(t, api, sends...)
		api.Accept(c.refused...)
		sends = c.next
	}
	state, diags := p.PlanAndApply(state, c.config)
	said(t, diags)
	equal(t, "state in the end", state, c.config)
	sent(t, api, sends...)
}

var (
	first  = object{"triggers": map[string]string{"n": "1"}}
	second = object{"triggers": map[string]string{"n": "2"}}
)

func TestChanges(t *testing.T) {
	t.Parallel()
	none := object{"triggers": map[string]string{}}
	eachForm(t, func(t *testing.T, f form) {
		with, other := f.with, set
		if f == set {
			other = labelled
		}
		for name, c := range map[string]change{
			"create":                        {config: with([]string{"1", "14"}, everything), sends: []string{"setCad 1 14"}},
			"an agent is new":               {prior: with([]string{"1"}), config: with([]string{"1", "27"}), sends: []string{"setCad 27"}},
			"an agent leaves and keeps CAD": {prior: with([]string{"1", "14"}), config: with([]string{"14"})},
			"an agent leaves and loses CAD": {prior: with([]string{"1", "14"}, unset), config: with([]string{"14"}, unset), sends: []string{"unsetCad 1"}},
			"one comes, one goes":           {prior: with([]string{"1"}), config: with([]string{"5"}, unset), sends: []string{"setCad 5", "unsetCad 1"}},
			"unset_on_removal alone":        {prior: with([]string{"1"}), config: with([]string{"1"}, unset)},
			"triggers appear":               {prior: with([]string{"1", "2"}), config: with([]string{"1", "2"}, first), sends: []string{"setCad 1 2"}},
			"triggers go":                   {prior: with([]string{"1"}, first), config: with([]string{"1"}), sends: []string{"setCad 1"}},
			"empty triggers appear":         {prior: with([]string{"1"}), config: with([]string{"1"}, none)},
			"empty triggers go":             {prior: with([]string{"1"}, none), config: with([]string{"1"})},
			"to the other attribute":        {prior: with([]string{"1", "2"}), config: other.with([]string{"1", "2"})},
			"destroy and unset":             {prior: with([]string{"1", "14"}, unset), sends: []string{"unsetCad 1 14"}},
			"destroy and keep CAD":          {prior: with([]string{"1", "14"})},
			"triggers change while agents come and go": {
				prior: with([]string{"1", "2"}, unset, first), config: with([]string{"2", "3"}, unset, second),
				sends: []string{"setCad 2 3", "unsetCad 1"},
			},
			"to the other attribute while agents come and go": {
				prior: with([]string{"1", "2"}, unset), config: other.with([]string{"2", "3"}, unset),
				sends: []string{"setCad 3", "unsetCad 1"},
			},
		} {
			t.Run(name, c.run)
		}
	})
}

func TestPartial(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		with := f.with
		for name, c := range map[string]change{
			"create in part": {
				config: with([]string{"1", "13", "14"}), sends: []string{"setCad 1 13 14"},
				refused: []string{"13"}, state: with([]string{"1", "14"}), next: []string{"setCad 13"}, // untainted
			},
			"create of nobody": {config: with([]string{"13"}), sends: []string{"setCad 13"}, refused: []string{"13"}, next: []string{"setCad 13"}},
			"update in part": {
				prior: with([]string{"1", "2"}), config: with([]string{"2", "3", "13"}), sends: []string{"setCad 13 3"},
				refused: []string{"13"}, state: with([]string{"2", "3"}), next: []string{"setCad 13"},
			},
			"update that cannot unset": {
				prior: with([]string{"1", "2", "3"}, unset), config: with([]string{"3", "4"}, unset), sends: []string{"setCad 4", "unsetCad 1 2"},
				refused: []string{"2"}, state: with([]string{"2", "3", "4"}, unset), next: []string{"unsetCad 2"},
			},
			"both halves of an update in part": {
				prior: with([]string{"1", "2"}, unset), config: with([]string{"3", "4"}, unset), sends: []string{"setCad 3 4", "unsetCad 1 2"},
				refused: []string{"1", "3"}, errors: 2, state: with([]string{"1", "4"}, unset), next: []string{"setCad 3", "unsetCad 1"},
			},
			"destroy in part": {
				prior: with([]string{"1", "2", "3"}, unset), sends: []string{"unsetCad 1 2 3"},
				refused: []string{"2"}, state: with([]string{"2"}, unset), next: []string{"unsetCad 2"},
			},
			"triggers change, in part": {
				prior: with([]string{"1", "2"}, first), config: with([]string{"1", "2", "3"}, second), sends: []string{"setCad 1 2 3"},
				refused: []string{"2"}, state: with([]string{"1", "2", "3"}, first), next: []string{"setCad 1 2 3"},
			},
			"triggers appear, refused": {
				prior: with([]string{"1"}), config: with([]string{"1"}, first), sends: []string{"setCad 1"},
				refused: []string{"1"}, state: with([]string{"1"}), next: []string{"setCad 1"},
			},
			"triggers go, refused": {
				prior: with([]string{"1"}, first), config: with([]string{"1"}), sends: []string{"setCad 1"},
				refused: []string{"1"}, state: with([]string{"1"}, first), next: []string{"setCad 1"},
			},
		} {
			t.Run(name, c.run)
		}
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
// has disabled every agent, but for what the same run has enabled, reports none,
// whatever an answer said on the way.
func TestDestroyWithAnErrorWithoutAnAgent(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	elsewhere, prior := set.with([]string{"3"}), set.with([]string{"1", "2", "3"}, unset)
	to, _ := p.Plan(nil, elsewhere)
	_, diags := p.Apply(nil, to, elsewhere)
	said(t, diags)
	api.Busy(1, "2")
	api.Fail(deepcalltest.AgentlessError("Quota reached"))
	to, _ = p.Plan(prior, nil)
	state, diags := p.Apply(prior, to, nil)
	said(t, diags, "WARNING CAD left enabled", "WARNING Error without an agent")
	equal(t, "state", state, object(nil))
	sent(t, api, "setCad 3", "unsetCad 1 2", "unsetCad 2")
}
