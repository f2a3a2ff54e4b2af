package chaos_test

import (
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

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

func anyOf[T any](rng *rand.Rand, values ...T) T { return values[rng.IntN(len(values))] }

// wrongAnswers are wrong in what they say, of some agents that were asked for
// and some others.
func wrongAnswers(rng *rand.Rand, asked, others []string) []deepcalltest.Fault {
	// At once, or later than any operation has time for.
	retryAfter := anyOf(rng, "", "0", "soon", "Mon, 02 Jan 2006 15:04:05 GMT", "36000", "99999999999999999999")
	encoding := anyOf(rng, deepcalltest.Raw, deepcalltest.JSONEscaped, deepcalltest.URLEncoded, deepcalltest.HTMLEscaped)
	body := anyOf(rng, "", "null", "[]", "{}", "\x00\xff", `"success"`, `{"status":"success"}`, `{"status":"success","data":null}`,
		`{"status":"success","data":[]}`, `{"status":"success","data":{"updatedAgents":[{"agentId":"1"`,
		`{"status":"success","data":{"updatedAgents":{"agentId":"1"}}}`, `{"status":1,"data":{}}`,
		`{"status":"success","data":{"updatedAgents":[{"agentId":["1"],"status":"success"}]}}`)
	return []deepcalltest.Fault{
		deepcalltest.Status(anyOf(rng, 429, 500, 502, 503, 504), http.Header{"Retry-After": {retryAfter}}, "<h1>try later</h1>"),
		deepcalltest.Status(anyOf(rng, 400, 401, 403, 404, 405, 413, 422, 501), nil, "no"),
		deepcalltest.Redirect(anyOf(rng, "https://elsewhere.invalid/?q", "/api/v2/Agent/setCad", ""), anyOf(rng, 301, 302, 307, 308)),
		deepcalltest.Code(anyOf(rng, 1000, 1014, 1020, 1032, 1032, 1047, 1501, 1501, 1507, 9999), anyOf(rng, "", "Something is wrong")),
		anyOf(rng, deepcalltest.BodyAfter(http.StatusOK, body), deepcalltest.Body(anyOf(rng, 200, 200, 201, 204, 500), body)),
		deepcalltest.Deep(12000),
		deepcalltest.Omit(asked...),
		deepcalltest.Contradict(asked...),
		deepcalltest.Double(asked...),
		deepcalltest.AgentStatus(anyOf(rng, "", "failed", "Success", "pending"), asked...),
		deepcalltest.RefuseOnce(anyOf(rng, "", "Invalid AgentID", "Data already in processing"), asked...),
		deepcalltest.Unasked(others...),
		deepcalltest.All(deepcalltest.Unasked(others...), deepcalltest.Omit(asked...), deepcalltest.AgentlessError("Something else")),
		deepcalltest.All(deepcalltest.NumericIDs(), deepcalltest.Double(asked...)),
		deepcalltest.All(deepcalltest.RefuseOnce("Invalid AgentID", asked...), anyOf(rng, deepcalltest.NullErrors(), deepcalltest.NoErrors())),
		deepcalltest.Echo(encoding),
		deepcalltest.EchoBadRequest(encoding),
	}
}

// wrongDeliveries are wrong in how the answer comes.
func wrongDeliveries(rng *rand.Rand, asked []string) []deepcalltest.Fault {
	huge := deepcalltest.Huge(100)
	if rng.IntN(40) == 0 { // megabytes take their time
		huge = deepcalltest.All(deepcalltest.Huge(9<<20), deepcalltest.Omit(asked...))
	}
	return []deepcalltest.Fault{
		huge,
		deepcalltest.Reset(),
		deepcalltest.LostAnswer(),
		deepcalltest.CutShort(),
		deepcalltest.Undone(deepcalltest.CutShort()),
		deepcalltest.Hang(),
		deepcalltest.HangAfter(),
		deepcalltest.Drip(time.Millisecond),
		deepcalltest.Delay(time.Duration(rng.IntN(40)) * time.Millisecond),
		deepcalltest.All(deepcalltest.Omit(asked...), deepcalltest.CutShort()),
	}
}

// anyTrouble is what stays wrong with the server for one run.
func anyTrouble(rng *rand.Rand) func(*deepcalltest.Server) {
	n, some := rng.IntN(6), someOf(rng, agentPool)
	return func(api *deepcalltest.Server) {
		switch n {
		case 0:
			api.Refuse("Invalid AgentID", some...)
		case 1:
			api.Busy(len(some), some...)
		case 2:
			api.SetWholeRefusal(some[0])
		}
	}
}
