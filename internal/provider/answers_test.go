package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// next gives the next request, or the next ones, these faults.
func next(faults ...deepcalltest.Fault) func(*deepcalltest.Server) {
	return func(api *deepcalltest.Server) { api.Fail(faults...) }
}

// TestAnswers creates a resource for the agents 1 and 2 with every kind of
// answer.
func TestAnswers(t *testing.T) {
	t.Parallel()
	apart := []string{"setCad 1 2", "setCad 1", "setCad 2"} // which agent is at fault?
	both, first := set.with([]string{"1", "2"}), set.with([]string{"1"})
	list := []operation{
		// Of single agents
		{name: "confirmed", state: both},
		{name: "confirmed twice", before: next(deepcalltest.Double()), state: both},
		{name: "IDs as numbers", before: next(deepcalltest.NumericIDs()), state: both},
		{name: "errors null", before: next(deepcalltest.NullErrors()), state: both},
		{name: "errors absent", before: next(deepcalltest.NoErrors()), state: both},
		{name: "not asked for", before: next(deepcalltest.Unasked("99")), state: both},
		{name: "refused", before: next(deepcalltest.RefuseOnce("Invalid AgentID", "2")), state: first},
		{name: "refused by number", before: next(deepcalltest.All(deepcalltest.RefuseOnce("Invalid AgentID", "2"), deepcalltest.NumericIDs())), state: first},
		{name: "refused without a message", before: next(deepcalltest.RefuseOnce("", "2")), state: first},
		{name: "refused with the credential in the message", before: next(deepcalltest.RefuseOnce("No agent in session s3cret", "2")), state: first},
		{name: "refused for two reasons", before: next(deepcalltest.All(deepcalltest.RefuseOnce("Invalid AgentID", "1"), deepcalltest.RefuseOnce("Invalid role id", "2")))},
		{name: "in both lists", before: next(deepcalltest.Contradict("2")), state: first},
		{name: "another status", before: next(deepcalltest.AgentStatus("pending", "2")), state: first},
		{name: "no status", before: next(deepcalltest.AgentStatus("", "2")), state: first},
		{name: "in neither list", before: next(deepcalltest.Omit("2")), state: first},
		{name: "refused but errors absent", before: next(deepcalltest.All(deepcalltest.RefuseOnce("Invalid AgentID", "2"), deepcalltest.NoErrors())), state: first},
		{name: "no agent in either list", before: next(deepcalltest.Omit())},
		{
			name:   "an error without an agent, and one is refused",
			before: next(deepcalltest.All(deepcalltest.AgentlessError("Quota reached"), deepcalltest.RefuseOnce("Invalid AgentID", "2"))), state: first,
		},
		{name: "an error without an agent", before: next(deepcalltest.AgentlessError("Quota reached")), state: both},
		{
			name:   "an error without an agent, and a busy agent that is confirmed later",
			before: next(deepcalltest.All(deepcalltest.AgentlessError("Quota reached"), deepcalltest.RefuseOnce("Data already in processing", "2"))),
			sends:  []string{"setCad 1 2", "setCad 2"}, state: both,
		},
		{name: "no answer, then throttled", settings: object{"max_retries": 1}, before: next(deepcalltest.Status(503, nil, ""), deepcalltest.Status(429, nil, "")), sends: []string{"setCad 1 2", "setCad 1 2"}},

		// Of the request as a whole
		{name: "code 1000", before: always(deepcalltest.Code(1000, "invalid parameter")), sends: apart},
		{name: "code 1014", before: next(deepcalltest.Code(1014, "Invalid token"))},
		{name: "code 1020", before: next(deepcalltest.Code(1020, ""))},
		{name: "code 1039", before: next(deepcalltest.Code(1039, ""))},
		{name: "documented code without a message", before: always(deepcalltest.Code(1507, "")), sends: apart},
		{name: "unknown code", before: next(deepcalltest.Code(4711, "Odd"))},
		{name: "unknown code without a message", before: next(deepcalltest.Code(4711, ""))},
		{name: "code as text", before: always(deepcalltest.Body(200, `{"status":"error","code":"1507"}`)), sends: apart},
		{name: "no code", before: next(deepcalltest.Body(200, `{"status":"error","message":"Odd"}`))},
		{name: "neither code nor message", before: next(deepcalltest.Body(200, `{"status":"error"}`))},
		{name: "status in capitals", before: next(deepcalltest.Body(200, `{"status":"SUCCESS","code":200,"data":{"updatedAgents":[{"agentId":"1","status":"success"}],"errors":[]}}`))},
		{name: "the request repeated", before: always(deepcalltest.Echo(deepcalltest.JSONEscaped)), sends: apart},
		{name: "bad request", before: always(deepcalltest.EchoBadRequest(deepcalltest.Raw)), sends: apart},

		// Unreadable
		{name: "not JSON", before: next(deepcalltest.Body(200, "<html>\x1b[31m me@s3cret </html>"))},
		{name: "JSON cut short", before: next(deepcalltest.BodyAfter(200, `{"status":"success","data":{"updatedAgents":[{"agentId":"1","status":"success"}`))},
		{name: "an array", before: next(deepcalltest.Body(200, `[{"status":"success"}]`))},
		{name: "null", before: next(deepcalltest.Body(200, `null`))},
		{name: "empty", before: next(deepcalltest.Body(200, " \n"))},
		{name: "without data", before: next(deepcalltest.Body(200, `{"status":"success","code":200,"message":"done"}`))},
		{name: "data null", before: next(deepcalltest.Body(200, `{"status":"success","code":200,"data":null}`))},
		{name: "without a status", before: next(deepcalltest.Body(200, `{"code":200,"data":{}}`))},
		{name: "of another type", before: next(deepcalltest.Body(200, `{"status":"success","data":{"updatedAgents":{"1":"success"}}}`))},
		{name: "too deep", before: next(deepcalltest.Deep(20000))},
		{name: "too large", before: next(deepcalltest.Huge(8 << 20))},
		{name: "no content", before: next(deepcalltest.Status(http.StatusNoContent, nil, ""))},
	}
	for i := range list {
		list[i].config = both
		if list[i].sends == nil {
			list[i].sends = apart[:1]
		}
	}
	operations(t, "answers", list)
}

// refuse refuses the agents, each for one of so many reasons.
func refuse(reasons int, ids ...string) func(*deepcalltest.Server) {
	return func(api *deepcalltest.Server) {
		for i, id := range ids {
			api.Refuse(fmt.Sprintf("Reason %d", i%reasons+1), id)
		}
	}
}

// TestReasons refuses agents in numbers: one error for each reason, as long as
// they are few, and each with as many IDs as one reads.
func TestReasons(t *testing.T) {
	t.Parallel()
	create := func(name string, from form, reasons int, ids, refused []string) operation {
		return operation{name: name, config: from.with(ids), before: refuse(reasons, refused...), sends: []string{
			"setCad " + strings.Join(slices.Sorted(slices.Values(ids)), " "),
		}}
	}
	others := []string{"b", "a-1", "007", "10", "9", "1e3", "a 2", "Ä"}
	operations(t, "reasons", []operation{
		create("twenty agents", set, 1, numbered(1, 20), numbered(1, 20)),
		create("twenty-one agents", set, 1, numbered(1, 21), numbered(1, 21)),
		create("IDs in the order in which people count", set, 1, others, others),
		create("labelled agents", labelled, 2, numbered(1, 4), numbered(1, 4)),
		create("ten reasons", set, 10, numbered(1, 20), numbered(1, 20)),
		create("eleven reasons", set, 11, numbered(1, 22), numbered(1, 22)),
		create("forty reasons", set, 40, numbered(1, 120), numbered(1, 120)),
	})
}
