package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
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

func TestReplacement(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, lifecycle string
		action          plancheck.ResourceActionType
		sends           []string
	}{
		{"destroyed first", "", plancheck.ResourceActionDestroyBeforeCreate, []string{"setCad 1 2"}},
		{"created first", "create_before_destroy = true", plancheck.ResourceActionCreateBeforeDestroy, []string{"setCad 1 2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			api := deepcalltest.Start(t)
			with := func(release string) string {
				return config(api, ssid, `resource "terraform_data" "release" { input = "`+release+`" }`,
					cad("a", set.hcl("1", "2"), unsets, "lifecycle {\n replace_triggered_by = [terraform_data.release]\n"+c.lifecycle+"\n}"))
			}
			run(t, api, step{
				about:  "create",
				config: with("1"),
				sends:  []string{"setCad 1 2"},
			}, step{
				about:  "replace",
				config: with("2"),
				plan:   []plancheck.PlanCheck{does(c.action)},
				sends:  c.sends,
				state:  []statecheck.StateCheck{holds(resourceA, "1", "2")},
				after:  func() { equal(t, "agents with CAD", api.Enabled(), []string{"1", "2"}) },
			})
		})
	}
}

// What the user reads when an agent leaves that the same run has set, and what
// is in state.
func TestKeptBySameRun(t *testing.T) {
	t.Parallel()
	g := readGolden(t, "testdata/diagnostics/moves.txt")
	unset := object{"unset_on_removal": true}
	t.Run("each", func(t *testing.T) {
		for _, c := range []struct {
			name    string
			from    form
			to      []string // nil: destroyed
			refused bool     // the move's setCad
			sends   []string
		}{
			{name: "update", from: set, to: []string{"1"}, sends: []string{"setCad 2"}},
			{name: "update with labels", from: labelled, to: []string{"1"}, sends: []string{"setCad 2"}},
			{name: "destroy", from: set, sends: []string{"setCad 2", "unsetCad 1"}},
			{name: "update after the other resource failed", from: set, to: []string{"1"}, refused: true, sends: []string{"setCad 2"}},
		} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				api := deepcalltest.Start(t)
				p := connect(t, api, nil)
				if c.refused {
					api.Fail(deepcalltest.RefuseOnce("Invalid AgentID"))
				}
				arriving, _ := p.Plan(nil, set.with([]string{"2"}, unset))
				_, diags := p.Apply(nil, arriving, arriving.State)
				equal(t, "the other resource failed", diags.HaveError(), c.refused)

				prior, want := c.from.with([]string{"1", "2"}, unset), object(nil)
				if c.to != nil {
					want = c.from.with(c.to, unset)
				}
				leaving, diags := p.Plan(prior, want)
				said(t, diags)
				state, diags := p.Apply(prior, leaving, want)
				g.compare(t, c.name, diags.String())
				if c.refused { // it was on, and nothing says that it is off
					said(t, diags, "ERROR CAD could not be enabled elsewhere")
					equal(t, "state", state, prior)
				} else {
					said(t, diags, "WARNING CAD left enabled")
					equal(t, "state", state, want)
				}
				sent(t, api, c.sends...)
			})
		}
	})
	g.finish(t)
}

// One agent moves away while another cannot be unset: the first is let go, the
// second stays.
func TestKeptWhileAnotherIsRefused(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		api := deepcalltest.Start(t)
		api.Refuse("Data could not be updated", "1")
		p := connect(t, api, nil)
		unset := object{"unset_on_removal": true}
		arriving, _ := p.Plan(nil, set.with([]string{"2"}, unset))
		p.Apply(nil, arriving, arriving.State)
		prior := f.with([]string{"1", "2", "3"}, unset)
		leaving, _ := p.Plan(prior, nil)
		state, diags := p.Apply(prior, leaving, nil)
		said(t, diags, "WARNING CAD left enabled", "ERROR Agents refused")
		equal(t, "state", state, f.with([]string{"1"}, unset))
		sent(t, api, "setCad 2", "unsetCad 1 3")
	})
}
