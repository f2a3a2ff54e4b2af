package provider_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// No live agent is switched off by accident, see DESIGN.md.

// replace is what core does with a replacement that destroys first: both halves
// get the private data of the create's plan, which is made by another process.
func (p *protocol) replace(prior, config object) (state object, destroyed, created diagnostics) {
	p.t.Helper()
	p.NewRun()
	to, diags := p.Plan(nil, config)
	said(p.t, diags)
	p.NewRun()
	left, destroyed := p.Apply(prior, to.DestroyHalf(), nil)
	if destroyed.HaveError() {
		return left, destroyed, nil
	}
	equal(p.t, "state after the destroy half", left, object(nil))
	again, diags := p.Plan(nil, config)
	said(p.t, diags)
	state, created = p.Apply(nil, again, config)
	return state, destroyed, created
}

func TestReplacementLeavesOnWhatStays(t *testing.T) {
	t.Parallel()
	unsets, keeps := object{"unset_on_removal": true}, object{"unset_on_removal": false}
	for name, c := range map[string]struct {
		before, after    object // of both forms
		from, to         []string
		refused          []string
		sends            []string
		state            []string
		destroys, create []string // said
	}{
		"nothing changes":                {unsets, unsets, []string{"1", "2"}, []string{"1", "2"}, nil, []string{"setCad 1 2"}, []string{"1", "2"}, nil, nil},
		"one leaves":                     {unsets, unsets, []string{"1", "2"}, []string{"2", "3"}, nil, []string{"unsetCad 1", "setCad 2 3"}, []string{"2", "3"}, nil, nil},
		"the create half fails":          {unsets, unsets, []string{"1", "2"}, []string{"2", "3"}, []string{"2"}, []string{"unsetCad 1", "setCad 2 3"}, []string{"2", "3"}, nil, []string{"ERROR Agents refused"}},
		"the destroy half fails":         {unsets, unsets, []string{"1", "2"}, []string{"2"}, []string{"1"}, []string{"unsetCad 1"}, []string{"1", "2"}, []string{"ERROR Agents refused"}, nil},
		"unset_on_removal becomes false": {unsets, keeps, []string{"1", "2"}, []string{"2"}, nil, []string{"setCad 2"}, []string{"2"}, nil, []string{"WARNING CAD stays enabled"}},
		"unset_on_removal becomes true":  {keeps, unsets, []string{"1", "2"}, []string{"2"}, nil, []string{"unsetCad 1", "setCad 2"}, []string{"2"}, nil, nil},
		"default, the create half fails": {keeps, keeps, []string{"1", "2"}, []string{"2"}, []string{"2"}, []string{"setCad 2"}, []string{"2"}, nil, []string{"WARNING CAD stays enabled", "ERROR Agents refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			eachForm(t, func(t *testing.T, f form) {
				api := deepcalltest.Start(t)
				api.Enable(c.from...)
				api.Refuse("Invalid AgentID", c.refused...)
				p := connect(t, api, nil)
				state, destroyed, created := p.replace(f.with(c.from, c.before), f.with(c.to, c.after))
				said(t, destroyed, c.destroys...)
				said(t, created, c.create...)
				sent(t, api, c.sends...)
				want := f.with(c.state, c.after)
				if len(c.destroys) > 0 {
					want = f.with(c.state, c.before)
				}
				equal(t, "state", state, want)
			})
		})
	}
}

// With agents that are unknown at plan, nothing is known to protect.
func TestReplacementOfUnknownAgents(t *testing.T) {
	t.Parallel()
	for about, unset := range map[string]any{"unset": true, "unset_on_removal unknown": unknown{}} {
		t.Run(about, func(t *testing.T) {
			api := deepcalltest.Start(t)
			p := connect(t, api, nil)
			to, _ := p.Plan(nil, object{"agent_ids": unknown{}, "unset_on_removal": unset})
			equal(t, "note", string(to.Private), "")
			_, diags := p.Apply(set.with([]string{"1"}, object{"unset_on_removal": true}), to.DestroyHalf(), nil)
			said(t, diags)
			sent(t, api, "unsetCad 1")
		})
	}
}

// The note must not reach state: a later destroy would be taken for half of a
// replacement, and leave all agents on.
func TestNoteDoesNotReachState(t *testing.T) {
	t.Parallel()
	unset := object{"unset_on_removal": true}
	config := set.with([]string{"1", "2"}, unset)
	for about, refused := range map[string][]string{"created": nil, "created in part": {"2"}} {
		t.Run(about, func(t *testing.T) {
			api := deepcalltest.Start(t)
			p := connect(t, api, nil)
			to, _ := p.Plan(nil, config)
			if !strings.Contains(string(to.Private), "replacement") {
				t.Fatalf("the plan leaves no note: %q", to.Private)
			}
			api.Refuse("Invalid AgentID", refused...)
			resp := p.applyRaw(nil, to, config)
			equal(t, "private data after the create", string(resp.Private), "")
		})
	}
	t.Run("the destroy half fails", func(t *testing.T) {
		api := deepcalltest.Start(t)
		p := connect(t, api, nil)
		to, _ := p.Plan(nil, set.with([]string{"2"}, unset))
		api.Refuse("Invalid AgentID", "1")
		resp := p.applyRaw(config, to.DestroyHalf(), nil)
		said(t, diagnosticsOf(resp.Diagnostics), "ERROR Agents refused")
		equal(t, "private data", string(resp.Private), "")
	})
	t.Run("a destroy is planned beside it", func(t *testing.T) {
		p := connect(t, deepcalltest.Start(t), nil)
		to, _ := p.Plan(nil, config)
		resp, err := p.Server.PlanResourceChange(p.Context, &tfprotov6.PlanResourceChangeRequest{
			TypeName: agentCAD, PriorState: p.Dynamic(p.CAD, config), Config: p.Dynamic(p.CAD, nil),
			ProposedNewState: p.Dynamic(p.CAD, nil), PriorPrivate: to.Private,
		})
		p.Must(err)
		equal(t, "private data", string(resp.PlannedPrivate), "")
	})
	t.Run("default users pay next to nothing", func(t *testing.T) {
		p := connect(t, deepcalltest.Start(t), nil)
		to, _ := p.Plan(nil, labelled.with(numbered(1, 5000)))
		if n := len(to.Private); n > 150 {
			t.Errorf("%d bytes of private data", n)
		}
	})
}

func (p *protocol) applyRaw(prior object, to planned, config object) *tfprotov6.ApplyResourceChangeResponse {
	p.t.Helper()
	resp, err := p.Server.ApplyResourceChange(p.Context, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: agentCAD, PriorState: p.Dynamic(p.CAD, prior), Config: p.Dynamic(p.CAD, config),
		PlannedState: p.Dynamic(p.CAD, to.State), PlannedPrivate: to.Private,
	})
	p.Must(err)
	return resp
}

// One resource would disable what another keeps: whichever is planned second
// says so, also while the provider block has unknown values.
func TestConflict(t *testing.T) {
	t.Parallel()
	unset := object{"unset_on_removal": true}
	leaves := [2]object{set.with([]string{"1", "2"}, unset), set.with([]string{"1"}, unset)}
	again := object{"triggers": object{"release": "2"}}
	for name, c := range map[string]struct {
		other    [2]object
		conflict bool
	}{
		"the other keeps it":           {[2]object{labelled.with([]string{"2", "3"}), labelled.with([]string{"2", "3"})}, true},
		"the other loses another":      {[2]object{set.with([]string{"2", "3"}, unset), set.with([]string{"2"}, unset)}, true},
		"the other sends it again":     {[2]object{set.with([]string{"2"}), set.with([]string{"2"}, again)}, false},
		"the other gets it":            {[2]object{set.with([]string{"3"}), set.with([]string{"2", "3"})}, false},
		"the other loses it, too":      {[2]object{set.with([]string{"2", "3"}, unset), set.with([]string{"3"}, unset)}, false},
		"the other is destroyed":       {[2]object{set.with([]string{"2"}, unset), nil}, false},
		"the other, untouched, has no": {[2]object{set.with([]string{"3"}), set.with([]string{"3"})}, false},
	} {
		for _, url := range []any{nil, unknown{}} {
			for _, first := range []bool{true, false} {
				p := connect(t, deepcalltest.Start(t), nil)
				if url != nil {
					said(t, p.Configure(object{"base_url": url, "ssid": "s3cret"}))
				}
				pairs := [][2]object{leaves, c.other}
				if !first {
					slices.Reverse(pairs)
				}
				_, one := p.Plan(pairs[0][0], pairs[0][1])
				_, two := p.Plan(pairs[1][0], pairs[1][1])
				if one.HaveError() || two.HaveError() != c.conflict {
					t.Errorf("%s, first %t, base_url %v: %s\n%s", name, first, url, one, two)
				}
			}
		}
	}
}

func TestMaxRemovals(t *testing.T) {
	t.Parallel()
	unset := object{"unset_on_removal": true}
	for _, url := range []any{nil, unknown{}} {
		p := connect(t, deepcalltest.Start(t), object{"max_removals": 2})
		if url != nil {
			said(t, p.Configure(object{"base_url": url, "ssid": "s3cret", "max_removals": 2}))
		}
		_, diags := p.Plan(set.with([]string{"1", "2", "3"}, unset), set.with([]string{"3"}, unset))
		said(t, diags)
		_, diags = p.Plan(set.with([]string{"4"}), nil)
		said(t, diags, "WARNING CAD stays enabled")
		_, diags = p.Plan(set.with([]string{"2", "7"}, unset), set.with([]string{"7"}, unset)) // 2 leaves twice
		said(t, diags)
		_, diags = p.Plan(set.with([]string{"5", "6"}, unset), nil)
		said(t, diags, "ERROR Too many removals")
		if want := "at least 4 agents, and max_removals in the provider block is 2"; !strings.Contains(diags.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, diags)
		}
	}
	// What no plan could see is counted when it is to be sent.
	api := deepcalltest.Start(t)
	p := connect(t, api, object{"max_removals": 1})
	state, diags := p.Apply(set.with([]string{"1", "2"}, unset), planned{}, nil)
	said(t, diags, "ERROR Too many removals")
	equal(t, "state", state, set.with([]string{"1", "2"}, unset))
	sent(t, api)
}

// A deposed object is planned afresh in the run that has enabled its agents.
func TestDeposedAgentsOfThisRunDoNotCount(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, object{"max_removals": 0})
	config := set.with([]string{"1", "2"}, object{"unset_on_removal": true})
	to, _ := p.Plan(nil, config)
	_, diags := p.Apply(nil, to, config)
	said(t, diags)
	deposed, diags := p.Plan(config, nil)
	said(t, diags)
	_, diags = p.Apply(config, deposed, nil)
	said(t, diags, "WARNING CAD left enabled")
	sent(t, api, "setCad 1 2")
}

// core applies ignore_changes after the configuration has been validated.
func TestBothOrNeitherInThePlan(t *testing.T) {
	t.Parallel()
	p := connect(t, deepcalltest.Start(t), nil)
	prior := set.with([]string{"1"})
	for _, c := range []struct {
		config  object
		summary string
	}{
		{object{"unset_on_removal": true}, "ERROR No agents"},
		{object{"agents": map[string]string{}, "unset_on_removal": true}, "ERROR No agents"},
		{object{"agent_ids": []string{"1"}, "agents": map[string]string{"2": ""}, "unset_on_removal": false}, "ERROR Agents given twice"},
	} {
		_, diags := p.Plan(prior, c.config)
		said(t, diags, c.summary)
	}
}

func TestIgnoreChanges(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	run(t, api, step{
		config: config(api, ssid, cad("a", set.hcl("1"), unsets)),
		sends:  []string{"setCad 1"},
	}, step{
		config: config(api, ssid, cad("a", labelled.hcl("2"), unsets, "lifecycle {\n ignore_changes = [agent_ids]\n}")),
		fails:  []string{"Agents given twice"},
	}, step{
		config: config(api, ssid, cad("a", labelled.hcl("2"), unsets, "lifecycle {\n ignore_changes = [agent_ids, agents]\n}")),
		plan:   []plancheck.PlanCheck{does(plancheck.ResourceActionNoop)},
		state:  []statecheck.StateCheck{holds(resourceA, "1")},
	})
}

// From no triggers to empty ones and back sends nothing.
func TestEmptyTriggers(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	none, empty := set.with([]string{"1"}), set.with([]string{"1"}, object{"triggers": object{}})
	for _, c := range [][2]object{{none, empty}, {empty, none}} {
		to, diags := p.Plan(c[0], c[1])
		said(t, diags)
		_, diags = p.Apply(c[0], to, c[1])
		said(t, diags)
	}
	sent(t, api)
}
