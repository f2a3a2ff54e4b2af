package deepcall

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// used is what a function allocates. Unlike the time that it takes, that does not
// depend on what else the machine does.
type used struct{ allocations, bytes float64 }

// usage is the least of a few runs.
func usage(f func()) used {
	f() // what is made once
	least := used{math.Inf(1), math.Inf(1)}
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least.allocations = min(least.allocations, float64(after.Mallocs-before.Mallocs))
		least.bytes = min(least.bytes, float64(after.TotalAlloc-before.TotalAlloc))
	}
	return least
}

// wantLinear allows four times the agents half more than four times the usage, for
// what grows by doubling and for calls that run at once.
func wantLinear(t *testing.T, few, many used) {
	t.Helper()
	if many.allocations > 6*few.allocations || many.bytes > 6*few.bytes {
		t.Errorf("four times the agents take %.1f × the allocations, %.1f × the bytes",
			many.allocations/few.allocations, many.bytes/few.bytes)
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

// So does what is redacted: of many messages for one agent, the last one.
func TestAnswerOfManyMessages(t *testing.T) {
	var entries []string
	for i := range 20_000 {
		entries = append(entries, fmt.Sprintf(`{"agentId":"%s","message":"Invalid AgentID %d"}`, asked[0], i))
	}
	body := `{"status":"success","data":{"errors":[` + strings.Join(entries, ",") + `]}}`
	a, problem := decodeAnswer([]byte(body), asked)
	if problem != "" || a.of[asked[0]].Message != "Invalid AgentID 19999" {
		t.Fatalf("%s%+v", problem, a.of)
	}
	if u := usage(func() { a.clean(newRedactor(canary)) }); u.allocations > 1_000 {
		t.Errorf("redacting takes %.0f allocations", u.allocations)
	}
}

// A call costs in proportion to its agents and requests.
func TestCallsGrowLinearly(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while")
	}
	half := func(ids []string, r *reply) {
		for i := 1; i < len(ids); i += 2 {
			r.of[ids[i]] = &RefusedError{Message: fmt.Sprintf("Invalid AgentID %d", i%100)}
		}
	}
	busy := func(ids []string, r *reply) {
		for _, id := range ids {
			r.of[id] = busyAgent
		}
	}
	for name, g := range map[string]growth{
		"large calls":         {25_000, 500, 1, Set, half},
		"large unsets":        {10_000, 500, 1, Unset, half},
		"one agent a request": {10_000, 1, 1, Set, half},
		"many calls":          {1, 500, 1_000, Set, half},
		"many unsets":         {1, 500, 250, Unset, half},
		"busy agents":         {5_000, 5, 1, Set, busy},
	} {
		t.Run(name, func(t *testing.T) {
			few := usage(g.run(t))
			if g.calls > 1 {
				g.calls *= 4
			} else {
				g.agents *= 4
			}
			wantLinear(t, few, usage(g.run(t)))
		})
	}
}

// growth is some calls at once.
type growth struct {
	agents, batch, calls int // agents of each call
	op                   Operation
	amend                func(ids []string, r *reply)
}

func (g growth) run(t *testing.T) func() {
	ids := agentIDs(1, g.agents*g.calls)
	return func() {
		bubble(t, &network{amend: g.amend}, batches(g.batch, 1), func(t *testing.T, b *batcher) {
			var all sync.WaitGroup
			for i := range g.calls {
				all.Go(func() {
					if r := b.do(t.Context(), g.op, ids[i*g.agents:(i+1)*g.agents], nil); outcomes(r) != g.agents {
						t.Errorf("%d outcomes of %d", outcomes(r), g.agents)
					}
				})
			}
			all.Wait()
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
