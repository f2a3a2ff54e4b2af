package chaos_test

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
	"github.com/deepcall/terraform-provider-deepcall/internal/protocoltest"
)

// The provider as core speaks to it, in short names.
type (
	protocol    = protocoltest.Provider
	planned     = protocoltest.Planned
	object      = protocoltest.Object
	diagnostics = protocoltest.Diagnostics
)

// run is one call of Terraform: how it is called, and what came of it.
type run struct {
	*history
	number      uint64
	batchSize   int
	concurrent  int     // max_concurrent_requests
	block       object  // more of the provider block
	odds        float64 // of a fault, for each request
	refreshOnly bool
	targets     []string // nil: everything
	replace     []string
	actionsOnly bool // as with -invoke
	ending      ending
	endsAt      uint64                     // the request at whose arrival it comes; 0: none
	trouble     func(*deepcalltest.Server) // what stays wrong with the server

	api      *deepcalltest.Server // of this run alone: what it gives up reaches no other
	process  *protocol            // the provider
	cancel   context.CancelFunc   // ends the process
	applying bool
	changes  []*change
	leaving  idSet         // agents that the plan sends to unsetCad
	staying  idSet         // agents that it keeps in state and does not send again
	problem  string        // of a plan, where the configuration is to blame
	arrived  atomic.Uint64 // requests
	over     atomic.Bool   // nothing new is started
	failed   atomic.Bool
	mu       sync.Mutex // while applying, guards the history's state and the problem
}

type ending int

const (
	endNormally    ending = iota
	endInterrupted        // Terraform asks the provider to stop and starts nothing new
	endKilled             // the provider is gone, and the results on their way with it
	endCrashed            // Terraform is gone, and the new state with it
)

// change is what one node of the graph has to do, and did.
type change struct {
	name       string // of the resource or the action
	does       doing
	held       *held  // nil: none
	config     object // nil: none
	ignored    []string
	first      bool    // create before destroy
	anew       planned // the create half of a replacement
	operations []operation
}

type doing string

const (
	doNothing doing = "no-op"
	doCreate  doing = "create"
	doUpdate  doing = "update"
	doReplace doing = "replace"
	doDestroy doing = "delete"
	doInvoke  doing = "invoke" // an action
)

// newRun is a run in which nothing is to go wrong.
func (h *history) newRun() *run {
	h.runs++
	return &run{
		history: h, number: h.runs, batchSize: 1 + h.rng.IntN(12), concurrent: 1 + h.rng.IntN(3),
		trouble: func(*deepcalltest.Server) {}, leaving: idSet{}, staying: idSet{},
	}
}

// anyRun is a run in which anything may.
func (h *history) anyRun() *run {
	r := h.newRun()
	r.odds, r.batchSize = anyOf(h.rng, 0, 0.2, 0.4, 0.7), 1+h.rng.IntN(4)
	r.block = object{"max_retries": h.rng.IntN(4), "request_timeout": anyOf(h.rng, "30ms", "80ms", "150ms")}
	if h.inOrder {
		r.concurrent = 1
	}
	r.refreshOnly = h.rng.IntN(12) == 0
	switch h.rng.IntN(12) {
	case 0:
		r.targets = someOf(h.rng, h.names())
	case 1, 2: // half of a move
		r.targets = []string{h.moved}
	}
	if h.rng.IntN(5) == 0 {
		r.replace = someOf(h.rng, h.names())
	}
	if h.rng.IntN(4) == 0 {
		r.changes = h.anyActions()
		r.actionsOnly = h.rng.IntN(3) == 0
	}
	switch {
	case h.gentle:
		r.block["request_timeout"] = "1m"
	case h.rng.IntN(3) == 0:
		r.ending = anyOf(h.rng, endInterrupted, endInterrupted, endKilled, endCrashed)
		r.endsAt = 1 + h.rng.Uint64N(4)
	}
	r.trouble = anyTrouble(h.rng)
	return r
}

// anyActions are one or two invocations. A list that comes from variables may
// turn out, while planning, to be one of two, or missing.
func (h *history) anyActions() (actions []*change) {
	for range 1 + h.rng.IntN(2) {
		w := wish{agents: sortedIDs(someOf(h.rng, agentPool)), labelled: h.rng.IntN(3) == 0}
		c := &change{name: anyOf(h.rng, protocoltest.SetAction, protocoltest.UnsetAction), does: doInvoke, config: w.config()}
		switch h.rng.IntN(20) {
		case 0:
			c.config = object{}
		case 1:
			c.config = object{"agent_ids": []string{"1"}, "agents": map[string]string{"1": ""}}
		}
		actions = append(actions, c)
	}
	return actions
}

// planAndApply plans and applies. It returns whether the run succeeded.
func (r *run) planAndApply() bool {
	before := make([]*held, len(r.state)) // for a crash
	for n, i := range r.state {
		copied := *i
		before[n] = &copied
	}
	api, err := deepcalltest.New(r.options...)
	if err != nil {
		r.t.Fatalf("starting the stand-in: %v", err)
	}
	defer api.Close()
	r.api = api
	api.Enable(r.enabled...)
	r.trouble(api)

	r.start()
	r.plan()
	if n := len(api.Requests()); n > 0 {
		r.t.Fatalf("the plan sent %d requests", n)
	}
	if r.problem != "" || r.refreshOnly {
		r.t.note("run %d: no apply; planning failed: %q", r.number, r.problem)
		return r.problem == ""
	}
	r.start()
	r.apply()
	api.Close() // and with it, what is still on its way
	r.enabled = api.Enabled()
	if r.ending == endCrashed && r.over.Load() {
		r.state = before
	}
	r.state = slices.DeleteFunc(r.state, func(i *held) bool { return i.object == nil })
	r.check()
	return !r.failed.Load()
}

// start puts a new process of the provider in the place of the last.
func (r *run) start() {
	p := protocoltest.Start(r.t)
	block := object{
		"base_url": r.api.URL(), "batch_size": r.batchSize, "max_concurrent_requests": r.concurrent,
		"ssid": r.login.SSID, "user_id": r.login.UserID, "token": r.login.Token,
	}
	maps.Copy(block, r.block)
	maps.DeleteFunc(block, func(_ string, value any) bool { return value == "" })
	if found := p.Configure(block); len(found) > 0 {
		r.t.Fatalf("%v: %s", r.block, found)
	}
	p.Context, r.cancel = context.WithCancel(p.Context)
	r.process = p
}

// fault decides how a request is met. The choice hangs on the seed and on the
// request's place in the order of arrival, nothing else.
func (r *run) fault(request deepcalltest.Request) deepcalltest.Fault {
	n := r.arrived.Add(1)
	if n == r.endsAt {
		r.end()
	}
	rng := rand.New(rand.NewPCG(r.t.seed, r.number<<32|n)) //nolint:gosec // G404: it is to replay, not to surprise.
	if rng.Float64() >= r.odds {
		return nil
	}
	asked, others := someOf(rng, request.AgentIDs), someOf(rng, idsWithout(agentPool, request.AgentIDs))
	if !r.gentle && rng.IntN(3) == 0 {
		return anyOf(rng, wrongDeliveries(rng, asked)...)
	}
	return anyOf(rng, wrongAnswers(rng, asked, others)...)
}
