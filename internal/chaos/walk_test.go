package chaos_test

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// applyWalk is an apply.
type applyWalk struct {
	h      *history
	o      terraformCall
	p      *protocol
	failed atomic.Bool
	over   atomic.Bool // nothing new is started
	mu     sync.Mutex  // guards the history's state
}

func (w *applyWalk) apply() {
	w.p = w.h.provider("apply", w.o)
	ctx, cancel := context.WithCancel(w.p.Context)
	defer cancel()
	w.p.Context = ctx
	m := &mischief{seed: w.h.t.seed, run: w.h.run, odds: w.o.odds, gentle: w.h.gentle, agents: agentPool}
	if w.o.ending != endNormally {
		m.at = map[uint64]func(){w.o.endsAt: func() { w.end(cancel) }}
	}
	w.h.api.FailWhen(m.fault)

	changes := slices.Clone(w.h.changes)
	w.h.rng.Shuffle(len(changes), func(i, j int) { changes[i], changes[j] = changes[j], changes[i] })
	var nodes sync.WaitGroup
	for _, c := range changes {
		nodes.Go(func() { w.do(c) })
		if w.h.inOrder {
			nodes.Wait()
		}
	}
	nodes.Wait()
}

func (w *applyWalk) end(cancel context.CancelFunc) {
	w.over.Store(true)
	w.failed.Store(true)
	if w.o.ending == endInterrupted {
		_, err := w.p.Server.StopProvider(context.Background(), &tfprotov6.StopProviderRequest{})
		w.p.Must(err)
		return
	}
	cancel()
}

// do takes a change through its steps.
func (w *applyWalk) do(c *graphChange) {
	var i heldInstance
	w.update(c.name, func(now *heldInstance) { i = *now })
	switch {
	case c.does == doInvoke:
		w.step(c, nil, nil, appliedChange{})
	case c.deposed:
		left, _ := w.step(c, c.prior, nil, appliedChange{})
		w.update(c.name, func(now *heldInstance) {
			now.deposed = slices.DeleteFunc(slices.Clone(now.deposed), func(o object) bool { return reflect.DeepEqual(o, c.prior) })
			if left != nil {
				now.deposed = append(now.deposed, left)
			}
		})
	case c.does == doReplace && c.first:
		made, failed := w.step(c, nil, c.config, appliedChange{})
		left := c.prior
		if !failed {
			left, _ = w.step(c, c.prior, nil, appliedChange{})
		}
		w.update(c.name, func(now *heldInstance) {
			switch {
			case made == nil: // what was deposed comes back
			case left == nil:
				now.current, now.tainted = made, failed
			default:
				now.current, now.tainted, now.deposed = made, failed, append(slices.Clone(now.deposed), left)
			}
		})
	case c.does == doReplace:
		left, failed := w.step(c, c.prior, nil, appliedChange{becomes: c.config})
		w.update(c.name, func(now *heldInstance) { now.current, now.tainted = left, i.tainted && left != nil })
		if !failed {
			on := agentsOf(c.prior)
			if c.config["unset_on_removal"] == true {
				on = idsWithout(on, idsWithout(on, agentsOf(c.config)))
			}
			made, failed := w.step(c, nil, c.config, appliedChange{leftOn: on})
			w.update(c.name, func(now *heldInstance) { now.current, now.tainted = made, failed && made != nil })
		}
	default:
		after, failed := w.step(c, c.prior, c.config, appliedChange{})
		w.update(c.name, func(now *heldInstance) {
			now.current = after
			now.tainted = after != nil && (i.tainted || c.does == doCreate && failed)
		})
	}
}

// step is one operation: plan it again as core does, and apply it.
func (w *applyWalk) step(c *graphChange, prior, config object, out appliedChange) (after object, failed bool) {
	if w.over.Load() {
		return prior, true
	}
	to, ok := planned{}, true
	switch {
	case config != nil:
		if to, ok = w.plan(prior, c.configBeside(prior)); ok && reflect.DeepEqual(to.State, prior) {
			return prior, false
		}
	case out.becomes != nil:
		to.Private = c.note
	case c.deposed || c.first && c.does == doReplace: // planned afresh
		to, ok = w.plan(prior, nil)
	}
	if !ok {
		w.failed.Store(true)
		return prior, true
	}
	var found diagnostics
	if c.does == doInvoke {
		_, found = w.p.InvokeAction(c.name, c.config)
	} else {
		after, found = w.p.Apply(prior, to, config)
	}
	failed = found.HaveError()
	out.prior, out.planned, out.after, out.found = prior, to.State, after, found
	if w.o.ending != endInterrupted && w.over.Load() {
		out.lost, failed, after = true, true, prior
	}
	c.operations = append(c.operations, out)
	if failed {
		w.failed.Store(true)
	}
	return after, failed
}

func (w *applyWalk) plan(prior, config object) (planned, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.h.planOne(w.p, prior, config)
}

// update changes what state has of a resource.
func (w *applyWalk) update(name string, f func(*heldInstance)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := w.h.state[name]
	f(&i)
	if len(i.deposed) == 0 {
		i.deposed = nil
	}
	w.h.state[name] = i
	if len(i.objects()) == 0 {
		delete(w.h.state, name)
	}
}
