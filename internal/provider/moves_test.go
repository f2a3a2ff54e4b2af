package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// An agent that a run has set keeps CAD whatever else the run does, in whatever
// order Terraform comes to it.

const unsets = "  unset_on_removal = true\n"

func TestMoveBetweenResources(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, ofA, ofB string // attributes that set the order
		creates, sends []string
		uncertain      string
	}{
		{"set, then dropped", "depends_on = [deepcall_agent_cad.b]", "", []string{"setCad 3", "setCad 1 2"}, []string{"setCad 2"}, ""},
		{"dropped, then set", "", "depends_on = [deepcall_agent_cad.a]", []string{"setCad 1 2", "setCad 3"}, []string{"unsetCad 2", "setCad 2"}, ""},
		{"at one time", "", "", nil, []string{"setCad 2"}, "either resource may come first, or both together"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			api := deepcalltest.Start(t)
			with := func(a, b []string) string {
				return config(api, ssid, cad("a", set.hcl(a...), unsets, c.ofA), cad("b", set.hcl(b...), unsets, c.ofB))
			}
			run(t, api, step{
				about:     "create",
				config:    with([]string{"1", "2"}, []string{"3"}),
				sends:     c.creates,
				uncertain: c.uncertain,
			}, step{
				about:  "2 moves from a to b",
				config: with([]string{"1"}, []string{"2", "3"}),
				sends:  c.sends,
				state:  []statecheck.StateCheck{holds(resourceA, "1"), holds(agentCAD+".b", "2", "3")},
				after:  func() { equal(t, "agents with CAD", api.Enabled(), []string{"1", "2", "3"}) },
			})
		})
	}
}

// The resource that an agent leaves is destroyed by the same run.
func TestMoveOutOfADestroyedResource(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	run(t, api, step{
		about:  "create",
		config: config(api, ssid, cad("a", set.hcl("1", "2"), unsets)),
		sends:  []string{"setCad 1 2"},
	}, step{
		about:  "another resource takes 1 over",
		config: config(api, ssid, cad("b", set.hcl("1"), unsets)),
		sends:  []string{"setCad 1", "unsetCad 2"},
		state:  []statecheck.StateCheck{holds(agentCAD+".b", "1")},
		after:  func() { equal(t, "agents with CAD", api.Enabled(), []string{"1"}) },
	})
}

// What the user reads when an agent leaves that the same run has set, and what
// is in state.
func TestKeptBySameRun(t *testing.T) {
	t.Parallel()
	g := readGolden(t, "moves")
	for _, c := range []struct {
		name      string
		from      form
		to, state []string // from 1, 2 and 3; to nil: destroyed
		moveFails bool     // the set of 2
		refused   []string // agents
		sends     []string
	}{
		{name: "update", from: set, to: []string{"1", "3"}, state: []string{"1", "3"}, sends: []string{"setCad 2"}},
		{name: "update with labels", from: labelled, to: []string{"1", "3"}, state: []string{"1", "3"}, sends: []string{"setCad 2"}},
		{name: "destroy", from: set, sends: []string{"setCad 2", "unsetCad 1 3"}},
		{
			name: "destroy while another is refused", from: labelled, state: []string{"1"}, refused: []string{"1"},
			sends: []string{"setCad 2", "unsetCad 1 3"},
		},
		{ // it was on, and nothing says that it is off
			name: "update after the other resource failed", from: set, to: []string{"1", "3"}, state: []string{"1", "2", "3"},
			moveFails: true, sends: []string{"setCad 2"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			api := deepcalltest.Start(t)
			api.Refuse("Data could not be updated", c.refused...)
			p := connect(t, api, nil)
			if c.moveFails {
				api.Fail(deepcalltest.RefuseOnce("Invalid AgentID"))
			}
			arriving, _ := p.Plan(nil, set.with([]string{"2"}, unset))
			_, diags := p.Apply(nil, arriving, arriving.State)
			equal(t, "the other resource failed", diags.HaveError(), c.moveFails)

			object := func(ids []string) object {
				if ids == nil {
					return nil
				}
				return c.from.with(ids, unset)
			}
			prior := object([]string{"1", "2", "3"})
			leaving, diags := p.Plan(prior, object(c.to))
			said(t, diags)
			state, diags := p.Apply(prior, leaving, object(c.to))
			g.compare(t, c.name, diags.String())
			equal(t, "state", state, object(c.state))
			sent(t, api, c.sends...)
		})
	}
}
