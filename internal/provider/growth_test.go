package provider_test

import (
	"slices"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// Every step of a resource's life, with four times the agents, allocates no more
// than four times as often and sends no more than four times the requests.
// Neither depends on the machine.
func TestEveryStepGrowsLinearly(t *testing.T) {
	const few, many = 1000, 4000
	for _, f := range []form{set, labelled} {
		for name, c := range map[string]struct {
			prior, config func(ids []string) object // nil: none
			refused       func(ids []string) []string
			requests      int // with few
		}{
			"create":            {config: func(ids []string) object { return f.with(ids) }, requests: 2},
			"create in part":    {config: func(ids []string) object { return f.with(ids) }, refused: half, requests: 2},
			"no change":         {prior: func(ids []string) object { return f.with(ids) }, config: func(ids []string) object { return f.with(ids) }},
			"one more":          {prior: func(ids []string) object { return f.with(ids[1:]) }, config: func(ids []string) object { return f.with(ids) }, requests: 1},
			"others":            {prior: func(ids []string) object { return f.with(half(ids)) }, config: func(ids []string) object { return f.with(ids[:len(ids)/2]) }, requests: 1},
			"half are unset":    {prior: func(ids []string) object { return f.with(ids, unset) }, config: func(ids []string) object { return f.with(half(ids), unset) }, refused: half, requests: 1},
			"destroy":           {prior: func(ids []string) object { return f.with(ids, unset) }, requests: 2},
			"destroy, all kept": {prior: func(ids []string) object { return f.with(ids) }},
		} {
			t.Run(name+", "+string(f), func(t *testing.T) {
				measure := func(n int) (allocations float64, requests int) {
					api := deepcalltest.Start(t)
					ids := numbered(10_000, 10_000+n-1)
					var prior, config object
					if c.prior != nil {
						prior = c.prior(ids)
					}
					if c.config != nil {
						config = c.config(ids)
					}
					if c.refused != nil {
						api.Refuse("Invalid AgentID", c.refused(ids)...)
					}
					p := connect(t, api, nil)
					allocations = testing.AllocsPerRun(1, func() {
						requests = len(api.Requests())
						p.Validate(config)
						p.Read(prior)
						p.PlanAndApply(prior, config)
					})
					return allocations, len(api.Requests()) - requests
				}
				allocated, sent := measure(few)
				equal(t, "requests", sent, c.requests)
				more, sent := measure(many)
				if growth := more / allocated; growth > many/few {
					t.Errorf("%d agents allocate %.0f times, %d agents %.0f times: %.2f × as often", few, allocated, many, more, growth)
				}
				if want := max(1, c.requests*many/few); c.requests > 0 && sent > want {
					t.Errorf("%d agents take %d requests, want at most %d", many, sent, want)
				}
			})
		}
	}
}

// half is every other one of ids.
func half(ids []string) []string {
	var some []string
	for pair := range slices.Chunk(ids, 2) {
		some = append(some, pair[0])
	}
	return some
}
