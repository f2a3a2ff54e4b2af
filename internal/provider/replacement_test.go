package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// The two halves of a replacement, see DESIGN.md.

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
	keep := object{"unset_on_removal": false}
	for name, c := range map[string]struct {
		before, after     object   // of 1 and 2, and of the agents in to
		to, refused       []string // agents
		sends, state      []string
		destroys, creates []string // said
	}{
		"nothing changes": {before: unset, after: unset, to: []string{"1", "2"}, sends: []string{"setCad 1 2"}, state: []string{"1", "2"}},
		"one leaves":      {before: unset, after: unset, to: []string{"2", "3"}, sends: []string{"unsetCad 1", "setCad 2 3"}, state: []string{"2", "3"}},
		"the create half fails": {
			before: unset, after: unset, to: []string{"2", "3"}, refused: []string{"2"},
			sends: []string{"unsetCad 1", "setCad 2 3"}, state: []string{"2", "3"}, creates: []string{"ERROR Agents refused"},
		},
		"the destroy half fails": {
			before: unset, after: unset, to: []string{"2"}, refused: []string{"1"},
			sends: []string{"unsetCad 1"}, state: []string{"1", "2"}, destroys: []string{"ERROR Agents refused"},
		},
		"unset_on_removal becomes false": {
			before: unset, after: keep, to: []string{"2"}, sends: []string{"setCad 2"}, state: []string{"2"},
			creates: []string{"WARNING CAD stays enabled"},
		},
		"unset_on_removal becomes true": {before: keep, after: unset, to: []string{"2"}, sends: []string{"unsetCad 1", "setCad 2"}, state: []string{"2"}},
		"default, the create half fails": {
			before: keep, after: keep, to: []string{"2"}, refused: []string{"2"}, sends: []string{"setCad 2"}, state: []string{"2"},
			creates: []string{"WARNING CAD stays enabled", "ERROR Agents refused"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachForm(t, func(t *testing.T, f form) {
				api := deepcalltest.Start(t)
				api.Enable("1", "2")
				api.Refuse("Invalid AgentID", c.refused...)
				state, destroyed, created := connect(t, api, nil).replace(f.with([]string{"1", "2"}, c.before), f.with(c.to, c.after))
				said(t, destroyed, c.destroys...)
				said(t, created, c.creates...)
				sent(t, api, c.sends...)
				want := f.with(c.state, c.after)
				if len(c.destroys) > 0 {
					want = f.with(c.state, c.before)
					if text := destroyed.String(); !strings.Contains(text, "The next apply tries again.") || strings.Contains(text, "destroy") {
						t.Errorf("no part of a replacement is repeated by a destroy:\n%s", text)
					}
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

// If unset_on_removal is false, nothing has to be protected, and the create half
// knows its agents by then.
func TestReplacementOfUnknownAgentsThatLetsSomeGo(t *testing.T) {
	t.Parallel()
	keep := object{"unset_on_removal": false}
	for name, c := range map[string]struct {
		refused string
		state   object
		says    []string
	}{
		"confirmed": {"", set.with([]string{"2", "3"}, keep), []string{"WARNING CAD stays enabled"}},
		"refused":   {"2", set.with([]string{"2", "3"}, keep), []string{"WARNING CAD stays enabled", "ERROR Agents refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			api := deepcalltest.Start(t)
			api.Refuse("Invalid AgentID", c.refused)
			p := connect(t, api, nil)
			to, _ := p.Plan(nil, object{"agent_ids": unknown{}, "unset_on_removal": false})
			p.NewRun()
			_, diags := p.Apply(set.with([]string{"1", "2"}, unset), to.DestroyHalf(), nil)
			said(t, diags)
			for _, create := range []struct {
				config, state object
				says          []string
			}{
				{set.with([]string{"7"}, keep), set.with([]string{"7"}, keep), nil}, // another resource, with none of the agents
				{set.with([]string{"2", "3"}, keep), c.state, c.says},
			} {
				to, _ = p.Plan(nil, create.config)
				state, diags := p.Apply(nil, to, create.config)
				said(t, diags, create.says...)
				equal(t, "state", state, create.state)
			}
			sent(t, api, "setCad 7", "setCad 2 3")
		})
	}
}

// The note must not reach state: a later destroy would be taken for half of a
// replacement, and leave all agents on.
func TestNoteDoesNotReachState(t *testing.T) {
	t.Parallel()
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
