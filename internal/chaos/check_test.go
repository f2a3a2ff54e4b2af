package chaos_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
	"github.com/deepcall/terraform-provider-deepcall/internal/protocoltest"
)

// idSet is a set of agent IDs.
type idSet map[string]bool

func (s idSet) add(ids ...string) {
	for _, id := range ids {
		s[id] = true
	}
}

// traffic is what one run of Terraform wanted, sent, and was told.
type traffic struct {
	wanted, sent, confirmed map[string]idSet // by endpoint
	disabled                idSet            // by an action, whatever the configuration keeps
}

var endpointOf = map[string]string{protocoltest.SetAction: setCad, protocoltest.UnsetAction: unsetCad}

const (
	setCad   = "setCad"
	unsetCad = "unsetCad"
)

// checkRun holds what a run has done against what must never happen.
func (h *history) checkRun(o terraformCall, before map[string]heldInstance) {
	requests := h.requests("apply")
	h.tellRun(o, requests)
	run := h.trafficOf(requests)
	for _, r := range requests {
		h.checkRequest(o, r, run)
	}
	if h.gentle && h.api.MaxInFlight() > o.concurrent {
		h.t.Fatalf("%d requests were in flight, with max_concurrent_requests %d", h.api.MaxInFlight(), o.concurrent)
	}
	h.checkOrder(requests)
	h.checkKept(before, run)
	for _, c := range h.changes {
		for _, op := range c.operations {
			h.checkOperation(c, op, run)
		}
	}
	if _, _, leaked := h.log.read(); leaked != "" {
		h.t.Fatalf("a credential is in the log: %s", leaked)
	}

	for _, r := range h.api.Requests() {
		if r.At.After(h.began) && !h.isOf("apply", r) {
			h.late.add(r.AgentIDs...)
		}
	}
	for id := range run.sent[unsetCad] {
		h.unsure[id] = true
	}
	claims := claimsIn(h.state)
	for id := range h.unsure {
		if run.confirmed[setCad][id] || claims[id] == 0 {
			delete(h.unsure, id)
		}
	}
}

func (h *history) trafficOf(requests []deepcalltest.Request) traffic {
	none := func() map[string]idSet { return map[string]idSet{setCad: {}, unsetCad: {}} }
	run := traffic{wanted: none(), sent: none(), confirmed: none(), disabled: idSet{}}
	for _, c := range h.changes {
		if c.does == doInvoke {
			run.wanted[endpointOf[c.name]].add(agentsOf(c.config)...)
		}
		if c.name == protocoltest.UnsetAction {
			run.disabled.add(agentsOf(c.config)...)
		}
		for _, op := range c.operations {
			prior, next := agentsOf(op.prior), agentsOf(op.planned)
			if op.disables() {
				run.wanted[unsetCad].add(idsWithout(prior, append(next, agentsOf(op.becomes)...))...)
			}
			switch {
			case op.planned == nil:
			case !reflect.DeepEqual(op.planned["triggers"], op.prior["triggers"]):
				run.wanted[setCad].add(next...)
			default:
				run.wanted[setCad].add(idsWithout(next, prior)...)
			}
		}
	}
	for _, r := range requests {
		if r.Endpoint != "" {
			run.sent[r.Endpoint].add(r.AgentIDs...)
			run.confirmed[r.Endpoint].add(r.Confirmed...)
		}
	}
	return run
}

func (h *history) checkRequest(o terraformCall, r deepcalltest.Request, run traffic) {
	switch {
	case r.Endpoint == "" || r.Method != "POST" || r.RawQuery != "":
		h.t.Fatalf("a request went to %s %s?%s", r.Method, r.Path, r.RawQuery)
	case r.Credentials != h.login:
		h.t.Fatalf("a request carried %v", r.Credentials)
	case len(r.AgentIDs) == 0 || len(r.AgentIDs) > o.batchSize:
		h.t.Fatalf("a request has %d agents, with batch_size %d", len(r.AgentIDs), o.batchSize)
	}
	for _, id := range r.AgentIDs {
		if !run.wanted[r.Endpoint][id] {
			h.t.Fatalf("agent %s was sent to %s, and nothing asked for that", id, r.Endpoint)
		}
	}
}

// checkOrder: a run never unsets what it has set. Only where the run has given
// up a request may it be that the server came to it late.
func (h *history) checkOrder(requests []deepcalltest.Request) {
	been := idSet{}
	_, givenUp, _ := h.log.read()
	for _, r := range requests {
		for _, id := range r.AgentIDs {
			switch {
			case r.Endpoint != unsetCad || !been[id]:
			case givenUp > 0:
				h.late.add(id)
			default:
				h.t.Fatalf("agent %s was sent to setCad and after that, by the same run, to unsetCad", id)
			}
		}
		if r.Endpoint == setCad {
			been.add(r.AgentIDs...)
		}
	}
}

// checkKept: what the configuration keeps is not unset. An agent that two
// resources had in state, since a run broke off in the middle of its move, is
// left out: no single resource can know of the other.
func (h *history) checkKept(before map[string]heldInstance, run traffic) {
	claims := claimsIn(before)
	for name, w := range h.wishes {
		for _, id := range agentsOf(before[name].current) {
			if slices.Contains(w.agents, id) && claims[id] == 1 && run.sent[unsetCad][id] && !run.disabled[id] {
				h.t.Fatalf("%s keeps agent %s, and it was sent to unsetCad", name, id)
			}
		}
	}
}

// checkOperation: state has what was confirmed, and an operation that did less
// than planned says so.
func (h *history) checkOperation(c *graphChange, op appliedChange, run traffic) {
	h.checkDiagnostics(op.found)
	fail := func(format string, args ...any) {
		h.t.Helper()
		h.t.Fatalf("%s, %s from %v to %v: state is %v: %s\n%s", c.name, c.does, op.prior, op.planned, op.after, fmt.Sprintf(format, args...), op.found)
	}
	prior, next, after := agentsOf(op.prior), agentsOf(op.planned), agentsOf(op.after)
	if !op.found.HaveError() && !reflect.DeepEqual(op.after, op.planned) {
		fail("not as planned, and no error")
	}
	if showsSecret(fmt.Sprint(op.after)) {
		fail("a credential is in state")
	}
	if op.after != nil && len(after) == 0 && (op.prior == nil || op.planned == nil) {
		fail("a resource without an agent")
	}
	for _, id := range idsWithout(after, prior) {
		if !run.confirmed[setCad][id] && !slices.Contains(op.leftOn, id) || !slices.Contains(next, id) {
			fail("agent %s was not confirmed", id)
		}
	}
	for _, id := range op.leftOn {
		if slices.Contains(next, id) && !slices.Contains(after, id) && !run.confirmed[unsetCad][id] {
			fail("agent %s is on, and has been lost", id)
		}
	}
	if c.does == doInvoke && !op.found.HaveError() {
		for _, id := range agentsOf(c.config) {
			if !run.confirmed[endpointOf[c.name]][id] {
				fail("%s for agent %s was not confirmed", c.name, id)
			}
		}
	}
	disables := op.disables()
	for _, id := range idsWithout(prior, after) {
		switch {
		case slices.Contains(next, id):
			fail("agent %s has been lost", id)
		case disables && !run.confirmed[unsetCad][id] && !run.confirmed[setCad][id] && !slices.Contains(agentsOf(op.becomes), id):
			fail("agent %s was dropped and not confirmed", id)
		}
	}
	if !disables && op.planned != nil && len(idsWithout(after, next)) > 0 {
		fail("agents stay that should have been dropped")
	}
	if op.planned == nil || op.after == nil || op.prior == nil || reflect.DeepEqual(op.prior["triggers"], op.planned["triggers"]) {
		return
	}
	all := len(idsWithout(next, after)) == 0
	for _, id := range next {
		all = all && run.confirmed[setCad][id]
	}
	if reflect.DeepEqual(op.after["triggers"], op.planned["triggers"]) && !all {
		fail("triggers took their new value before every agent was confirmed")
	}
}

// disables reports whether agents that leave are sent to unsetCad. In a
// replacement the new object decides.
func (op appliedChange) disables() bool {
	switch {
	case op.planned != nil:
		return op.planned["unset_on_removal"] == true
	case op.becomes != nil:
		return op.becomes["unset_on_removal"] == true
	}
	return op.prior["unset_on_removal"] == true
}

func (h *history) checkDiagnostics(found diagnostics) {
	if text := found.String(); showsSecret(text) {
		h.t.Fatalf("a credential is in a diagnostic:\n%s", text)
	} else if strings.Contains(text, "provider developer") {
		h.t.Fatalf("the framework found fault with the provider:\n%s", text)
	} else if strings.Contains(text, " 0 agents") {
		h.t.Fatalf("an error about nobody:\n%s", text)
	}
}

// tellRun adds to the story that a failure tells.
func (h *history) tellRun(o terraformCall, requests []deepcalltest.Request) {
	h.t.tell("\nrun %d: %+v", h.run, o)
	for _, c := range h.changes {
		h.t.tell("  %s: %s from %v to %v", c.name, c.does, c.prior, c.config)
		for _, op := range c.operations {
			h.t.tell("    came to %v (lost: %t)", op.after, op.lost)
			for _, d := range op.found {
				h.t.tell("    %s: %s: %.200q", d.Severity, d.Summary, d.Detail)
			}
		}
	}
	for _, r := range requests {
		h.t.tell("  %s %q: HTTP %d, code %d, confirmed %q, applied %q", r.Endpoint, r.AgentIDs, r.Status, r.Code, r.Confirmed, r.Applied)
	}
}

func (i heldInstance) objects() []object {
	if i.current == nil {
		return i.deposed
	}
	return append([]object{i.current}, i.deposed...)
}

// claimsIn counts the objects in state that have each agent.
func claimsIn(state map[string]heldInstance) map[string]int {
	claims := map[string]int{}
	for _, i := range state {
		for _, held := range i.objects() {
			for _, id := range agentsOf(held) {
				claims[id]++
			}
		}
	}
	return claims
}

// agentsOf are the agents of a configuration, plan or state.
func agentsOf(o object) []string {
	if ids, ok := o["agent_ids"].([]string); ok {
		return ids
	}
	labels, _ := o["agents"].(map[string]string)
	ids := []string{}
	for id := range labels {
		ids = append(ids, id)
	}
	return sortedIDs(ids)
}

func idsWithout(ids, others []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(others, id) })
}
