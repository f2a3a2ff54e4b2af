package deepcall

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestTriedAgain(t *testing.T) {
	for name, first := range map[string]canned{
		"429": httpStatus(429), "500": httpStatus(500), "502": httpStatus(502), "503": httpStatus(503), "504": httpStatus(504),
		"1501": apiCode(1501), "1032": apiCode(1032),
		"connection": refusedConnection,
		"cut short":  {body: `{"sta`, cut: true},
		"too slow":   {latency: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &fakeAPI{answer: once(first, first, first, first)}
				got := start(t.Context(), newTestClient(t, s).SetCAD, "1", "2").wait()
				wantAll(t, got.Result, "1", "2")
				wantSizes(t, s, 2, 2, 2, 2, 2)
				if want := 4*time.Second + 4*min(first.latency, time.Minute); got.took != want {
					t.Errorf("took %v, want %v", got.took, want)
				}
			})
		})
	}
}

// Only where no try was sent does the error say so: one that was may have been
// the one that did the work.
func TestUnsent(t *testing.T) {
	lost := canned{err: errors.New("EOF")}
	busy := canned{body: answering(nil, map[string]string{"1": inProcessing})}
	for name, c := range map[string]struct {
		first, second canned
		within        time.Duration // 1.5 s: a third try would come too late
		unsent        bool
	}{
		"no connection":                         {refusedConnection, refusedConnection, time.Hour, true},
		"no connection, and no time":            {refusedConnection, refusedConnection, 1500 * time.Millisecond, true},
		"lost":                                  {lost, lost, time.Hour, false},
		"no connection, then lost":              {refusedConnection, lost, time.Hour, false},
		"lost, then no connection":              {lost, refusedConnection, time.Hour, false},
		"lost, then no connection, and no time": {lost, refusedConnection, 1500 * time.Millisecond, false},
		"refused, then no connection":           {httpStatus(503), refusedConnection, time.Hour, false},
		"busy, then no connection":              {busy, refusedConnection, time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), c.within)
				defer cancel()
				s := &fakeAPI{answer: func(q arrival) canned {
					if q.n == 1 {
						return c.first
					}
					return c.second
				}}
				most := 1
				if c.within < time.Minute {
					most = 9
				}
				got := start(ctx, newTestClient(t, s, retries(most)).SetCAD, "1").wait()
				if len(got.Failures) != 1 {
					t.Fatalf("failures: %v", got.Failures)
				}
				e, ok := errors.AsType[*ConnectionError](got.Failures[0].Err)
				if !ok || e.Unsent != c.unsent {
					t.Errorf("%v, unsent: %v", got.Failures[0].Err, ok && e.Unsent)
				}
			})
		})
	}
}

func TestNotTriedAgain(t *testing.T) {
	for name, answer := range map[string]canned{
		"400": httpStatus(400), "401": httpStatus(401), "403": httpStatus(403), "404": httpStatus(404), "413": httpStatus(413), "501": httpStatus(501),
		"1000": apiCode(1000), "1014": apiCode(1014), "1507": apiCode(1507), "unknown": apiCode(1),
		"redirect": redirect(307, "https://other.example"), "odd redirect": redirect(307, "https://other.example/%zz"),
		"malformed": {body: "null"}, "too long": {body: string(make([]byte, mostAnswer+1))},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &fakeAPI{answer: always(answer)}
				got := start(t.Context(), newTestClient(t, s).SetCAD, "1").wait()
				wantFailure(t, got.Result, "", []string{"1"}, nil)
				wantSizes(t, s, 1)
				if got.took != 0 {
					t.Errorf("took %v", got.took)
				}
			})
		})
	}
}

// What makes the next request fail as well ends the call; a refusal of a
// request's own content does not.
func TestWhatStopsACall(t *testing.T) {
	for name, c := range map[string]struct {
		answer canned
		goesOn bool
	}{
		"400": {httpStatus(400), true}, "422": {httpStatus(422), true}, "1000": {apiCode(1000), true}, "1507": {apiCode(1507), true},
		"401": {httpStatus(401), false}, "403": {httpStatus(403), false}, "404": {httpStatus(404), false}, "410": {httpStatus(410), false},
		"1014": {apiCode(1014), false}, "1047": {apiCode(1047), false}, "unknown": {apiCode(1), false},
		"redirect": {redirect(307, "/x"), false}, "malformed": {canned{body: "[]"}, false},
		"retries used up": {httpStatus(503), false}, "1501 for good": {apiCode(1501), false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &fakeAPI{answer: once(c.answer)}
				got := newTestClient(t, s, batchOf(2), retries(0)).SetCAD(t.Context(), names("a", 6), nil)
				if c.goesOn {
					wantSizes(t, s, 2, 2, 2)
					wantIDs(t, "confirmed", got.Confirmed, "a3", "a4", "a5", "a6")
					wantFailure(t, got, "", []string{"a1", "a2"}, nil)
					return
				}
				wantSizes(t, s, 2)
				wantFailure(t, got, "", []string{"a1", "a2"}, []string{"a3", "a4", "a5", "a6"})
			})
		})
	}
}

// A call of any length is given up after max_retries: what waits behind the
// first request neither adds tries nor splits them.
func TestRetriesOfALongCall(t *testing.T) {
	for _, agents := range []int{500, 501, 5000} {
		t.Run(fmt.Sprint(agents), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &fakeAPI{answer: always(httpStatus(503))}
				ids := names("a", agents)
				got := start(t.Context(), newTestClient(t, s).SetCAD, ids...).wait()
				if n := len(s.seen()); n != 5 {
					t.Errorf("%d agents: %d requests, want 5", agents, n)
				}
				if got.took != 4*time.Second {
					t.Errorf("%d agents: took %v, want 4s", agents, got.took)
				}
				if len(got.Failures) != 1 || got.Failures[0].Err.Error() != "HTTP 503 Service Unavailable (tried 5 times)" {
					t.Fatalf("%d agents: failures %v", agents, reasons(got.Result))
				}
				wantFailure(t, got.Result, "503", ids[:500], ids[500:])
			})
		})
	}
}

func reasons(r Result) (all []string) {
	for _, f := range r.Failures {
		all = append(all, fmt.Sprintf("%v: %d sent, %d not tried", f.Err, len(f.AgentIDs), len(f.NotTried)))
	}
	return all
}

// 413 halves, down to one agent, for all that follows.
func TestTooLargeIsHalved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeAPI{answer: func(q arrival) canned {
			if len(q.ids) > 3 {
				return httpStatus(413)
			}
			return canned{body: confirming(q.ids...)}
		}}
		client := newTestClient(t, s, batchOf(16), retries(0))
		wantAll(t, client.SetCAD(t.Context(), names("a", 16), nil), names("a", 16)...)
		wantSizes(t, s, 16, 8, 4, 2, 2, 2, 2, 2, 2, 2, 2)
		wantAll(t, client.SetCAD(t.Context(), names("b", 3), nil), names("b", 3)...)
		wantSizes(t, s, 16, 8, 4, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1)
	})
	synctest.Test(t, func(t *testing.T) {
		s := &fakeAPI{answer: always(httpStatus(413))}
		got := newTestClient(t, s).SetCAD(t.Context(), names("a", 4), nil)
		wantSizes(t, s, 4, 2, 1, 1, 1, 1)
		wantFailure(t, got, "HTTP 413", names("a", 4), nil)
	})
}

// Agents that the API is busy with are asked for again, those alone.
func TestBusyAgents(t *testing.T) {
	busy := func(times int) func(arrival) canned {
		left := map[string]int{"a2": times, "a4": times}
		return func(q arrival) canned {
			var confirmed []string
			refused := map[string]string{}
			for _, id := range q.ids {
				if left[id] > 0 {
					left[id]--
					refused[id] = "Data already in processing"
				} else {
					confirmed = append(confirmed, id)
				}
			}
			return canned{body: answering(confirmed, refused)}
		}
	}
	synctest.Test(t, func(t *testing.T) {
		s := &fakeAPI{answer: busy(2)}
		got := start(t.Context(), newTestClient(t, s).SetCAD, names("a", 5)...).wait()
		wantAll(t, got.Result, names("a", 5)...)
		wantSizes(t, s, 5, 2, 2)
		if got.took != 2*time.Second {
			t.Errorf("took %v, want 2s", got.took)
		}
	})
	synctest.Test(t, func(t *testing.T) { // for good: the rest of the call is done all the same
		s := &fakeAPI{answer: busy(1000)}
		got := newTestClient(t, s, batchOf(2), retries(2)).SetCAD(t.Context(), names("a", 6), nil)
		wantIDs(t, "confirmed", got.Confirmed, "a1", "a3", "a5", "a6")
		wantFailure(t, got, "Data already in processing", []string{"a2", "a4"}, nil)
		asked := map[string]int{}
		for _, q := range s.seen() {
			for _, id := range q.ids {
				asked[id]++
			}
		}
		if want := map[string]int{"a1": 1, "a2": 3, "a3": 1, "a4": 3, "a5": 1, "a6": 1}; !maps.Equal(asked, want) {
			t.Errorf("asked for %v, want %v", asked, want)
		}
	})
}

// merged makes two calls, of agents 1, 2 and of 3, 4, share the second request.
func merged(t *testing.T, answer func(arrival) canned, changes ...func(*Config)) (*fakeAPI, *call, *call) {
	t.Helper()
	s := &fakeAPI{latency: time.Second}
	s.answer = func(q arrival) canned {
		if q.n == 1 {
			return canned{body: confirming(q.ids...)}
		}
		return answer(q)
	}
	client := newTestClient(t, s, changes...)
	first := start(t.Context(), client.SetCAD, "0")
	synctest.Wait()
	a := start(t.Context(), client.SetCAD, "1", "2")
	synctest.Wait()
	b := start(t.Context(), client.SetCAD, "3", "4")
	wantAll(t, first.wait().Result, "0")
	return s, a.wait(), b.wait()
}

// A shared request that is refused for its content is sent again for each call,
// so that one call's bad ID fails nobody else.
func TestSharedRequestRefused(t *testing.T) {
	for name, refusal := range map[string]canned{
		"1000": apiCode(1000), "1507": apiCode(1507), "400": httpStatus(400), "422": httpStatus(422),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, a, b := merged(t, func(q arrival) canned {
					if slices.Contains(q.ids, "2") {
						return refusal
					}
					return canned{body: confirming(q.ids...)}
				})
				wantFailure(t, a.Result, "", []string{"1", "2"}, nil)
				wantAll(t, b.Result, "3", "4")
				wantSizes(t, s, 1, 4, 2, 2)
			})
		})
	}
}

// Each call gets its own agents' results, and all of them what concerns no agent.
func TestSharedResults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a, b := merged(t, func(arrival) canned {
			return canned{body: `{"status":"success","data":{"updatedAgents":[{"agentId":"1","status":"success"},{"agentId":"3","status":"success"},
				{"agentId":"9","status":"success"}],"errors":[{"agentId":"4","message":"Invalid AgentID"},{"message":"half full"}]}}`}
		})
		for _, c := range []struct {
			call      *call
			confirmed string
			want      []string
		}{
			{a, "1", []string{"half full: 0 sent, 0 not tried", "not mentioned in the answer: 1 sent, 0 not tried"}},
			{b, "3", []string{"half full: 0 sent, 0 not tried", "Invalid AgentID: 1 sent, 0 not tried"}},
		} {
			wantIDs(t, "confirmed", c.call.Confirmed, c.confirmed)
			wantIDs(t, "reasons", reasons(c.call.Result), c.want...)
		}
	})
}

// An error without an agent stands by itself, whatever agents are refused with
// the same words.
func TestAgentlessErrorIsOneOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeAPI{answer: always(canned{body: `{"status":"success","data":{"errors":[{"agentId":"1","message":"no"},{"message":"no"}]}}`})}
		got := newTestClient(t, s).SetCAD(t.Context(), []string{"1"}, nil)
		wantIDs(t, "reasons", reasons(got), "no: 1 sent, 0 not tried", "no: 0 sent, 0 not tried")
	})
}

// A retry takes along what has come since.
func TestRetryTakesAlongWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeAPI{answer: once(httpStatus(503))}
		client := newTestClient(t, s)
		a := start(t.Context(), client.SetCAD, "1")
		time.Sleep(time.Millisecond)
		b := start(t.Context(), client.SetCAD, "2")
		wantAll(t, a.wait().Result, "1")
		wantAll(t, b.wait().Result, "2")
		wantSizes(t, s, 1, 2)
	})
}

// The first reason names the cause for errors.As.
func TestGivenUpKeepsItsCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := newTestClient(t, &fakeAPI{answer: always(httpStatus(503))}, retries(1)).SetCAD(t.Context(), []string{"1"}, nil)
		gaveUp, ok := errors.AsType[*GaveUpError](got.Failures[0].Err)
		h, isHTTP := errors.AsType[*HTTPError](got.Failures[0].Err)
		if !ok || gaveUp.Tries != 2 || !isHTTP || h.Status != http.StatusServiceUnavailable {
			t.Errorf("given up with %#v", got.Failures[0].Err)
		}
	})
}
