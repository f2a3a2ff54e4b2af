package chaos_test

import (
	"maps"
	"slices"

	"github.com/deepcall/terraform-provider-deepcall/internal/protocoltest"
)

// terraformCall is how terraform is called, and what becomes of the call.
type terraformCall struct {
	batchSize   int
	concurrent  int    // max_concurrent_requests
	block       object // more of the provider block
	odds        float64
	refreshOnly bool
	targets     []string // nil: everything
	replace     []string
	actions     []*graphChange
	actionsOnly bool // as with -invoke
	ending      ending
	endsAt      uint64 // the request at whose arrival it comes
}

type ending int

const (
	endNormally    ending = iota
	endInterrupted        // Terraform asks the provider to stop and starts nothing new
	endKilled             // the provider is gone, and the results on their way with it
	endCrashed            // Terraform is gone, and the new state with it
)

// anyRun is a run of Terraform with whatever may go wrong.
func (h *history) anyRun() terraformCall {
	o := terraformCall{odds: anyOf(h.rng, 0, 0.2, 0.4, 0.7), batchSize: 1 + h.rng.IntN(4), concurrent: 1 + h.rng.IntN(3), block: object{
		"max_retries":     h.rng.IntN(4),
		"request_timeout": anyOf(h.rng, "30ms", "80ms", "150ms"),
	}}
	if h.inOrder {
		o.concurrent = 1
	}
	o.refreshOnly = h.rng.IntN(12) == 0
	if h.rng.IntN(10) == 0 {
		o.targets = someOf(h.rng, slices.Sorted(maps.Keys(h.wishes)))
	}
	if h.rng.IntN(8) == 0 {
		o.replace = someOf(h.rng, slices.Sorted(maps.Keys(h.wishes)))
	}
	if h.rng.IntN(4) == 0 {
		o.actions = h.anyActions()
		o.actionsOnly = h.rng.IntN(3) == 0
	}
	if h.gentle {
		o.block["request_timeout"] = "1m"
		return o
	}
	if h.rng.IntN(3) == 0 {
		o.ending = anyOf(h.rng, endInterrupted, endInterrupted, endKilled, endCrashed)
		o.endsAt = 1 + h.rng.Uint64N(4)
	}
	return o
}

// anyActions are one or two invocations. A list that comes from variables may
// turn out, while planning, to be one of two, or missing.
func (h *history) anyActions() (actions []*graphChange) {
	for range 1 + h.rng.IntN(2) {
		w := wish{agents: sortedIDs(someOf(h.rng, agentPool)), labelled: h.rng.IntN(3) == 0}
		c := &graphChange{name: anyOf(h.rng, protocoltest.SetAction, protocoltest.UnsetAction), does: doInvoke, config: w.config()}
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
