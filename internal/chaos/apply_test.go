package chaos_test

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// operation is one ApplyResourceChange, or InvokeAction, and what came of it.
type operation struct {
	prior, config object   // nil: none
	invokes       string   // the endpoint of an action
	deposed       bool     // prior is
	becomes       object   // of the destroy half of a replacement, what the other one makes
	leftOn        []string // of the create half, what the destroy half left on
	planned       object
	after         object // as the provider said
	found         diagnostics
	lost          bool // after is not in state
}

// apply does what was planned, resources side by side.
func (r *run) apply() {
	defer r.cancel()
	r.applying = true
	r.api.FailWhen(r.fault)
	r.rng.Shuffle(len(r.changes), func(i, j int) { r.changes[i], r.changes[j] = r.changes[j], r.changes[i] })
	var nodes sync.WaitGroup
	for _, c := range r.changes {
		nodes.Go(func() { r.do(c) })
		if r.inOrder {
			nodes.Wait()
		}
	}
	nodes.Wait()
}

// end ends the run as its ending says.
func (r *run) end() {
	r.over.Store(true)
	r.failed.Store(true)
	if r.ending == endInterrupted {
		_, err := r.process.Server.StopProvider(context.Background(), &tfprotov6.StopProviderRequest{})
		r.process.Must(err)
		return
	}
	r.cancel()
}

// do takes a change through its operations.
func (r *run) do(c *change) {
	old := c.held
	destroy := func(becomes object) (ok bool) {
		old.object, ok = r.step(c, operation{prior: old.object, becomes: becomes, deposed: old.deposed})
		return ok
	}
	switch {
	case c.does == doInvoke:
		r.step(c, operation{config: c.config, invokes: endpointOf[c.name]})
	case c.does == doCreate:
		r.create(c, nil)
	case c.does == doUpdate:
		old.object, _ = r.step(c, operation{prior: old.object, config: c.configBeside(old.object)})
	case c.does == doDestroy:
		destroy(nil)
	case c.does == doReplace && c.first:
		old.deposed = true
		made, ok := r.create(c, nil)
		if old.deposed = made; ok { // where nothing was made, the old one comes back
			destroy(c.config)
		}
	case c.does == doReplace:
		on := agentsOf(old.object)
		if destroy(c.config) {
			r.create(c, on)
		}
	}
}

// create adds what was made to state, tainted unless all went well.
func (r *run) create(c *change, leftOn []string) (made, ok bool) {
	after, ok := r.step(c, operation{config: c.config, leftOn: leftOn})
	if after == nil {
		return false, ok
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state = append(r.state, &held{name: c.name, object: after, tainted: !ok})
	return true, ok
}

// step is one operation: plan it again as core does, and apply it.
func (r *run) step(c *change, op operation) (after object, ok bool) {
	if r.over.Load() {
		return op.prior, false
	}
	to, ok := planned{}, true
	switch {
	case op.invokes != "":
	case op.config != nil, op.deposed: // the latter is planned afresh
		to, ok = r.planOne(op.prior, op.config)
	case op.becomes != nil:
		to = c.anew.DestroyHalf()
	}
	if !ok {
		r.failed.Store(true)
		return op.prior, false
	}
	if op.invokes != "" {
		_, op.found = r.process.InvokeAction(c.name, c.config)
	} else {
		op.planned = to.State
		op.after, op.found = r.process.Apply(op.prior, to, op.config)
	}
	after, ok = op.after, !op.found.HaveError()
	if r.ending != endInterrupted && r.over.Load() {
		op.lost, after, ok = true, op.prior, false
	}
	c.operations = append(c.operations, op)
	if !ok {
		r.failed.Store(true)
	}
	return after, ok
}
