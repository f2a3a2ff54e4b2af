package deepcall

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestRandomCalls plays random calls against a network that fails at random, in
// every way that the policy knows, and checks what must hold whatever happens.
func TestRandomCalls(t *testing.T) {
	t.Parallel()
	runs := uint64(200)
	if testing.Short() {
		runs = 50
	}
	for seed := range runs {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			problems := playRandom(t.Context(), random)
			for _, p := range problems {
				t.Errorf("seed %d: %s", seed, p)
			}
		})
		if t.Failed() {
			return
		}
	}
}

var randomFaults = []error{
	apiError("1000"), apiError("1001"), apiError("1507"), httpError(400), httpError(413), httpError(422), // content
	unanswered(), httpError(429), httpError(503), retryAfter(503, 3*time.Second), // down
	httpError(500), apiError("1032"), apiError("1501"), // busy
	httpError(403), httpError(404), apiError("1047"), &AnswerError{Status: 200, Problem: "is empty"}, // other
	apiError("1015"), apiError("1014"), // the run stops
}

// chaoticNetwork fails a share of the requests, and refuses some agents for good.
func chaoticNetwork(random *rand.Rand, agents []string) *network {
	n := &network{latency: time.Duration(random.IntN(400)) * ms}
	fails, faults := random.Float64()*random.Float64(), []error{}
	for range 1 + random.IntN(4) {
		faults = append(faults, randomFaults[random.IntN(len(randomFaults))])
	}
	bad, refused := map[string]error{}, map[string]bool{}
	for _, id := range agents {
		if random.IntN(25) == 0 {
			bad[id] = randomFaults[random.IntN(6)]
		}
		refused[id] = random.IntN(20) == 0
	}
	var mu sync.Mutex
	own := rand.New(rand.NewPCG(random.Uint64(), 2))
	n.answer = func(_ int, _ Operation, ids []string) error {
		mu.Lock()
		defer mu.Unlock()
		for _, id := range ids {
			if bad[id] != nil {
				return bad[id]
			}
		}
		if own.Float64() < fails {
			return faults[own.IntN(len(faults))]
		}
		return nil
	}
	n.amend = func(ids []string, r *reply) {
		mu.Lock()
		defer mu.Unlock()
		for _, id := range ids {
			switch {
			case refused[id]:
				r.of[id] = invalidAgent
			case own.IntN(20) == 0:
				r.of[id] = busyAgent
			case own.IntN(30) == 0:
				delete(r.of, id)
			}
		}
	}
	return n
}

func playRandom(ctx context.Context, random *rand.Rand) []string {
	all := 1 + random.IntN(60)
	n := chaoticNetwork(random, agentIDs(1, all))
	c := testConfig()
	c.BatchSize, c.MaxConcurrentRequests, c.MaxRetries = 1+random.IntN(20), 1+random.IntN(4), random.IntN(4)
	if random.IntN(3) == 0 {
		c.MaxRemovals = random.IntN(10)
	}
	b := newBatcher(c, n.send)
	var problems []string
	var calls sync.WaitGroup
	for i := range 1 + random.IntN(12) {
		op := Operation(random.IntN(2))
		ids := agentIDs(1, all)
		random.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
		ids = ids[:random.IntN(len(ids)+1)]
		limit := 100 * time.Hour
		if random.IntN(3) == 0 {
			limit = time.Duration(1+random.IntN(60)) * time.Second
		}
		calls.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			began := time.Now()
			result := b.do(ctx, op, ids, nil)
			took := time.Since(began)
			n.mu.Lock()
			defer n.mu.Unlock()
			if took > 20*time.Minute {
				problems = append(problems, fmt.Sprint("took ", took))
			}
			for _, p := range checkResult(n, op, ids, result) {
				problems = append(problems, fmt.Sprintf("call %d: %s", i, p))
			}
		})
		time.Sleep(time.Duration(random.IntN(700)) * time.Millisecond)
	}
	calls.Wait()
	synctest.Wait()
	problems = append(problems, checkEnd(b.scheduler, n.requests)...)
	return append(problems, n.problems...)
}

// checkEnd checks that nothing is left of calls that are over, and that removals
// were counted rightly.
func checkEnd(s *scheduler, requests []sentRequest) (problems []string) {
	if len(s.inFlight)+len(s.lanes[Set].calls)+len(s.lanes[Unset].calls) > 0 {
		problems = append(problems, "the scheduler holds something after the last call")
	}
	for id, a := range s.agents {
		if a.request != nil || a.setting != 0 || len(a.blocked) > 0 {
			problems = append(problems, fmt.Sprintf("the scheduler holds agent %s: %+v", id, a))
		}
	}
	removed := map[string]struct{}{}
	for _, r := range requests {
		if r.op == Unset {
			for _, id := range r.ids {
				removed[id] = struct{}{}
			}
		}
	}
	if len(s.removals) != len(removed) || s.config.MaxRemovals >= 0 && len(s.removals) > s.config.MaxRemovals {
		problems = append(problems, fmt.Sprintf("%d agents were sent to be unset, and %d are counted", len(removed), len(s.removals)))
	}
	return problems
}

// checkResult checks that every agent is in one place, and in the right one.
func checkResult(n *network, op Operation, ids []string, r Result) (problems []string) {
	places := slices.Concat(r.Confirmed, r.Kept)
	for _, f := range r.Failures {
		places = slices.Concat(places, f.AgentIDs, f.NotTried)
	}
	slices.Sort(places)
	if want := slices.Sorted(slices.Values(ids)); !slices.Equal(places, want) {
		problems = append(problems, fmt.Sprintf("the result names %v, and the call %v", places, want))
	}
	for _, id := range r.Confirmed {
		if !n.confirmed[op][id] {
			problems = append(problems, id+" was not confirmed by the network")
		}
	}
	for _, id := range r.Kept {
		if op != Unset || !n.confirmed[Set][id] {
			problems = append(problems, id+" is kept although nobody set it")
		}
	}
	return problems
}
