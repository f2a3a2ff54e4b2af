package deepcall

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// seedVariable, set to a seed that a failure printed, runs that one alone.
const seedVariable = "DEEPCALL_TEST_SEED"

// Many callers, random faults, random interrupts: whatever comes, each agent of
// each call has one outcome, nothing is confirmed that the server has not
// confirmed, and the limits hold. A bubble of time ends only when every
// goroutine in it has ended, so nothing is left running either.
func TestRandomCalls(t *testing.T) {
	seeds := make([]uint64, 200)
	for i := range seeds {
		seeds[i] = rand.Uint64()
	}
	if s := os.Getenv(seedVariable); s != "" {
		seed, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seeds = []uint64{seed}
	}
	for _, seed := range seeds {
		if !t.Run("", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { randomCalls(t, rand.New(rand.NewPCG(seed, 0))) })
		}) {
			t.Fatalf("replay with %s=%d", seedVariable, seed)
		}
	}
}

// truth is what the server has confirmed, by endpoint and agent.
type truth struct {
	mu        sync.Mutex
	seed      uint64
	confirmed map[string]map[string]bool
	most      int // agents in a request
}

func randomCalls(t *testing.T, random *rand.Rand) {
	agents := names("a", 1+random.IntN(60))
	w := &truth{seed: random.Uint64(), confirmed: map[string]map[string]bool{"setCad": {}, "unsetCad": {}}}
	s := &fakeAPI{latency: time.Duration(random.IntN(300)) * time.Millisecond, answer: w.answer}
	batch, inFlight := 1+random.IntN(12), 1+random.IntN(4)
	client := newTestClient(t, s, batchOf(batch), concurrent(inFlight), retries(random.IntN(4)))

	var calls []*randomCall
	for range 1 + random.IntN(25) {
		calls = append(calls, newRandomCall(random, client, agents))
	}
	var all sync.WaitGroup
	for _, c := range calls {
		all.Go(func() { c.run() })
	}
	all.Wait()

	wasSet := map[string]bool{}
	for _, c := range calls {
		c.check(t, w)
		if c.set {
			for _, id := range c.ids {
				wasSet[id] = true
			}
		}
	}
	for _, c := range calls {
		for _, id := range c.Kept {
			if c.set || !wasSet[id] {
				t.Errorf("agent %s was kept, and nobody asked to set it", id)
			}
		}
	}
	if s.most > inFlight || w.most > batch || s.mixed {
		t.Errorf("%d requests in flight, want at most %d; %d agents in one, want at most %d; set and unset together: %v",
			s.most, inFlight, w.most, batch, s.mixed)
	}
	checkNoUnsetAfterSet(t, s.seen())
}

// checkNoUnsetAfterSet checks that no agent is unset after it was set.
func checkNoUnsetAfterSet(t *testing.T, requests []arrival) {
	t.Helper()
	set := map[string]bool{}
	for _, q := range requests {
		for _, id := range q.ids {
			if q.endpoint == "setCad" {
				set[id] = true
			} else if set[id] {
				t.Errorf("request %d unsets agent %s, which was set before", q.n, id)
			}
		}
	}
}

// answer draws a fault, or answers for each agent by lot.
func (w *truth) answer(q arrival) canned {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.most = max(w.most, len(q.ids))
	random := rand.New(rand.NewPCG(w.seed, uint64(q.n)))
	later := time.Duration(random.IntN(200)) * time.Millisecond
	faults := []canned{
		httpStatus(503), httpStatus(429), retryAfter(503, strconv.Itoa(random.IntN(30))), apiCode(1501), apiCode(1032), refusedConnection,
		{body: confirming(q.ids...), cut: true}, {latency: 2 * time.Hour},
		apiCode(1000), httpStatus(400), httpStatus(413), httpStatus(401), {body: "null"}, redirect(307, "/x"),
	}
	if n := random.IntN(3 * len(faults)); n < len(faults) {
		f := faults[n]
		f.latency += later
		return f
	}
	var confirmed []string
	refused := map[string]string{}
	for _, id := range q.ids {
		switch random.IntN(12) {
		case 0:
			refused[id] = "Invalid AgentID"
		case 1:
			refused[id] = inProcessing
		case 2: // not mentioned
		case 3: // contradicted
			confirmed = append(confirmed, id)
			refused[id] = "Data could not be updated"
		default:
			confirmed = append(confirmed, id)
			w.confirmed[q.endpoint][id] = true
		}
	}
	return canned{body: answering(append(confirmed, "unasked"), refused), latency: later}
}

type randomCall struct {
	Result
	do       func(context.Context, []string, func(Progress)) Result
	set      bool
	ids      []string
	begins   time.Duration
	deadline time.Duration // 0: none
	leaves   time.Duration // 0: never
	progress []Progress
	late     time.Duration // how long after its context's end it came back
}

func newRandomCall(random *rand.Rand, client *Client, agents []string) *randomCall {
	c := &randomCall{do: client.UnsetCAD, begins: time.Duration(random.IntN(3000)) * time.Millisecond}
	if random.IntN(3) > 0 {
		c.do, c.set = client.SetCAD, true
	}
	for _, i := range random.Perm(len(agents))[:random.IntN(len(agents)+1)] {
		c.ids = append(c.ids, agents[i])
	}
	switch random.IntN(4) {
	case 0:
		c.deadline = time.Duration(random.IntN(60_000)) * time.Millisecond
	case 1:
		c.leaves = time.Duration(random.IntN(5_000)) * time.Millisecond
	}
	return c
}

func (c *randomCall) run() {
	time.Sleep(c.begins)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	started, bound := time.Now(), time.Duration(math.MaxInt64)
	if c.deadline > 0 {
		bound = c.deadline
		ctx, cancel = context.WithTimeout(ctx, c.deadline)
		defer cancel()
	}
	if c.leaves > 0 {
		bound = min(bound, c.leaves)
		defer time.AfterFunc(c.leaves, cancel).Stop()
	}
	c.Result = c.do(ctx, c.ids, func(p Progress) { c.progress = append(c.progress, p) })
	c.late = time.Since(started) - bound
}

// check holds a call's result against what the server said.
func (c *randomCall) check(t *testing.T, w *truth) {
	t.Helper()
	outcomes := slices.Concat(c.Confirmed, c.Kept)
	failed := 0
	for _, f := range c.Failures {
		outcomes = slices.Concat(outcomes, f.AgentIDs, f.NotTried)
		failed += len(f.AgentIDs) + len(f.NotTried)
		if f.Err == nil {
			t.Error("a failure without an error")
		}
		if c.leaves == 0 && errors.Is(f.Err, context.Canceled) {
			t.Errorf("a call that nobody interrupted failed with %v", f.Err)
		}
	}
	wantIDs(t, "agents with an outcome", outcomes, c.ids...)
	endpoint := "unsetCad"
	if c.set {
		endpoint = "setCad"
	}
	for _, id := range c.Confirmed {
		if !w.confirmed[endpoint][id] {
			t.Errorf("%s of agent %s was never confirmed", endpoint, id)
		}
	}
	if c.late > 0 {
		t.Errorf("the call came back %v after its context ended", c.late)
	}
	c.checkProgress(t, failed)
}

func (c *randomCall) checkProgress(t *testing.T, failed int) {
	t.Helper()
	for i, p := range c.progress {
		switch {
		case p.Requests != i+1, p.Total != len(c.ids), p.Confirmed+p.Failed > p.Total:
			t.Errorf("event %d: %+v", i+1, p)
		case p.Confirmed > len(c.Confirmed), p.Failed > failed:
			t.Errorf("event %d says %+v; in the end %d were confirmed and %d failed", i+1, p, len(c.Confirmed), failed)
		case i > 0 && (p.Confirmed < c.progress[i-1].Confirmed || p.Failed < c.progress[i-1].Failed):
			t.Errorf("event %d goes back: %+v after %+v", i+1, p, c.progress[i-1])
		}
	}
}
