package chaos_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
	"github.com/deepcall/terraform-provider-deepcall/internal/protocoltest"
)

// idSet is a set of agent IDs.
type idSet map[string]bool

// ask is an agent that an endpoint is asked for.
type ask struct{ endpoint, id string }

const (
	setCad   = "setCad"
	unsetCad = "unsetCad"
)

var endpointOf = map[string]string{protocoltest.SetAction: setCad, protocoltest.UnsetAction: unsetCad}

// facts are about one agent in one operation.
type facts struct {
	prior, next, after bool // it is in the prior state, in the plan, in the new state
	becomes            bool // this is a destroy half, and the create half lists it
	leftOn             bool // this is a create half, and the destroy half left it on
	destroys           bool // the whole resource
	passed             bool // this is an action for it, which reported no error
	unsets             bool // agents that leave are sent to unsetCad
	triggered          bool // triggers took a new value
	toSet, toUnset     bool // it may be sent there
	set, unset         bool // the server has confirmed it during the run
	told               bool // its set, to the provider
}

// invariants are what no operation may do to an agent.
var invariants = []struct {
	wrong  string
	breaks func(f facts) bool
}{
	{"is in state and was not confirmed", func(f facts) bool { return f.after && !f.prior && !f.set && !f.leftOn }},
	{"is in state and was not planned", func(f facts) bool { return f.after && !f.prior && !f.next }},
	{"was confirmed and is not in state", func(f facts) bool { return !f.after && f.next && f.told }},
	{"has been lost", func(f facts) bool { return !f.after && f.next && (f.prior || f.leftOn && !f.unset) }},
	{"was dropped while it is on", func(f facts) bool { return !f.after && f.prior && f.toUnset && !f.unset && !f.set }},
	{"should have been dropped", func(f facts) bool { return f.after && !f.next && !f.unsets && !f.destroys }},
	{"was not confirmed, and the action passed", func(f facts) bool { return f.passed && (f.toSet && !f.set || f.toUnset && !f.unset) }},
	{"was not confirmed again, and triggers took their new value", func(f facts) bool { return f.triggered && f.next && (!f.set || !f.after) }},
}

func (op operation) about(id string, confirmed map[ask]bool) facts {
	in := func(o object) bool { return slices.Contains(agentsOf(o), id) }
	triggers := func(a, b object) bool { return reflect.DeepEqual(a["triggers"], b["triggers"]) }
	f := facts{
		prior: in(op.prior), next: in(op.planned), after: in(op.after), becomes: in(op.becomes),
		leftOn: slices.Contains(op.leftOn, id), destroys: op.planned == nil,
		triggered: op.prior != nil && op.after != nil && op.planned != nil && !triggers(op.prior, op.planned) && triggers(op.planned, op.after),
		set:       confirmed[ask{setCad, id}], unset: confirmed[ask{unsetCad, id}],
	}
	decides := op.prior
	switch {
	case op.planned != nil:
		decides = op.planned
	case op.becomes != nil && !op.deposed: // in a replacement the new object decides
		decides = op.becomes
	}
	f.unsets = decides["unset_on_removal"] == true
	f.toSet = f.next && (!f.prior || !triggers(op.prior, op.planned))
	f.toUnset = f.unsets && f.prior && !f.next && !f.becomes
	if op.invokes != "" && in(op.config) {
		f.passed = !op.found.HaveError()
		f.toSet, f.toUnset = op.invokes == setCad, op.invokes == unsetCad
	}
	return f
}

// traffic is what a run wanted, sent and was told.
type traffic struct {
	wanted, sent, confirmed map[ask]bool
	told                    bool // all that was confirmed, on behalf of resources
}

// check holds what a run has done against what must never happen.
func (r *run) check() {
	requests := r.api.Requests()
	r.noteRun(requests)
	t := traffic{map[ask]bool{}, map[ask]bool{}, map[ask]bool{}, r.gentle}
	for _, request := range requests {
		for _, id := range request.AgentIDs {
			if r.gentle && request.Endpoint == unsetCad && t.sent[ask{setCad, id}] {
				r.t.Fatalf("agent %s was sent to setCad and after that, by the same run, to unsetCad", id)
			}
			t.sent[ask{request.Endpoint, id}] = true
		}
		for _, id := range request.Confirmed {
			t.confirmed[ask{request.Endpoint, id}] = true
		}
	}
	for _, c := range r.changes {
		t.told = t.told && c.does != doInvoke
	}
	for _, c := range r.changes {
		for _, op := range c.operations {
			r.checkOperation(c, op, t)
		}
	}
	for _, request := range requests {
		r.checkRequest(request, t)
	}
	if r.gentle && r.api.MaxInFlight() > r.concurrent {
		r.t.Fatalf("%d requests were in flight, with max_concurrent_requests %d", r.api.MaxInFlight(), r.concurrent)
	}

	claims := claimsIn(r.state)
	for _, id := range agentPool {
		switch {
		case claims[id] == 0:
			delete(r.unsure, id)
		case t.sent[ask{unsetCad, id}]:
			r.unsure[id] = true
		case t.confirmed[ask{setCad, id}]:
			delete(r.unsure, id)
		}
	}
}

func (r *run) checkRequest(request deepcalltest.Request, t traffic) {
	switch {
	case request.Endpoint == "" || request.Method != "POST" || request.RawQuery != "":
		r.t.Fatalf("a request went to %s %s?%s", request.Method, request.Path, request.RawQuery)
	case request.Credentials != r.login:
		r.t.Fatalf("a request carried %v", request.Credentials)
	case len(request.AgentIDs) == 0 || len(request.AgentIDs) > r.batchSize:
		r.t.Fatalf("a request has %d agents, with batch_size %d", len(request.AgentIDs), r.batchSize)
	}
	for _, id := range request.AgentIDs {
		if !t.wanted[ask{request.Endpoint, id}] {
			r.t.Fatalf("agent %s was sent to %s, and nothing asked for that", id, request.Endpoint)
		}
	}
}

// checkOperation: state has what was confirmed, and an operation that did less
// than planned says so. What it may ask for is wanted.
func (r *run) checkOperation(c *change, op operation, t traffic) {
	r.checkDiagnostics(op.found)
	fail := func(agent, wrong string) {
		r.t.Helper()
		r.t.Fatalf("%s, %s from %v to %v: state is %v: %s %s\n%s", c.name, c.does, op.prior, op.planned, op.after, agent, wrong, op.found)
	}
	switch {
	case !op.found.HaveError() && !reflect.DeepEqual(op.after, op.planned):
		fail("it", "is not as planned, and there is no error")
	case showsSecret(fmt.Sprint(op.after)):
		fail("it", "shows a credential")
	case op.after != nil && len(agentsOf(op.after)) == 0 && (op.prior == nil || op.planned == nil):
		fail("it", "has no agent")
	}
	for _, id := range agentPool {
		f, set, unset := op.about(id, t.confirmed), ask{setCad, id}, ask{unsetCad, id}
		f.told = t.told && f.set
		t.wanted[set] = t.wanted[set] || f.toSet
		t.wanted[unset] = t.wanted[unset] || f.toUnset
		for _, invariant := range invariants {
			if invariant.breaks(f) {
				fail("agent "+id, invariant.wrong)
			}
		}
	}
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

// noteRun adds to what a failure reports.
func (r *run) noteRun(requests []deepcalltest.Request) {
	r.t.note("\nrun %d: batch_size %d, max_concurrent_requests %d, %v; ending %d at request %d, targets %q",
		r.number, r.batchSize, r.concurrent, r.block, r.ending, r.endsAt, r.targets)
	for _, c := range r.changes {
		r.t.note("  %s: %s, config %v", c.name, c.does, c.config)
		for _, op := range c.operations {
			r.t.note("    from %v to %v came to %v (lost: %t)", op.prior, op.planned, op.after, op.lost)
			for _, d := range op.found {
				r.t.note("    %s: %s: %.200q", d.Severity, d.Summary, d.Detail)
			}
		}
	}
	for _, q := range requests {
		r.t.note("  %s %q: HTTP %d, code %d, confirmed %q, applied %q", q.Endpoint, q.AgentIDs, q.Status, q.Code, q.Confirmed, q.Applied)
	}
}

// claimsIn counts the objects in state that have each agent.
func claimsIn(state []*held) map[string]int {
	claims := map[string]int{}
	for _, i := range state {
		for _, id := range agentsOf(i.object) {
			claims[id]++
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
	return slices.Sorted(maps.Keys(labels))
}

func idsWithout(ids, others []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(others, id) })
}

// What makes a secret is known again in every encoding and in pieces: the ends
// are letters and digits, and between them stands what encodings change.
const secretHead, secretTail = "c4naryHead", "c4naryTail"

func canarySecret(which string) string {
	return secretHead + which + "\"\\/+&<é%25 ' " + secretTail
}

var canaryLogins = []deepcalltest.Credentials{
	{SSID: canarySecret("ssid")},
	{UserID: "u-1", Token: canarySecret("token")},
}

// showsSecret reports whether text holds a piece of a secret.
func showsSecret(text string) bool {
	return strings.Contains(text, secretHead) || strings.Contains(text, secretTail)
}
