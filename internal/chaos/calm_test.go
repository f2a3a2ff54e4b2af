package chaos_test

import (
	"reflect"
	"slices"
)

// calm ends a history: the faults stop, and Terraform brings things together.
func (h *history) calm() {
	h.api.Accept(agentPool...)
	h.api.SetWholeRefusal()
	for name, w := range h.wishes {
		w.timeouts = nil
		h.wishes[name] = w
	}
	if h.plan(terraformCall{batchSize: 1, concurrent: 1}); h.conflict {
		h.resolve()
	}
	h.converge("one more apply")
	for id := range h.wished() {
		if !h.unsure[id] && !h.late[id] && !slices.Contains(h.api.Enabled(), id) {
			h.t.Fatalf("agent %s is off, and state says nothing of it", id)
		}
	}

	// Triggers are the way to have everything as state says, without exception.
	for name, w := range h.wishes {
		w.triggers, w.unset = "calm", "true"
		h.wishes[name] = w
	}
	h.converge("new triggers")
	wished := h.wished()
	for id := range wished {
		if !h.late[id] && !slices.Contains(h.api.Enabled(), id) {
			h.t.Fatalf("agent %s is off after new triggers", id)
		}
	}

	clear(h.wishes)
	h.converge("a destroy")
	for id := range wished {
		if !h.late[id] && slices.Contains(h.api.Enabled(), id) {
			h.t.Fatalf("agent %s is on after the destroy", id)
		}
	}
}

// resolve does what the error about a conflict advises: what is listed is sent
// again.
func (h *history) resolve() {
	for name, w := range h.wishes {
		w.triggers = "resolve"
		h.wishes[name] = w
	}
}

// converge applies once and finds configuration, state and server at one.
func (h *history) converge(what string) {
	o := terraformCall{batchSize: 1 + h.rng.IntN(12), concurrent: 1 + h.rng.IntN(3)}
	done := h.terraform(o)
	if !done && h.conflict { // found when a deposed object was planned, in the apply
		h.resolve()
		done = h.terraform(o)
	}
	if !done {
		h.t.Fatalf("%s failed in the calm", what)
	}
	if lines, _, _ := h.log.read(); lines < len(h.requests("apply")) {
		h.t.Fatalf("%d requests and %d lines of log", len(h.requests("apply")), lines)
	}
	expected := map[string]heldInstance{}
	for name, w := range h.wishes {
		to, _ := h.planOne(h.provider("plan", o), nil, w.config())
		expected[name] = heldInstance{current: to.State}
	}
	if !reflect.DeepEqual(h.state, expected) {
		h.t.Fatalf("%s in the calm: state is %v, the configuration %v", what, h.state, expected)
	}
	for _, c := range h.plan(o) {
		if c.does != doNothing {
			h.t.Fatalf("%s in the calm leaves something to do: %s %s", what, c.does, c.name)
		}
	}
	// Those that this run has taken out of state with unset_on_removal.
	wished := h.wished()
	for _, c := range h.changes {
		for _, op := range c.operations {
			for _, id := range idsWithout(agentsOf(op.prior), agentsOf(op.planned)) {
				if op.disables() && !wished[id] && !h.late[id] && slices.Contains(h.api.Enabled(), id) {
					h.t.Fatalf("%s in the calm: agent %s left and is on", what, id)
				}
			}
		}
	}
}

// wished are the agents that the configuration wants.
func (h *history) wished() idSet {
	all := idSet{}
	for _, w := range h.wishes {
		all.add(w.agents...)
	}
	return all
}
