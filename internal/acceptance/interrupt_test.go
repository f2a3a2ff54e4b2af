//go:build unix

package acceptance_test

import (
	"testing"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/clitest"
	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// openFor lets n requests pass and never answers the others.
func openFor(api *deepcalltest.Server, n int) {
	api.Fail(make([]deepcalltest.Fault, n)...)
	api.FailWhen(func(deepcalltest.Request) deepcalltest.Fault { return deepcalltest.Hang() })
}

// stop starts an apply, lets n requests pass and stops it while the next one is
// on its way. Then the server works again.
func (w *workspace) stop(api *deepcalltest.Server, n int, how func(*clitest.Process) error, args ...string) clitest.Result {
	w.t.Helper()
	openFor(api, n)
	p := w.Start(append([]string{"apply", "-auto-approve"}, args...)...)
	must(w.t, api.Wait(n+1, clitest.Patience))
	began := time.Now()
	must(w.t, how(p))
	r := w.Wait(p)
	endsSoon(w.t, began)
	r.Exits(w.t, 1)
	api.FailWhen(nil)
	api.ResetRequests()
	return r
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	all := ids(1, 50)
	for name, how := range map[string]func(*clitest.Process) error{
		"of the CLI":      (*clitest.Process).Interrupt,
		"from a terminal": (*clitest.Process).InterruptGroup,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := deepcalltest.Start(t)
			w := newWorkspace(t, block(api.URL(), "batch_size = 5")+cad("a", all))
			w.stop(api, 3, how).Says(t, "the run was interrupted", "CAD was not enabled for 35 of 50 agents",
				"State lists 15 agents. Terraform marks the resource as tainted, and the next apply replaces it")
			w.holdsTainted(ids(1, 15)...)
			on(t, api, ids(1, 15)...)

			w.apply(0)
			sets(t, api, all...)
			w.holds(all...)
			w.unchanged()
		})
	}
}

// Most CLIs skip it. What DESIGN.md counts is the test of the same in
// internal/provider, which needs none.
func TestInterruptedAction(t *testing.T) {
	t.Parallel()
	if !box.Version.HasActions() {
		t.Skipf("proves nothing: %s knows no actions", box.Version.Line)
	}
	api := deepcalltest.Start(t)
	w := newWorkspace(t, block(api.URL(), "batch_size = 1")+`action "deepcall_agent_cad_set" "a" {
  config {
    agent_ids = ["1", "2", "3"]
  }
}
`)
	w.stop(api, 1, (*clitest.Process).Interrupt, "-invoke=action.deepcall_agent_cad_set.a").Says(t, "Operation interrupted")
	on(t, api, "1")
}

func TestProviderKilledInCreate(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	w := newWorkspace(t, block(api.URL(), "batch_size = 5")+cad("a", ids(1, 20)))
	w.stop(api, 1, (*clitest.Process).KillProvider)
	w.holds()
	w.apply(0)
	w.holds(ids(1, 20)...)
	sets(t, api, ids(1, 20)...)
}

func TestProviderKilledInUpdate(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	provider := block(api.URL(), "batch_size = 5")
	w := newWorkspace(t, provider+cad("a", ids(1, 10), unsets))
	w.apply(0)
	api.ResetRequests()
	w.configure(provider + cad("a", ids(6, 20), unsets))
	w.stop(api, 1, (*clitest.Process).KillProvider)
	w.holds(ids(1, 10)...)
	w.apply(0)
	w.holds(ids(6, 20)...)
	sets(t, api, ids(11, 15)...)
	on(t, api, ids(6, 20)...)
}

func TestOperationTimeout(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	w := newWorkspace(t, block(api.URL(), "batch_size = 5")+cad("a", ids(1, 20), `timeouts = { create = "2s" }`))
	openFor(api, 2)
	began := time.Now()
	w.apply(1).Says(t, "Operation timed out", "CAD was not enabled for 10 of 20 agents: the operation's timeout was exceeded")
	endsSoon(t, began)
	w.holdsTainted(ids(1, 10)...)

	api.FailWhen(nil)
	api.ResetRequests()
	w.Exits(0, "untaint", "deepcall_agent_cad.a")
	w.apply(0)
	w.holds(ids(1, 20)...)
	sets(t, api, ids(11, 10)...)
}
