package chaos_test

import (
	"reflect"
	"slices"
)

// calm ends a history: the faults stop, and Terraform brings things together.
func (h *history) calm() {
	h.api.Accept(agentPool...)
	h.api.SetWholeRefusal()
	h.edit(func(w *wish) { w.timeouts, w.ignored = nil, nil })
	h.converge("one more apply")
	h.server("after one more apply", true, h.wished(), h.unsure)

	// Triggers are the way to have everything as state says, without exception.
	h.edit(func(w *wish) { w.triggers, w.unset = "calm", "true" })
	h.converge("new triggers")
	wished := h.wished()
	h.server("after new triggers", true, wished, nil)

	clear(h.wishes)
	h.converge("a destroy")
	h.server("after the destroy", false, wished, nil)
}

// server checks that these agents have CAD, or have not, but for some and for
// those of late requests.
func (h *history) server(when string, on bool, ids, except idSet) {
	enabled := h.api.Enabled()
	for id := range ids {
		if !except[id] && !h.late[id] && slices.Contains(enabled, id) != on {
			h.t.Fatalf("agent %s %s: CAD must be on: %t", id, when, on)
		}
	}
}

// converge applies once and finds configuration, state and server at one.
func (h *history) converge(what string) {
	o := terraformCall{batchSize: 1 + h.rng.IntN(12), concurrent: 1 + h.rng.IntN(3)}
	done := h.terraform(o)
	if !done && h.planError == conflict { // what is listed is sent again, as the error advises
		h.edit(func(w *wish) { w.triggers = "resolve" })
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
	left := idSet{}
	for _, c := range h.changes {
		for _, op := range c.operations {
			if op.disables() {
				left.add(idsWithout(agentsOf(op.prior), agentsOf(op.planned))...)
			}
		}
	}
	h.server("that left by "+what, false, left, h.wished())
}

// wished are the agents that the configuration wants.
func (h *history) wished() idSet {
	all := idSet{}
	for _, w := range h.wishes {
		all.add(w.agents...)
	}
	return all
}
