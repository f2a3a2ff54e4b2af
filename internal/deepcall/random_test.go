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

// chaoticNetwork fails a share of the requests, refuses some agents for good, and
// remembers what it confirmed.
type chaoticNetwork struct {
	*network
	random    *rand.Rand
	fails     float64
	faults    []error
	bad       map[string]error // agents that every request fails for
	refused   map[string]bool  // agents that are refused by themselves
	confirmed [2]map[string]int
	stopped   time.Time // when the credentials were refused
}

func (n *chaoticNetwork) exchange(ctx context.Context, op Operation, ids []string) (reply, error) {
	n.mu.Lock()
	if !n.stopped.IsZero() && time.Now().After(n.stopped) {
		n.problems = append(n.problems, "a request is sent after the credentials were refused")
	}
	for _, id := range ids {
		if op == Unset && n.confirmed[Set][id] > 0 {
			n.problems = append(n.problems, id+" is unset after it was set")
		}
	}
	n.mu.Unlock()
	r, err := n.send(ctx, op, ids)
	if err != nil {
		return r, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, id := range ids {
		if bad := n.bad[id]; bad != nil {
			return reply{}, bad
		}
	}
	if n.random.Float64() < n.fails {
		err := n.faults[n.random.IntN(len(n.faults))]
		if Classify(err) == ClassCredentials && n.stopped.IsZero() {
			n.stopped = time.Now()
		}
		return reply{}, err
	}
	for _, id := range ids {
		switch {
		case n.refused[id]:
			r.of[id] = invalidAgent
		case n.random.IntN(20) == 0:
			r.of[id] = busyAgent
		case n.random.IntN(30) == 0:
			delete(r.of, id)
		default:
			n.confirmed[op][id]++
		}
	}
	return r, nil
}

func newChaoticNetwork(random *rand.Rand, agents []string) *chaoticNetwork {
	n := &chaoticNetwork{
		network: &network{latency: time.Duration(random.IntN(400)) * ms},
		random:  rand.New(rand.NewPCG(random.Uint64(), 2)), fails: random.Float64() * random.Float64(),
		bad: map[string]error{}, refused: map[string]bool{}, confirmed: [2]map[string]int{{}, {}},
	}
	for range 1 + random.IntN(4) {
		n.faults = append(n.faults, randomFaults[random.IntN(len(randomFaults))])
	}
	for _, id := range agents {
		if random.IntN(25) == 0 {
			n.bad[id] = randomFaults[random.IntN(6)]
		}
		n.refused[id] = random.IntN(20) == 0
	}
	return n
}

func playRandom(ctx context.Context, random *rand.Rand) []string {
	all := 1 + random.IntN(60)
	n := newChaoticNetwork(random, agentIDs(1, all))
	c := testConfig()
	c.BatchSize, c.MaxConcurrentRequests, c.MaxRetries = 1+random.IntN(20), 1+random.IntN(4), random.IntN(4)
	if random.IntN(3) == 0 {
		c.MaxRemovals = random.IntN(10)
	}
	b := newBatcher(c, n.exchange)
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
	if s.removals != len(removed) {
		problems = append(problems, fmt.Sprintf("%d agents were sent to be unset, and %d are counted", len(removed), s.removals))
	}
	return problems
}

// checkResult checks that every agent is in one place, and in the right one.
func checkResult(n *chaoticNetwork, op Operation, ids []string, r Result) (problems []string) {
	places := slices.Concat(r.Confirmed, r.Kept)
	for _, f := range r.Failures {
		places = slices.Concat(places, f.AgentIDs, f.NotTried)
	}
	slices.Sort(places)
	if want := slices.Sorted(slices.Values(ids)); !slices.Equal(places, want) {
		problems = append(problems, fmt.Sprintf("the result names %v, and the call %v", places, want))
	}
	for _, id := range r.Confirmed {
		if n.confirmed[op][id] == 0 {
			problems = append(problems, id+" was not confirmed by the network")
		}
	}
	for _, id := range r.Kept {
		if op != Unset || n.confirmed[Set][id] == 0 {
			problems = append(problems, id+" is kept although nobody set it")
		}
	}
	return problems
}
