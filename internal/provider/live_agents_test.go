package provider_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

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
	p.newRun()
	to, diags := p.plan(nil, config)
	said(p.t, diags)
	p.newRun()
	left, destroyed := p.apply(prior, planned{private: to.private}, nil)
	if destroyed.haveError() {
		return left, destroyed, nil
	}
	equal(p.t, "state after the destroy half", left, object(nil))
	again, diags := p.plan(nil, config)
	said(p.t, diags)
	state, created = p.apply(nil, again, config)
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
			to, _ := p.plan(nil, object{"agent_ids": unknown{}, "unset_on_removal": unset})
			equal(t, "note", string(to.private), "")
			_, diags := p.apply(set.with([]string{"1"}, object{"unset_on_removal": true}), to.destroyHalf(), nil)
			said(t, diags)
			sent(t, api, "unsetCad 1")
		})
	}
}

func (to planned) destroyHalf() planned { return planned{private: to.private} }

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
			to, _ := p.plan(nil, config)
			if !strings.Contains(string(to.private), "replacement") {
				t.Fatalf("the plan leaves no note: %q", to.private)
			}
			api.Refuse("Invalid AgentID", refused...)
			resp := p.applyRaw(nil, to, config)
			equal(t, "private data after the create", string(resp.Private), "")
		})
	}
	t.Run("the destroy half fails", func(t *testing.T) {
		api := deepcalltest.Start(t)
		p := connect(t, api, nil)
		to, _ := p.plan(nil, set.with([]string{"2"}, unset))
		api.Refuse("Invalid AgentID", "1")
		resp := p.applyRaw(config, to.destroyHalf(), nil)
		said(t, diagnosticsOf(resp.Diagnostics), "ERROR Agents refused")
		equal(t, "private data", string(resp.Private), "")
	})
	t.Run("a destroy is planned beside it", func(t *testing.T) {
		p := connect(t, deepcalltest.Start(t), nil)
		to, _ := p.plan(nil, config)
		resp, err := p.server.PlanResourceChange(p.ctx, &tfprotov6.PlanResourceChangeRequest{
			TypeName: agentCAD, PriorState: p.dynamic(p.cad, config), Config: p.dynamic(p.cad, nil),
			ProposedNewState: p.dynamic(p.cad, nil), PriorPrivate: to.private,
		})
		p.must(err)
		equal(t, "private data", string(resp.PlannedPrivate), "")
	})
	t.Run("default users pay next to nothing", func(t *testing.T) {
		p := connect(t, deepcalltest.Start(t), nil)
		to, _ := p.plan(nil, labelled.with(numbered(1, 5000)))
		if n := len(to.private); n > 150 {
			t.Errorf("%d bytes of private data", n)
		}
	})
}

func (p *protocol) applyRaw(prior object, to planned, config object) *tfprotov6.ApplyResourceChangeResponse {
	p.t.Helper()
	resp, err := p.server.ApplyResourceChange(p.ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: agentCAD, PriorState: p.dynamic(p.cad, prior), Config: p.dynamic(p.cad, config),
		PlannedState: p.dynamic(p.cad, to.state), PlannedPrivate: to.private,
	})
	p.must(err)
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
					said(t, p.configure(object{"base_url": url, "ssid": "s3cret"}))
				}
				pairs := [][2]object{leaves, c.other}
				if !first {
					slices.Reverse(pairs)
				}
				_, one := p.plan(pairs[0][0], pairs[0][1])
				_, two := p.plan(pairs[1][0], pairs[1][1])
				if one.haveError() || two.haveError() != c.conflict {
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
			said(t, p.configure(object{"base_url": url, "ssid": "s3cret", "max_removals": 2}))
		}
		_, diags := p.plan(set.with([]string{"1", "2", "3"}, unset), set.with([]string{"3"}, unset))
		said(t, diags)
		_, diags = p.plan(set.with([]string{"4"}), nil)
		said(t, diags, "WARNING CAD stays enabled")
		_, diags = p.plan(set.with([]string{"5", "6"}, unset), nil)
		said(t, diags, "ERROR Too many removals")
		if want := "at least 4 agents, and max_removals in the provider block is 2"; !strings.Contains(diags.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, diags)
		}
	}
	// What no plan could see is counted when it is to be sent.
	api := deepcalltest.Start(t)
	p := connect(t, api, object{"max_removals": 1})
	state, diags := p.apply(set.with([]string{"1", "2"}, unset), planned{}, nil)
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
	to, _ := p.plan(nil, config)
	_, diags := p.apply(nil, to, config)
	said(t, diags)
	deposed, diags := p.plan(config, nil)
	said(t, diags)
	_, diags = p.apply(config, deposed, nil)
	said(t, diags, "WARNING CAD left enabled")
	sent(t, api, "setCad 1 2")
}

// core applies ignore_changes after the configuration has been validated.
func TestBothOrNeitherInThePlan(t *testing.T) {
	t.Parallel()
	p := connect(t, deepcalltest.Start(t), nil)
	prior := set.with([]string{"1"})
	for summary, config := range map[string]object{
		"ERROR No agents":          {"unset_on_removal": true},
		"ERROR Agents given twice": {"agent_ids": []string{"1"}, "agents": map[string]string{"2": ""}, "unset_on_removal": false},
	} {
		_, diags := p.plan(prior, config)
		said(t, diags, summary)
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
		to, diags := p.plan(c[0], c[1])
		said(t, diags)
		_, diags = p.apply(c[0], to, c[1])
		said(t, diags)
	}
	sent(t, api)
}

// A stop waits until the action has reported that it was interrupted.
func TestStopWaitsForActions(t *testing.T) {
	t.Parallel()
	api := startForAMinute(t)
	api.Fail(deepcalltest.Hang())
	p := connect(t, api, nil)
	reported := make(chan diagnostics, 1)
	go func() {
		_, found := p.invoke(setAction, object{"agent_ids": []string{"1", "2"}})
		reported <- found
	}()
	if err := api.Wait(1, time.Minute); err != nil {
		t.Fatal(err)
	}
	_, err := p.server.StopProvider(context.WithoutCancel(t.Context()), &tfprotov6.StopProviderRequest{})
	p.must(err)
	select {
	case found := <-reported:
		said(t, found, "ERROR Operation interrupted")
	case <-time.After(time.Second):
		t.Error("the stop did not wait for the action")
	}
	_, found := p.invoke(setAction, object{"agent_ids": []string{"3"}})
	said(t, found, "ERROR Operation interrupted")
}

// Core validates an action with unknown values where it has a variable.
func TestActionChecksAgain(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	for summary, config := range map[string]object{
		"ERROR Invalid agent ID":   {"agent_ids": []string{" 1"}},
		"ERROR No agents":          {"agents": map[string]string{}},
		"ERROR Agents given twice": {"agent_ids": []string{"1"}, "agents": map[string]string{"1": ""}},
		"ERROR Invalid duration":   {"agents": map[string]string{"1": ""}, "timeouts": object{"invoke": "-1s"}},
		"ERROR Invalid label":      {"agents": map[string]any{"1": nil}},
	} {
		said(t, p.planAction(setAction, config), summary)
		_, found := p.invokeUnplanned(setAction, config)
		said(t, found, summary)
	}
	said(t, p.planAction(setAction, object{}), "ERROR No agents")
	said(t, p.planAction(setAction, object{"agent_ids": unknown{}}))
	said(t, p.planAction(unsetAction, object{"agent_ids": numbered(1, 2001)}), "WARNING Large set")
	sent(t, api)
	_, found := p.invoke(setAction, object{"agents": map[string]string{"1": "Ada"}})
	said(t, found)
	sent(t, api, "setCad 1")
}
