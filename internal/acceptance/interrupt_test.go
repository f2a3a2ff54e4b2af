//go:build unix

package acceptance_test

import (
	"slices"
	"testing"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// soon is how long an interrupted or timed-out run may take to end.
const soon = 20 * time.Second

// openFor lets n requests pass and holds the others at a gate that never opens.
func openFor(api *deepcalltest.Server, n int) {
	faults := make([]deepcalltest.Fault, n)
	api.Fail(faults...)
	api.FailWhen(func(deepcalltest.Request) deepcalltest.Fault { return deepcalltest.Gate(nil, nil) })
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	all := ids(1, 50)
	for name, test := range map[string]struct {
		interrupt func(*process)
		repair    []string // command before the next apply
		sent      []string // by it
	}{
		"of the CLI, then untaint": {(*process).interrupt, []string{"untaint", "deepcall_agent_cad.a"}, ids(16, 35)},
		"from a terminal":          {(*process).interruptGroup, []string{"validate"}, all},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := deepcalltest.Start(t)
			w := newWorkspace(t, block(api.URL(), "batch_size = 5")+cad("a", all))
			openFor(api, 3)
			p := w.start("apply", "-auto-approve")
			if err := api.Wait(4, patience); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			test.interrupt(p)
			o := p.wait()

			o.exits(t, 1)
			if took := time.Since(began); took > soon {
				t.Errorf("it took %v to end", took)
			}
			o.says(t, "the run was interrupted", "CAD was not enabled for 35 of 50 agents", "15 agents confirmed and in state", "terraform untaint")
			w.holds(true, ids(1, 15)...)
			if got := confirmed(api); !slices.Equal(got, ids(1, 15)) {
				t.Errorf("confirmed %q", got)
			}

			api.FailWhen(nil)
			api.ResetRequests()
			w.must(test.repair...)
			w.apply().exits(t, 0)
			if got := sentToSet(api); !slices.Equal(got, test.sent) {
				t.Errorf("the next apply sent %q, want %q", got, test.sent)
			}
			w.holds(false, all...)
			w.run("plan", "-detailed-exitcode").exits(t, 0)
		})
	}
}

func TestProviderKilledInCreate(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	w := newWorkspace(t, block(api.URL(), "batch_size = 5")+cad("a", ids(1, 20)))
	openFor(api, 1)
	p := w.start("apply", "-auto-approve")
	if err := api.Wait(2, patience); err != nil {
		t.Fatal(err)
	}
	p.killProvider()
	p.wait().exits(t, 1)
	w.holds(false)

	api.FailWhen(nil)
	api.ResetRequests()
	w.apply().exits(t, 0)
	w.holds(false, ids(1, 20)...)
	if got := sentToSet(api); !slices.Equal(got, ids(1, 20)) {
		t.Errorf("the next apply sent %q", got)
	}
}

func TestProviderKilledInUpdate(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	provider := block(api.URL(), "batch_size = 5")
	w := newWorkspace(t, provider+cad("a", ids(1, 10), "unset_on_removal = true"))
	w.apply().exits(t, 0)
	api.ResetRequests()

	w.write(provider + cad("a", ids(6, 20), "unset_on_removal = true"))
	openFor(api, 1)
	p := w.start("apply", "-auto-approve")
	if err := api.Wait(2, patience); err != nil {
		t.Fatal(err)
	}
	p.killProvider()
	p.wait().exits(t, 1)
	w.holds(false, ids(1, 10)...)

	api.FailWhen(nil)
	api.ResetRequests()
	w.apply().exits(t, 0)
	w.holds(false, ids(6, 20)...)
	if got := sentToSet(api); !slices.Equal(got, ids(11, 15)) {
		t.Errorf("the next apply sent %q", got)
	}
	if got := api.Enabled(); !slices.Equal(got, ids(6, 20)) {
		t.Errorf("on are %q", got)
	}
}

func TestOperationTimeout(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	w := newWorkspace(t, block(api.URL(), "batch_size = 5")+cad("a", ids(1, 20), `timeouts = { create = "2s" }`))
	openFor(api, 2)
	began := time.Now()
	o := w.apply()
	o.exits(t, 1)
	if took := time.Since(began); took > soon {
		t.Errorf("it took %v to end", took)
	}
	o.says(t, "Operation timed out", "CAD was not enabled for 10 of 20 agents: the operation's timeout ran out")
	w.holds(true, ids(1, 10)...)

	api.FailWhen(nil)
	api.ResetRequests()
	w.must("untaint", "deepcall_agent_cad.a")
	w.apply().exits(t, 0)
	w.holds(false, ids(1, 20)...)
	if got := sentToSet(api); !slices.Equal(got, ids(11, 10)) {
		t.Errorf("the next apply sent %q", got)
	}
}
