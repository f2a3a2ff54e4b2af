package deepcall

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// What follows counts requests, allocations and bytes, which do not depend on
// the machine: twenty times the agents may cost little more than twenty times
// as much.

// manyAgents is an answer about n agents, of whom every tenth is refused, each
// with words of its own.
func manyAgents(n int) []byte {
	var updated, failed []string
	for i := range n {
		if i%10 == 0 {
			failed = append(failed, fmt.Sprintf(`{"agentId":"%d","message":"Invalid AgentID %d"}`, i, i))
		} else {
			updated = append(updated, fmt.Sprintf(`{"agentId":"%d","status":"success"}`, i))
		}
	}
	return []byte(`{"status":"success","code":200,"message":"","data":{"updatedAgents":[` +
		strings.Join(updated, ",") + `],"errors":[` + strings.Join(failed, ",") + `]}}`)
}

func readAnswer(t testing.TB, r redactor, body []byte, agents int) {
	a, problem := decodeAnswer(body)
	if problem != "" {
		t.Fatal(problem)
	}
	if v := a.judge(r); len(v.of) != agents {
		t.Fatalf("%d verdicts, want %d", len(v.of), agents)
	}
}

func TestReadingAnAnswerGrowsLinearly(t *testing.T) {
	r := newRedactor("canary-session-0123")
	few, many := manyAgents(500), manyAgents(10_000)
	wantLinear(t, "reading an answer", 20,
		usage(func() { readAnswer(t, r, few, 500) }),
		usage(func() { readAnswer(t, r, many, 10_000) }))
}

// used is what a function allocates.
type used struct{ allocations, bytes float64 }

// usage is the least of a few runs, for what runs beside may allocate too.
func usage(f func()) used {
	f() // what is made once
	var least used
	for i := range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		u := used{float64(after.Mallocs - before.Mallocs), float64(after.TotalAlloc - before.TotalAlloc)}
		if i == 0 || u.bytes < least.bytes {
			least = u
		}
	}
	return least
}

// wantLinear allows a tenth more than linear in the number of allocations, and
// half more in bytes, for what grows by doubling.
func wantLinear(t *testing.T, what string, factor float64, few, many used) {
	t.Helper()
	if got := many.allocations / few.allocations; got > 1.1*factor {
		t.Errorf("%s: %g × the agents take %.1f × the allocations (%.0f, %.0f)", what, factor, got, few.allocations, many.allocations)
	}
	if got := many.bytes / few.bytes; got > 1.5*factor {
		t.Errorf("%s: %g × the agents take %.1f × the bytes (%.0f, %.0f)", what, factor, got, few.bytes, many.bytes)
	}
}

// halfRefusing answers at once, and refuses every other agent with one of many
// reasons.
func halfRefusing(t testing.TB, requests *int) http.RoundTripper {
	return transportFunc(func(r *http.Request) (*http.Response, error) {
		*requests++
		var asked struct {
			AgentIDs []string `json:"agentIds"`
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		var b strings.Builder
		b.WriteString(`{"status":"success","data":{"errors":[`)
		for i, id := range asked.AgentIDs {
			if i%2 == 0 {
				if i > 0 {
					b.WriteByte(',')
				}
				fmt.Fprintf(&b, `{"agentId":%q,"message":"Invalid AgentID %d"}`, id, i%100)
			}
		}
		b.WriteString(`],"updatedAgents":[`)
		for i, id := range asked.AgentIDs {
			if i%2 == 1 {
				if i > 1 {
					b.WriteByte(',')
				}
				fmt.Fprintf(&b, `{"agentId":%q,"status":"success"}`, id)
			}
		}
		b.WriteString(`]}}`)
		return answerOf(b.String()), nil
	})
}

func TestACallGrowsLinearly(t *testing.T) {
	for name, do := range map[string]func(*Client, []string) Result{
		"set": func(c *Client, ids []string) Result { return c.SetCAD(context.Background(), ids, nil) },
		"unset, all of them kept": func(c *Client, ids []string) Result {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			c.SetCAD(ctx, ids, nil)
			return c.UnsetCAD(context.Background(), ids, nil)
		},
		"unset": func(c *Client, ids []string) Result { return c.UnsetCAD(context.Background(), ids, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			call := func(agents int) used {
				ids := names("agent-", agents)
				requests := 0
				return usage(func() {
					requests = 0
					r := do(newTestClient(t, halfRefusing(t, &requests)), ids)
					if n := outcomes(r); n != agents || requests > agents/500 {
						t.Fatalf("%d outcomes of %d in %d requests", n, agents, requests)
					}
				})
			}
			wantLinear(t, name, 4, call(10_000), call(40_000))
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

func BenchmarkDecodeAnswer(b *testing.B) {
	r := newRedactor("canary-session-0123")
	for _, agents := range []int{500, 10_000} {
		body := manyAgents(agents)
		b.Run(fmt.Sprint(agents), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				readAnswer(b, r, body, agents)
			}
		})
	}
}

func BenchmarkClean(b *testing.B) {
	r := newRedactor("0b5e7f2c-8d1a-4c3e-9f60-7a2b4d6e8f10")
	for name, text := range map[string]string{
		"message": "Invalid AgentID",
		"page":    "<html><body>" + strings.Repeat("<p>Service unavailable</p>", 100),
		"MiB":     strings.Repeat("x", 1<<20),
		"echo":    `Please Provide Only Valid fields: {\"ssid\":\"0b5e7f2c-8d1a-4c3e-9f60-7a2b4d6e8f10\",\"agentIds\":[\"1\"]}`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.clean(text, wordsPiece)
			}
		})
	}
}

func BenchmarkCall(b *testing.B) {
	for _, agents := range []int{10_000, 40_000} {
		ids, requests := names("agent-", agents), 0
		b.Run(fmt.Sprint(agents), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if r := newTestClient(b, halfRefusing(b, &requests)).SetCAD(context.Background(), ids, nil); outcomes(r) != agents {
					b.Fatalf("%d outcomes", outcomes(r))
				}
			}
		})
	}
}
