package deepcall

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// used is what a function allocates, which does not depend on the machine, and
// how long it takes.
type used struct{ allocations, bytes, seconds float64 }

// usage is the least of a few runs.
func usage(f func()) used {
	f() // what is made once
	var least used
	for i := range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		started := time.Now()
		f()
		seconds := time.Since(started).Seconds()
		runtime.ReadMemStats(&after)
		u := used{float64(after.Mallocs - before.Mallocs), float64(after.TotalAlloc - before.TotalAlloc), seconds}
		if i == 0 {
			least = u
		}
		least = used{min(least.allocations, u.allocations), min(least.bytes, u.bytes), min(least.seconds, u.seconds)}
	}
	return least
}

// wantLinear allows four times the agents a tenth more than four times the
// allocations, and half more in bytes, for what grows by doubling. The time
// depends on what else the machine does; a quadratic step takes far longer.
func wantLinear(t *testing.T, few, many used) {
	t.Helper()
	if many.allocations > 4.4*few.allocations || many.bytes > 6*few.bytes || many.seconds > 8*few.seconds+1 {
		t.Errorf("four times the agents take %.1f × the allocations, %.1f × the bytes, %.1f × the time",
			many.allocations/few.allocations, many.bytes/few.bytes, many.seconds/few.seconds)
	}
}

// manyAgents is an answer about n agents, of which every tenth is refused with
// words of its own.
func manyAgents(n int) (body []byte, ids []string) {
	var updated, failed []string
	for i := range n {
		if ids = append(ids, fmt.Sprint(i)); i%10 == 0 {
			failed = append(failed, fmt.Sprintf(`{"agentId":"%d","message":"Invalid AgentID %d"}`, i, i))
		} else {
			updated = append(updated, fmt.Sprintf(`{"agentId":"%d","status":"success"}`, i))
		}
	}
	return []byte(`{"status":"success","data":{"updatedAgents":[` + strings.Join(updated, ",") + `],"errors":[` + strings.Join(failed, ",") + `]}}`), ids
}

func readAnswer(t testing.TB, r redactor, body []byte, ids []string) {
	a, problem := decodeAnswer(body, ids)
	if a.clean(r); problem != "" || len(a.of) != len(ids) {
		t.Fatalf("%s%d verdicts, want %d", problem, len(a.of), len(ids))
	}
}

func TestReadingAnAnswerGrowsLinearly(t *testing.T) {
	r := newRedactor(canary)
	few, fewIDs := manyAgents(5_000)
	many, manyIDs := manyAgents(20_000)
	wantLinear(t, usage(func() { readAnswer(t, r, few, fewIDs) }), usage(func() { readAnswer(t, r, many, manyIDs) }))
}

// What an answer keeps depends on what was asked for, not on the answer.
func TestAnswerOfEmptyEntries(t *testing.T) {
	entries := strings.Repeat("{},", 1_390_000) + "{}"
	body := []byte(`{"status":"success","data":{"updatedAgents":[` + entries + `],"errors":[` + entries + `]}}`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	a, problem := decodeAnswer(body, asked)
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / 1024 / 1024; problem != "" || got > 200 {
		t.Errorf("%s%d MiB are allocated for an answer of %d MiB", problem, got, len(body)>>20)
	}
	if len(a.of) > 0 || len(a.agentless) != 1 || len(a.unasked) > 20 {
		t.Errorf("kept %d verdicts, %d without an agent, %d unasked", len(a.of), len(a.agentless), len(a.unasked))
	}
}

// A call costs in proportion to its agents and requests.
func TestCallsGrowLinearly(t *testing.T) {
	if testing.Short() {
		t.Skip()
	}
	half := func(_ context.Context, _ Operation, ids []string) (reply, error) {
		r := confirming(ids)
		for i, id := range ids {
			if i%2 == 1 {
				r.of[id] = verdict{&RefusedError{Message: fmt.Sprintf("Invalid AgentID %d", i%100)}}
			}
		}
		return r, nil
	}
	for name, c := range map[string]struct {
		agents, batch, calls int // four times as many agents or calls the second time
		op                   Operation
	}{
		"large calls":         {25_000, 500, 1, Set},
		"large unsets":        {10_000, 500, 1, Unset},
		"one agent a request": {10_000, 1, 1, Set},
		"many calls":          {1, 500, 1_000, Set},
		"many unsets":         {1, 500, 250, Unset},
	} {
		t.Run(name, func(t *testing.T) {
			run := func(factor int) func() {
				agents, calls := c.agents*factor, c.calls
				if c.calls > 1 {
					agents, calls = c.agents, c.calls*factor
				}
				ids := names("agent-", agents*calls)
				return func() {
					synctest.Test(t, func(t *testing.T) {
						config := testConfig()
						config.BatchSize = c.batch
						b := newBatcher(config, half)
						var all sync.WaitGroup
						for i := range calls {
							all.Go(func() {
								if r := b.do(t.Context(), c.op, ids[i*agents:(i+1)*agents], nil); outcomes(r) != agents {
									t.Errorf("%d outcomes of %d", outcomes(r), agents)
								}
							})
						}
						all.Wait()
					})
				}
			}
			wantLinear(t, usage(run(1)), usage(run(4)))
		})
	}
}

func outcomes(r Result) int {
	n := len(r.Confirmed) + len(r.Kept)
	for _, f := range r.Failures {
		n += len(f.AgentIDs) + len(f.NotTried)
	}
	return n
}
