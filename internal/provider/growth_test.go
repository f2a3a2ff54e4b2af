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
	all := func(ids []string) []string { return ids }
	allButOne := func(ids []string) []string { return ids[1:] }
	firstHalf := func(ids []string) []string { return ids[:len(ids)/2] }
	for _, f := range []form{set, labelled} {
		for name, c := range map[string]struct {
			prior, config, refused func(ids []string) []string // nil: none
			unset                  bool
			requests               int // with few
		}{
			"create":            {config: all, requests: 2},
			"create in part":    {config: all, refused: half, requests: 2},
			"no change":         {prior: all, config: all},
			"one more":          {prior: allButOne, config: all, requests: 1},
			"others":            {prior: half, config: firstHalf, requests: 1},
			"half are unset":    {prior: all, config: half, refused: half, unset: true, requests: 1},
			"destroy":           {prior: all, unset: true, requests: 2},
			"destroy, all kept": {prior: all},
		} {
			t.Run(name+", "+string(f), func(t *testing.T) {
				measure := func(n int) (allocations float64, requests int) {
					ids := numbered(10_000, 10_000+n-1)
					with := func(some func([]string) []string) object {
						if some == nil {
							return nil
						}
						return f.with(some(ids), object{"unset_on_removal": c.unset})
					}
					prior, config := with(c.prior), with(c.config)
					api := deepcalltest.Start(t)
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
