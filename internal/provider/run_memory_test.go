package provider_test

import (
	"testing"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// What the destroy half of a replacement left on, another resource of the same
// run may disable while the create half waits to send. If that fails, state must
// not list it.
func TestLeftOnAndDisabledByAnotherResource(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t, deepcalltest.WithLatency(300*time.Millisecond))
	api.Fail(nil, nil, deepcalltest.RefuseOnce("Invalid AgentID"))
	p := connect(t, api, nil)
	config := set.with([]string{"2", "3"}, unset)
	to, _ := p.Plan(nil, config)
	_, diags := p.Apply(set.with([]string{"2", "3", "9"}, unset), to.DestroyHalf(), nil)
	said(t, diags)

	prior, next := set.with([]string{"1", "2"}, unset), set.with([]string{"1"}, unset)
	leaving, _ := p.Plan(prior, next)
	left := make(chan diagnostics, 1)
	go func() {
		_, diags := p.Apply(prior, leaving, next)
		left <- diags
	}()
	if err := api.Wait(2, time.Minute); err != nil { // the unset of 2 is on its way
		t.Fatal(err)
	}
	state, diags := p.Apply(nil, to, config)
	said(t, diags, "ERROR Agents refused")
	said(t, <-left)
	equal(t, "state", state, set.with([]string{"3"}, unset))
	sent(t, api, "unsetCad 9", "unsetCad 2", "setCad 2 3")
}

// The same, but disabled before the destroy half passes it over.
func TestLeftOnAfterItWasDisabled(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	config := set.with([]string{"2", "3"}, unset)
	to, _ := p.Plan(nil, config)
	prior, next := set.with([]string{"1", "2"}, unset), set.with([]string{"1"}, unset)
	leaving, _ := p.Plan(prior, next)
	_, diags := p.Apply(prior, leaving, next)
	said(t, diags)
	_, diags = p.Apply(config, to.DestroyHalf(), nil)
	said(t, diags)
	api.Refuse("Invalid AgentID", "2", "3")
	state, diags := p.Apply(nil, to, config)
	said(t, diags, "ERROR Agents refused")
	equal(t, "state", state, set.with([]string{"3"}, unset))
	sent(t, api, "unsetCad 2", "setCad 2 3")
}

// Replacements each record their own when the API is down, also where two list
// the same agents, and whatever their order.
func TestReplacementsOfTheSameAgents(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	keeps, unsets, other := set.with([]string{"1", "2"}), set.with([]string{"1", "2"}, unset), set.with([]string{"3"}, unset)
	for _, config := range []object{keeps, unsets, other} {
		to, _ := p.Plan(nil, config)
		_, diags := p.Apply(config, to.DestroyHalf(), nil)
		said(t, diags)
	}
	api.Refuse("Invalid AgentID", "1", "2", "3")
	for _, config := range []object{other, keeps, unsets} {
		to, _ := p.Plan(nil, config)
		state, diags := p.Apply(nil, to, config)
		said(t, diags, "ERROR Agents refused")
		equal(t, "state", state, config)
	}
}

// A replacement that creates first plans the destroy of the old object in the
// apply. Its warning names those that leave, not those that the new one lists.
func TestWarningOfADeposedObject(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	for leaving, want := range map[string][]string{"1": nil, "2": {"WARNING CAD stays enabled"}} {
		_, diags := p.PlanAndApply(nil, set.with([]string{"1"}))
		said(t, diags)
		_, diags = p.Plan(set.with([]string{"1", leaving}), nil)
		said(t, diags, want...)
	}
}
