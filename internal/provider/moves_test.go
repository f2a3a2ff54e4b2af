package provider_test

import (
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

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
