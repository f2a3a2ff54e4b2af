package deepcall

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// A refusal costs the agents and the resources that are its reason, and a
// number of requests that does not grow with the others.
func TestRefusalsAreNarrowedDown(t *testing.T) {
	invalid := apiError("1000")
	for name, test := range map[string]narrowing{
		"one bad ID of 500":                  {agents: agentIDs(1, 500), answer: whenHas(invalid, "321"), confirmed: 499, requests: 25, reasons: 1},
		"one bad ID of 500, 4 in flight":     {agents: agentIDs(1, 500), config: batches(500, 4), answer: whenHas(invalid, "321"), confirmed: 499, requests: 25, reasons: 1},
		"one bad ID of 500, 10 in flight":    {agents: agentIDs(1, 500), config: batches(500, 10), answer: whenHas(invalid, "1"), confirmed: 499, requests: 25, reasons: 1},
		"one bad ID of ten requests at once": {agents: agentIDs(1, 500), config: batches(50, 10), answer: whenHas(invalid, "5"), confirmed: 499, requests: 9 + 25, reasons: 1},
		"ten side by side":                   {agents: agentIDs(1, 500), answer: whenHas(invalid, agentIDs(246, 255)...), confirmed: 490, requests: 60, reasons: 1},
		"the first of both halves":           {agents: agentIDs(1, 500), answer: whenHas(invalid, append(agentIDs(1, 12), agentIDs(251, 262)...)...), confirmed: 476, requests: 100, reasons: 1},
		"the one in the middle":              {agents: agentIDs(1, 500), answer: whenHas(httpError(422), "250"), confirmed: 499, requests: 25, reasons: 1},
		"a limit of 100, by code":            {agents: agentIDs(1, 1000), answer: overLimit(100, invalid), confirmed: 1000, requests: 25, limit: 63},
		"a limit of 100, by status":          {agents: agentIDs(1, 1000), answer: overLimit(100, httpError(413)), confirmed: 1000, requests: 25, limit: 63},
		"one too large of 2,000":             {agents: agentIDs(1, 2000), answer: whenHas(httpError(413), "777"), confirmed: 1999, requests: 40, reasons: 1},
		"all refused, one resource":          {agents: agentIDs(1, 500), answer: always(invalid), requests: 60, reasons: 1},
		"all refused, 500 resources":         {resources: eachAlone(agentIDs(1, 500)), answer: always(invalid), requests: 12, reasons: 1},
		"all refused, batches of 10":         {agents: agentIDs(1, 10_000), config: batches(10, 4), answer: always(invalid), requests: 15, reasons: 1},
		"all refused, four in flight":        {resources: eachAlone(agentIDs(1, 200)), config: batches(500, 4), answer: always(apiError("1507")), requests: 60, reasons: 1},
		"one bad ID of twelve resources":     {resources: append(slices.Repeat([][]string{{"1"}}, 12), []string{"2"}), config: batches(1, 1), answer: whenHas(invalid, "1"), confirmed: 1, requests: 13, reasons: 1},
		"not found, 60 resources":            {resources: eachAlone(agentIDs(1, 60)), answer: always(httpError(404)), requests: 12, reasons: 1},
		"a bad resource, 403":                {resources: eachAlone(agentIDs(1, 20)), answer: whenHas(httpError(403), "7"), confirmed: 19, requests: 40, reasons: 1},
		"a bad resource, 500":                {resources: eachAlone(agentIDs(1, 20)), answer: whenHas(httpError(500), "7"), confirmed: 19, requests: 60, reasons: 1},
		"a bad resource, 1001":               {resources: eachAlone(agentIDs(1, 20)), answer: whenHas(apiError("1001"), "7"), confirmed: 19, requests: 40, reasons: 1},
		"refused credentials":                {resources: eachAlone(agentIDs(1, 200)), answer: always(apiError("1014")), requests: 2, reasons: 1},
		"the API is down":                    {resources: eachAlone(agentIDs(1, 100)), config: retries(2), answer: always(unanswered()), requests: 40, reasons: 1},
		"the API is down, refused at once":   {resources: eachAlone(agentIDs(1, 100)), config: retries(0), answer: always(unanswered()), latency: 1, requests: 20, reasons: 1},
		"the API is down, one agent a time":  {resources: eachAlone(agentIDs(1, 100)), config: batches(1, 1), answer: always(httpError(503)), requests: 20, reasons: 1},
		"one resource of 100,000, all fine":  {agents: agentIDs(1, 100_000), confirmed: 100_000, requests: 200},
	} {
		t.Run(name, test.run)
	}
}

type narrowing struct {
	agents    []string   // of one resource
	resources [][]string // or of several
	config    func(*Config)
	answer    failing
	latency   time.Duration // 0: 20 ms
	confirmed int
	requests  int // at most
	reasons   int // of each resource that fails
	limit     int // agents per request that the run ends with; 0: the batch size
}

func (test narrowing) run(t *testing.T) {
	lists := test.resources
	if lists == nil {
		lists = [][]string{test.agents}
	}
	n := &network{latency: cmp.Or(test.latency, 20*ms), answer: test.answer, limit: test.limit}
	bubble(t, n, test.config, func(t *testing.T, b *batcher) {
		confirmed := 0
		for i, r := range resources(b, 10, lists...) {
			confirmed += len(r.Confirmed)
			if failed := len(r.Confirmed) < len(lists[i]); failed && len(r.Failures) != test.reasons {
				t.Errorf("resource %d fails for %d reasons: %v", i, len(r.Failures), r.Failures)
			}
		}
		if confirmed != test.confirmed {
			t.Errorf("%d agents are confirmed, not %d", confirmed, test.confirmed)
		}
		if len(n.requests) > test.requests {
			t.Errorf("%d requests are more than %d", len(n.requests), test.requests)
		}
	})
}

// resources makes one call of each list with at most width at a time, as
// Terraform does, and returns their results.
func resources(b *batcher, width int, lists ...[]string) []Result {
	results := make([]Result, len(lists))
	slots := make(chan struct{}, width)
	var all sync.WaitGroup
	for i, ids := range lists {
		slots <- struct{}{}
		time.Sleep(ms)
		all.Go(func() {
			defer func() { <-slots }()
			results[i] = b.do(context.Background(), Set, ids, nil)
		})
	}
	all.Wait()
	return results
}

func eachAlone(ids []string) (lists [][]string) {
	for _, id := range ids {
		lists = append(lists, []string{id})
	}
	return lists
}

// A request that fails once for its content is no sign of a limit below what was
// accepted, nor is one whose callers left.
func TestLimitIsNotLearnedFalsely(t *testing.T) {
	all := brief(Result{Confirmed: agentIDs(1, 500)})
	scenarios := map[string]scenario{"refused once": {
		answer: firstOf(nil, apiError("1522")), steps: []step{set(agentIDs(1, 500)...).gives(all), set("1", "2").at(10 * sec).gives("confirmed 1 2")},
	}}
	refused := interrupted + lastBefore + "the API reported code 1000: Invalid parameters; "
	for leaves, want := range map[time.Duration]string{
		1500 * ms: interrupted + "; failed 5 6 7 8", 2500 * ms: refused + "failed 5 6; not tried 7 8", 4500 * ms: "confirmed 5 6; " + refused + "failed 7 8",
	} {
		scenarios[fmt.Sprint("the caller with the bad agent leaves after ", leaves)] = scenario{
			answer: func(n int, op Operation, ids []string) error {
				if n == 4 { // of the part with the bad agent, when the caller leaves last
					return httpError(503)
				}
				return whenHas(apiError("1000"), "8")(n, op, ids)
			},
			steps: []step{
				set("0").gives("confirmed 0"), set(agentIDs(1, 4)...).at(1).gives("confirmed 1 2 3 4"), set(agentIDs(9, 12)...).at(3).gives("confirmed 10 11 12 9"),
				set(agentIDs(5, 8)...).at(2).interruptedAfter(leaves).gives(want),
			},
		}
	}
	playAll(t, scenarios)
}
