//go:build unix

package acceptance_test

import (
	"slices"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

const (
	unsets      = "unset_on_removal = true"
	createFirst = "lifecycle {\n    create_before_destroy = true\n  }"
)

func TestExitCodesOfPlan(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	w := newWorkspace(t, block(api.URL())+cad("a", ids(1, 2)))
	w.run("plan", "-detailed-exitcode").exits(t, 2)
	w.apply().exits(t, 0)
	sends(t, api, "setCad 0001 0002")
	w.run("plan", "-detailed-exitcode").exits(t, 0)
	w.apply().says(t, "0 added, 0 changed, 0 destroyed")
	w.write(block(api.URL()) + cad("a", []string{" 1"}))
	w.run("plan", "-detailed-exitcode").exits(t, 1)
	sends(t, api)
}

func TestSavedPlanAppliedLate(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	w := newWorkspace(t, block(api.URL())+cad("a", ids(1, 4), unsets))
	w.apply().exits(t, 0)
	w.write(block(api.URL()) + cad("a", ids(3, 4), unsets))
	w.must("plan", "-out=late.tfplan")
	sends(t, api, "setCad 0001 0002 0003 0004")

	// Others change the server, and the user the configuration.
	api.Disable("0001", "0003")
	api.Enable("0009")
	w.write(block(api.URL()) + cad("a", ids(7, 1), unsets))
	w.must("apply", "late.tfplan")
	sends(t, api, "setCad 0005 0006", "unsetCad 0001 0002")
	w.holds(false, ids(3, 4)...)

	o := w.run("apply", "late.tfplan")
	o.exits(t, 1)
	o.says(t, "Saved plan is stale")
	sends(t, api)
	w.holds(false, ids(3, 4)...)

	w.apply().exits(t, 0)
	sends(t, api, "setCad 0007", "unsetCad 0003 0004 0005 0006")
	if got := api.Enabled(); !slices.Equal(got, []string{"0007", "0009"}) {
		t.Errorf("on are %q", got)
	}
}

func TestRefreshSendsNothing(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	w := newWorkspace(t, block(api.URL())+cad("a", ids(1, 2), unsets))
	w.apply().exits(t, 0)
	sends(t, api, "setCad 0001 0002")
	api.Disable("0001")
	w.write(block(api.URL()) + cad("a", ids(2, 2), unsets))
	w.apply("-refresh-only").exits(t, 0)
	w.must("plan", "-refresh-only")
	sends(t, api)
	w.holds(false, ids(1, 2)...)
}

func TestReplace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lines []string
		sends []string
		says  string
	}{
		"without unset":         {nil, []string{"setCad 0001 0002"}, "1 added, 0 changed, 1 destroyed"},
		"destroy before create": {[]string{unsets}, []string{"unsetCad 0001 0002", "setCad 0001 0002"}, "1 added, 0 changed, 1 destroyed"},
		// A run never unsets what it has set.
		"create before destroy": {[]string{unsets, createFirst}, []string{"setCad 0001 0002"}, "This run was asked to enable CAD for 2 agents, so it did not disable it: 0001, 0002"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := deepcalltest.Start(t)
			w := newWorkspace(t, block(api.URL())+cad("a", ids(1, 2), test.lines...))
			w.apply().exits(t, 0)
			sends(t, api, "setCad 0001 0002")
			o := w.apply("-replace=deepcall_agent_cad.a")
			o.exits(t, 0)
			o.says(t, test.says)
			sends(t, api, test.sends...)
			w.holds(false, ids(1, 2)...)
			if got := api.Enabled(); !slices.Equal(got, ids(1, 2)) {
				t.Errorf("on are %q", got)
			}
		})
	}
}

// TestPartialReplace: what create-before-destroy leaves half done, the next
// apply finishes, and CAD stays on.
func TestPartialReplace(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	w := newWorkspace(t, block(api.URL())+cad("a", ids(1, 2), unsets, createFirst))
	w.apply().exits(t, 0)
	api.Refuse("Invalid AgentID", "0002")
	w.apply("-replace=deepcall_agent_cad.a").exits(t, 1)
	api.Accept("0002")
	w.apply().exits(t, 0)
	w.holds(false, ids(1, 2)...)
	if got := api.Enabled(); !slices.Equal(got, ids(1, 2)) {
		t.Errorf("on are %q", got)
	}
	w.run("plan", "-detailed-exitcode").exits(t, 0)
}

func TestTarget(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	w := newWorkspace(t, block(api.URL())+cad("a", ids(1, 2))+cad("b", ids(3, 2)))
	w.apply("-target=deepcall_agent_cad.b").exits(t, 0)
	sends(t, api, "setCad 0003 0004")
	w.apply().exits(t, 0)
	sends(t, api, "setCad 0001 0002")
	w.must("destroy", "-auto-approve", "-target=deepcall_agent_cad.a")
	sends(t, api)
	if state := w.state(); len(state) != 1 || !slices.Equal(state["b"].agents, ids(3, 2)) {
		t.Errorf("state is %+v", state)
	}
}

func TestStateRemove(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	w := newWorkspace(t, block(api.URL())+cad("a", ids(1, 2), unsets))
	w.apply().exits(t, 0)
	w.must("state", "rm", "deepcall_agent_cad.a")
	sends(t, api, "setCad 0001 0002")
	w.apply().exits(t, 0)
	sends(t, api, "setCad 0001 0002")
	w.holds(false, ids(1, 2)...)
	w.must("destroy", "-auto-approve")
	sends(t, api, "unsetCad 0001 0002")
	w.holds(false)
}

// TestMove: an agent goes from one resource to another in one run. Whichever
// comes first, its CAD is on in the end.
func TestMove(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	w := newWorkspace(t, block(api.URL())+cad("a", ids(1, 3), unsets)+cad("b", ids(4, 1), unsets))
	w.apply().exits(t, 0)
	w.write(block(api.URL()) + cad("a", ids(1, 2), unsets) + cad("b", ids(3, 2), unsets))
	w.apply().exits(t, 0)
	if got := api.Enabled(); !slices.Equal(got, ids(1, 4)) {
		t.Errorf("on are %q", got)
	}
	w.run("plan", "-detailed-exitcode").exits(t, 0)
}
