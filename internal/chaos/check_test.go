package chaos_test

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

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
	unsets             bool // agents that leave are sent to unsetCad
	triggered          bool // triggers took a new value
	toSet, toUnset     bool // it may be sent there
	set, unset         bool // the server has confirmed it during the run
	told               bool // and the set to the provider for sure, on behalf of a resource
}

// invariants are what no operation may do to an agent.
var invariants = []struct {
	wrong  string
	breaks func(f facts) bool
}{
	{"is in state and was not confirmed", func(f facts) bool { return f.after && !f.prior && !(f.next && (f.set || f.leftOn)) }},
	{"was confirmed and is not in state", func(f facts) bool { return !f.after && f.next && f.told }},
	{"has been lost", func(f facts) bool { return !f.after && f.next && (f.prior || f.leftOn && !f.unset) }},
	{"was dropped while it is on", func(f facts) bool { return !f.after && f.toUnset && !f.unset && !f.set }},
	{"should have been dropped", func(f facts) bool { return f.after && !f.next && !f.unsets && !f.destroys }},
	{"was not confirmed again, and triggers took their new value", func(f facts) bool { return f.triggered && f.next && !(f.after && f.set) }},
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
	case op.becomes != nil: // in a replacement the new object decides
		decides = op.becomes
	}
	f.unsets = decides["unset_on_removal"] == true
	f.toSet = f.next && (!f.prior || !triggers(op.prior, op.planned))
	f.toUnset = f.unsets && f.prior && !f.next && !f.becomes
	return f
}

// traffic is what a run wanted, sent and was told.
type traffic struct{ wanted, sent, confirmed, byAction map[ask]bool }

// check holds what a run has done against what must never happen.
func (r *run) check(before []*held) {
	requests := r.api.Requests()
	r.tellRun(requests)
	t := traffic{map[ask]bool{}, map[ask]bool{}, map[ask]bool{}, map[ask]bool{}}
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
		if c.does == doInvoke {
			for _, id := range agentsOf(c.config) {
				t.byAction[ask{endpointOf[c.name], id}] = true
			}
		}
	}
	maps.Copy(t.wanted, t.byAction)
	for _, c := range r.changes {
		for _, op := range c.operations {
			r.checkOperation(c, op, t)
		}
	}
	for _, request := range requests {
		r.checkRequest(request, t)
	}
	r.checkKept(before, t)
	if r.gentle && r.api.MaxInFlight() > r.concurrent {
		r.t.Fatalf("%d requests were in flight, with max_concurrent_requests %d", r.api.MaxInFlight(), r.concurrent)
	}
	if leaked := r.log.leak(); leaked != "" {
		r.t.Fatalf("a credential is in the log: %s", leaked)
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

// checkKept: what the configuration keeps is not unset. An agent that two
// resources had in state, since a run broke off in the middle of its move, is
// left out: no single resource can know of the other.
func (r *run) checkKept(before []*held, t traffic) {
	claims := claimsIn(before)
	for _, i := range before {
		w := r.wishes[i.name]
		if w == nil || i.deposed {
			continue
		}
		for _, id := range agentsOf(i.object) {
			unset := ask{unsetCad, id}
			if slices.Contains(w.agents, id) && claims[id] == 1 && t.sent[unset] && !t.byAction[unset] {
				r.t.Fatalf("%s keeps agent %s, and it was sent to unsetCad", i.name, id)
			}
		}
	}
}

// checkOperation: state has what was confirmed, and an operation that did less
// than planned says so. What it may ask for is wanted.
func (r *run) checkOperation(c *change, op operation, t traffic) {
	r.checkDiagnostics(op.found)
	fail := func(format string, args ...any) {
		r.t.Helper()
		r.t.Fatalf("%s, %s from %v to %v: state is %v: %s\n%s", c.name, c.does, op.prior, op.planned, op.after, fmt.Sprintf(format, args...), op.found)
	}
	switch ok := !op.found.HaveError(); {
	case ok && !reflect.DeepEqual(op.after, op.planned):
		fail("not as planned, and no error")
	case showsSecret(fmt.Sprint(op.after)):
		fail("a credential is in state")
	case op.after != nil && len(agentsOf(op.after)) == 0 && (op.prior == nil || op.planned == nil):
		fail("a resource without an agent")
	case ok && c.does == doInvoke:
		for _, id := range agentsOf(c.config) {
			if !t.confirmed[ask{endpointOf[c.name], id}] {
				fail("%s for agent %s was not confirmed", c.name, id)
			}
		}
	}
	for _, id := range agentPool {
		f, set, unset := op.about(id, t.confirmed), ask{setCad, id}, ask{unsetCad, id}
		f.told = r.gentle && f.set && !t.byAction[set]
		t.wanted[set] = t.wanted[set] || f.toSet
		t.wanted[unset] = t.wanted[unset] || f.toUnset
		for _, invariant := range invariants {
			if invariant.breaks(f) {
				fail("agent %s %s", id, invariant.wrong)
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

// tellRun adds to the story that a failure tells.
func (r *run) tellRun(requests []deepcalltest.Request) {
	r.t.tell("\nrun %d: batch_size %d, max_concurrent_requests %d, %v; ending %d at request %d, targets %q",
		r.number, r.batchSize, r.concurrent, r.block, r.ending, r.endsAt, r.targets)
	for _, c := range r.changes {
		r.t.tell("  %s: %s, config %v", c.name, c.does, c.config)
		for _, op := range c.operations {
			r.t.tell("    from %v to %v came to %v (lost: %t)", op.prior, op.planned, op.after, op.lost)
			for _, d := range op.found {
				r.t.tell("    %s: %s: %.200q", d.Severity, d.Summary, d.Detail)
			}
		}
	}
	for _, q := range requests {
		r.t.tell("  %s %q: HTTP %d, code %d, confirmed %q, applied %q", q.Endpoint, q.AgentIDs, q.Status, q.Code, q.Confirmed, q.Applied)
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

// chaosLog reads the provider's log as it is written.
type chaosLog struct {
	mu     sync.Mutex
	lines  int
	leaked string
}

func (l *chaosLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines += bytes.Count(line, []byte("\n"))
	if showsSecret(string(line)) {
		l.leaked = string(line)
	}
	return len(line), nil
}

func (l *chaosLog) leak() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.leaked
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
