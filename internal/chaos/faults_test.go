package chaos_test

import (
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// mischief decides how each request of one run is met. The choice hangs on the
// seed and on the request's place in the order of arrival, nothing else.
type mischief struct {
	seed, run uint64
	odds      float64  // of a fault
	gentle    bool     // only faults after which the client waits for its answer
	agents    []string // of the history
	arrived   atomic.Uint64
	at        map[uint64]func() // to be called when the nth request arrives
}

func (m *mischief) fault(r deepcalltest.Request) deepcalltest.Fault {
	n := m.arrived.Add(1)
	if happens := m.at[n]; happens != nil {
		happens()
	}
	rng := rand.New(rand.NewPCG(m.seed, m.run<<32|n)) //nolint:gosec // G404: it is to replay, not to surprise.
	if rng.Float64() >= m.odds {
		return nil
	}
	choices := wrongAnswers
	if !m.gentle && rng.IntN(3) == 0 {
		choices = wrongDeliveries
	}
	return choices[rng.IntN(len(choices))](rng, someOf(rng, r.AgentIDs), someOf(rng, idsWithout(m.agents, r.AgentIDs)))
}

// someOf is a random part of ids, at least one.
func someOf(rng *rand.Rand, ids []string) []string {
	if len(ids) == 0 {
		return nil
	}
	var out []string
	for _, at := range rng.Perm(len(ids))[:1+rng.IntN(len(ids))] {
		out = append(out, ids[at])
	}
	return out
}

// faultChoice makes a fault for some of the agents asked for, and some others.
type faultChoice func(rng *rand.Rand, asked, others []string) deepcalltest.Fault

func fixedFault(f deepcalltest.Fault) faultChoice {
	return func(*rand.Rand, []string, []string) deepcalltest.Fault { return f }
}

func faultForAgents(f func(ids ...string) deepcalltest.Fault) faultChoice {
	return func(_ *rand.Rand, asked, _ []string) deepcalltest.Fault { return f(asked...) }
}

func anyOf[T any](rng *rand.Rand, values ...T) T { return values[rng.IntN(len(values))] }

// wrongAnswers are wrong in what they say.
var wrongAnswers = []faultChoice{
	func(rng *rand.Rand, _, _ []string) deepcalltest.Fault { // passing
		return deepcalltest.Status(anyOf(rng, 429, 500, 502, 503, 504), retryAfterHeader(rng), "<h1>try later</h1>")
	},
	func(rng *rand.Rand, _, _ []string) deepcalltest.Fault { // lasting
		return deepcalltest.Status(anyOf(rng, 400, 401, 403, 404, 405, 413, 422, 501), nil, "no")
	},
	func(rng *rand.Rand, _, _ []string) deepcalltest.Fault {
		return deepcalltest.Redirect(anyOf(rng, "https://elsewhere.invalid/?q", "/api/v2/Agent/setCad", ""), anyOf(rng, 301, 302, 307, 308))
	},
	func(rng *rand.Rand, _, _ []string) deepcalltest.Fault {
		return deepcalltest.Code(anyOf(rng, 1000, 1014, 1020, 1032, 1032, 1047, 1501, 1501, 1507, 9999), anyOf(rng, "", "Something is wrong"))
	},
	func(rng *rand.Rand, _, _ []string) deepcalltest.Fault {
		body := anyOf(rng, "", "null", "[]", "{}", "\x00\xff", `"success"`, `{"status":"success"}`, `{"status":"success","data":null}`,
			`{"status":"success","data":[]}`, `{"status":"success","data":{"updatedAgents":[{"agentId":"1"`,
			`{"status":"success","data":{"updatedAgents":{"agentId":"1"}}}`, `{"status":1,"data":{}}`,
			`{"status":"success","data":{"updatedAgents":[{"agentId":["1"],"status":"success"}]}}`)
		if rng.IntN(2) == 0 {
			return deepcalltest.BodyAfter(http.StatusOK, body)
		}
		return deepcalltest.Body(anyOf(rng, 200, 200, 201, 204, 500), body)
	},
	fixedFault(deepcalltest.Deep(12000)),
	faultForAgents(deepcalltest.Omit),
	faultForAgents(deepcalltest.Contradict),
	faultForAgents(deepcalltest.Double),
	func(rng *rand.Rand, asked, _ []string) deepcalltest.Fault {
		return deepcalltest.AgentStatus(anyOf(rng, "", "failed", "Success", "pending"), asked...)
	},
	func(rng *rand.Rand, asked, _ []string) deepcalltest.Fault {
		return deepcalltest.RefuseOnce(anyOf(rng, "", "Invalid AgentID", "Data already in processing"), asked...)
	},
	func(_ *rand.Rand, _, others []string) deepcalltest.Fault { return deepcalltest.Unasked(others...) },
	func(_ *rand.Rand, asked, others []string) deepcalltest.Fault {
		return deepcalltest.All(deepcalltest.Unasked(others...), deepcalltest.Omit(asked...), deepcalltest.AgentlessError("Something else"))
	},
	func(_ *rand.Rand, asked, _ []string) deepcalltest.Fault {
		return deepcalltest.All(deepcalltest.NumericIDs(), deepcalltest.Double(asked...))
	},
	func(rng *rand.Rand, asked, _ []string) deepcalltest.Fault {
		return deepcalltest.All(deepcalltest.RefuseOnce("Invalid AgentID", asked...), anyOf(rng, deepcalltest.NullErrors(), deepcalltest.NoErrors()))
	},
	func(rng *rand.Rand, _, _ []string) deepcalltest.Fault { return deepcalltest.Echo(anyEncoding(rng)) },
	func(rng *rand.Rand, _, _ []string) deepcalltest.Fault {
		return deepcalltest.EchoBadRequest(anyEncoding(rng))
	},
}

func anyEncoding(rng *rand.Rand) deepcalltest.Encoding {
	return anyOf(rng, deepcalltest.Raw, deepcalltest.JSONEscaped, deepcalltest.URLEncoded, deepcalltest.HTMLEscaped)
}

// retryAfterHeader is at once, or later than any operation has time for.
func retryAfterHeader(rng *rand.Rand) http.Header {
	value := anyOf(rng, "", "0", "soon", "Mon, 02 Jan 2006 15:04:05 GMT", "36000", "99999999999999999999")
	return http.Header{"Retry-After": {value}}
}

// wrongDeliveries are wrong in how the answer comes.
var wrongDeliveries = []faultChoice{
	fixedFault(deepcalltest.Reset()),
	fixedFault(deepcalltest.LostAnswer()),
	fixedFault(deepcalltest.CutShort()),
	fixedFault(deepcalltest.CutShortBefore()),
	fixedFault(deepcalltest.Hang()),
	fixedFault(deepcalltest.HangAfter()),
	fixedFault(deepcalltest.Drip(time.Millisecond)),
	func(rng *rand.Rand, _, _ []string) deepcalltest.Fault {
		return deepcalltest.Delay(time.Duration(rng.IntN(40))*time.Millisecond, nil)
	},
	func(_ *rand.Rand, asked, _ []string) deepcalltest.Fault {
		return deepcalltest.All(deepcalltest.Omit(asked...), deepcalltest.CutShort())
	},
	func(rng *rand.Rand, asked, _ []string) deepcalltest.Fault {
		if rng.IntN(40) > 0 { // megabytes take their time
			return deepcalltest.Huge(100)
		}
		return deepcalltest.All(deepcalltest.Huge(9<<20), deepcalltest.Omit(asked...))
	},
}
