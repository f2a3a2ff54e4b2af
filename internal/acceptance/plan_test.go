//go:build unix

package acceptance_test

import (
	"slices"
	"testing"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/clitest"
	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

const (
	unsets      = "unset_on_removal = true"
	createFirst = "lifecycle {\n    create_before_destroy = true\n  }"
	replaceA    = "-replace=deepcall_agent_cad.a"
)

func TestExitCodesOfPlan(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	w := newWorkspace(t, block(api.URL())+cad("a", ids(1, 2)))
	w.Exits(2, "plan", "-detailed-exitcode")
	w.apply(0)
	sends(t, api, "setCad 0001 0002")
	w.unchanged()
	w.apply(0).Says(t, "0 added, 0 changed, 0 destroyed")
	w.configure(block(api.URL()) + cad("a", []string{" 1"}))
	w.Exits(1, "plan", "-detailed-exitcode")
	sends(t, api)
}

func TestSavedPlanAppliedLate(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	w := newWorkspace(t, block(api.URL())+cad("a", ids(1, 4), unsets))
	w.apply(0)
	w.configure(block(api.URL()) + cad("a", ids(3, 4), unsets))
	w.Exits(0, "plan", "-out=late.tfplan")
	sends(t, api, "setCad 0001 0002 0003 0004")

	// Others change the server, and the user the configuration.
	api.Disable("0001", "0003")
	api.Enable("0009")
	w.configure(block(api.URL()) + cad("a", ids(7, 1), unsets))
	w.Exits(0, "apply", "late.tfplan")
	sends(t, api, "setCad 0005 0006", "unsetCad 0001 0002")
	w.holds(ids(3, 4)...)

	w.Exits(1, "apply", "late.tfplan").Says(t, "Saved plan is stale")
	sends(t, api)
	w.holds(ids(3, 4)...)

	w.apply(0)
	sends(t, api, "setCad 0007", "unsetCad 0003 0004 0005 0006")
	on(t, api, "0007", "0009")
}

func TestRefreshSendsNothing(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	w := newWorkspace(t, block(api.URL())+cad("a", ids(1, 2), unsets))
	w.apply(0)
	sends(t, api, "setCad 0001 0002")
	api.Disable("0001")
	w.configure(block(api.URL()) + cad("a", ids(2, 2), unsets))
	w.apply(0, "-refresh-only")
	w.Exits(0, "plan", "-refresh-only")
	sends(t, api)
	w.holds(ids(1, 2)...)
}

// TestReplace: no agent that stays is switched off on the way, or counts as
// removed.
func TestReplace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lines []string
		plans string
		sends []string
		says  string
	}{
		"without unset":         {nil, "delete create", []string{"setCad 0001 0002"}, "1 added, 0 changed, 1 destroyed"},
		"destroy before create": {[]string{unsets}, "delete create", []string{"setCad 0001 0002"}, "1 added, 0 changed, 1 destroyed"},
		"create before destroy": {[]string{unsets, createFirst}, "create delete", []string{"setCad 0001 0002"}, "CAD was left enabled for 2 agents, because this run enabled it, through another resource, an action, or the replacement of this object: 0001, 0002"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := deepcalltest.Start(t)
			w := newWorkspace(t, block(api.URL(), "max_removals = 0")+cad("a", ids(1, 2), test.lines...))
			w.apply(0)
			sends(t, api, "setCad 0001 0002")
			if got := w.Plan(replaceA)["deepcall_agent_cad.a"]; got != test.plans {
				t.Errorf("planned %q, want %q", got, test.plans)
			}
			w.apply(0, replaceA).Says(t, test.says)
			sends(t, api, test.sends...)
			w.holds(ids(1, 2)...)
			on(t, api, ids(1, 2)...)
		})
	}
}

func TestTarget(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	w := newWorkspace(t, block(api.URL())+cad("a", ids(1, 2))+cad("b", ids(3, 2)))
	w.apply(0, "-target=deepcall_agent_cad.b")
	sends(t, api, "setCad 0003 0004")
	w.apply(0)
	sends(t, api, "setCad 0001 0002")
	w.Exits(0, "destroy", "-auto-approve", "-target=deepcall_agent_cad.a")
	sends(t, api)
	if state := w.State(); len(state) != 1 || !slices.Equal(state["deepcall_agent_cad.b"].Agents, ids(3, 2)) {
		t.Errorf("state is %+v", state)
	}
}

func TestStateRemove(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	w := newWorkspace(t, block(api.URL())+cad("a", ids(1, 2), unsets))
	w.apply(0)
	w.Exits(0, "state", "rm", "deepcall_agent_cad.a")
	sends(t, api, "setCad 0001 0002")
	w.apply(0)
	sends(t, api, "setCad 0001 0002")
	w.holds(ids(1, 2)...)
	w.Exits(0, "destroy", "-auto-approve")
	sends(t, api, "unsetCad 0001 0002")
	w.holds()
}

// TestDevelopmentOverride: a build is used where it is, without init.
func TestDevelopmentOverride(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := clitest.Build(t.Context(), dir)
	must(t, err)
	cli, err := clitest.FindCLI()
	must(t, err)
	overriding, err := clitest.NewFrom(t.Context(), cli, clitest.FromBuild(dir))
	must(t, err)
	t.Cleanup(func() { must(t, overriding.Close()) })
	api := deepcalltest.Start(t)
	w := &workspace{overriding.Test(t), t}
	w.Env["DEEPCALL_SSID"] = "a-session"
	w.configure(block(api.URL()) + cad("a", ids(1, 2)))
	w.apply(0).Says(t, "Provider development overrides are in effect")
	sends(t, api, "setCad 0001 0002")
}

// TestReplaceWhileAnotherDisables: agent 2 leaves "a" while "b", which is
// tainted, has disabled 9 and is about to be created again. Whichever comes
// first, an agent that is off is in no state.
func TestReplaceWhileAnotherDisables(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	with := func(a, b []string) string {
		return block(api.URL()) + cad("a", a, unsets) + cad("b", b, unsets)
	}
	api.Refuse("Invalid AgentID", "0003")
	w := newWorkspace(t, with(ids(1, 2), []string{"0002", "0003", "0009"}))
	w.apply(1)
	w.configure(with(ids(1, 1), ids(2, 2)))
	api.SetLatency(100 * time.Millisecond)
	api.FailWhen(func(r deepcalltest.Request) deepcalltest.Fault {
		if r.Endpoint == "setCad" {
			return deepcalltest.Code(1507, "Invalid AgentID")
		}
		return nil
	})
	w.apply(1)
	for address, resource := range w.State() {
		for _, id := range resource.Agents {
			if !slices.Contains(api.Enabled(), id) {
				t.Errorf("%s lists %s, which is off", address, id)
			}
		}
	}
}
