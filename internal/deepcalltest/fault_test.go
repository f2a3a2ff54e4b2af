package deepcalltest_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// done is an entry of updatedAgents, failed one of errors.
func done(id string) string { return `{"agentId":"` + id + `","status":"success"}` }
func failed(id, message string) string {
	return `{"agentId":"` + id + `","message":"` + message + `"}`
}

func entries(updated, errors string) string {
	return `"updatedAgents":[` + updated + `],"errors":[` + errors + `]`
}

// answered is an answer with results.
func answered(data string) string {
	return `{"status":"success","code":200,"message":"CAD setting process completed.","data":{` + data + "}}"
}

var (
	both      = []string{"1", "2"}
	done12    = done("1") + "," + done("2")
	success12 = answered(entries(done12, ""))
)

// What stands in the place of the API's answer.
func TestAnswersInPlace(t *testing.T) {
	asked := ask("1", "2")
	const valid = "Please Provide Only Valid fields: "
	escaped := strings.ReplaceAll(asked, `"`, `\"`)
	inFailure := strings.Replace(success12, "success", "error", 1)
	for name, c := range map[string]struct {
		fault              deepcalltest.Fault
		status             int
		body               string
		applied, confirmed []string
	}{
		"status":                     {deepcalltest.Status(503, nil, "<p>later</p>"), 503, "<p>later</p>", nil, nil},
		"code":                       {deepcalltest.Code(1501, "Busy"), 200, `{"status":"error","message":"Busy","code":1501}`, nil, nil},
		"body":                       {deepcalltest.Body(200, "[]"), 200, "[]", nil, nil},
		"body after":                 {deepcalltest.BodyAfter(200, "null"), 200, "null", both, nil},
		"a body that is a success":   {deepcalltest.Body(200, success12), 200, success12, nil, both},
		"a success in a failure":     {deepcalltest.Body(500, success12), 500, success12, nil, nil},
		"agents in a failure":        {deepcalltest.Body(200, inFailure), 200, inFailure, nil, nil},
		"a success with words after": {deepcalltest.Body(200, success12+"x"), 200, success12 + "x", nil, nil},
		"combined":                   {deepcalltest.All(nil, deepcalltest.Delay(1, nil), deepcalltest.Body(200, "{}"), deepcalltest.Drip(1)), 200, "{}", nil, nil},
		"echo":                       {deepcalltest.Echo(deepcalltest.Raw), 200, `{"status":"error","message":"` + valid + escaped + `","code":1521}`, nil, nil},
		"bad request":                {deepcalltest.EchoBadRequest(deepcalltest.Raw), 400, valid + asked, nil, nil},
		"bad request, JSON":          {deepcalltest.EchoBadRequest(deepcalltest.JSONEscaped), 400, valid + `"` + escaped + `"`, nil, nil},
		"bad request, URL":           {deepcalltest.EchoBadRequest(deepcalltest.URLEncoded), 400, valid + url.QueryEscape(asked), nil, nil},
		"bad request, HTML":          {deepcalltest.EchoBadRequest(deepcalltest.HTMLEscaped), 400, valid + strings.ReplaceAll(asked, `"`, "&#34;"), nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			api := deepcalltest.Start(t)
			api.Fail(c.fault)
			got := post(t, api, "setCad", asked)
			wantBody(t, got, c.body)
			r := api.Requests()[0]
			if got.status != c.status || r.Status != c.status {
				t.Errorf("HTTP status %d, recorded as %d, want %d", got.status, r.Status, c.status)
			}
			wantIDs(t, "enabled", api.Enabled(), c.applied...)
			wantIDs(t, "applied", r.Applied, c.applied...)
			wantIDs(t, "confirmed", r.Confirmed, c.confirmed...)
		})
	}
}

// What the API's answer says of single agents.
func TestAnswersAboutAgents(t *testing.T) {
	combined := deepcalltest.All(deepcalltest.RefuseOnce("no", "1"), deepcalltest.Unasked("007"), deepcalltest.NumericIDs())
	for name, c := range map[string]struct {
		fault              deepcalltest.Fault
		data               string // of the answer to a request for 1 and 2
		applied, confirmed []string
	}{
		"omit":          {deepcalltest.Omit("2"), entries(done("1"), ""), both, both[:1]},
		"contradict":    {deepcalltest.Contradict("1"), entries(done12, failed("1", "Data could not be updated")), both, both[1:]},
		"double":        {deepcalltest.Double("2"), entries(done12+","+done("2"), ""), both, both},
		"unasked":       {deepcalltest.Unasked("9"), entries(done12+","+done("9"), ""), both, both},
		"status":        {deepcalltest.AgentStatus("pending", "2"), entries(done("1")+`,{"agentId":"2","status":"pending"}`, ""), both[:1], both[:1]},
		"numbers":       {deepcalltest.NumericIDs(), entries(`{"agentId":1,"status":"success"},{"agentId":2,"status":"success"}`, ""), both, both},
		"null errors":   {deepcalltest.NullErrors(), `"updatedAgents":[` + done12 + `],"errors":null`, both, both},
		"no errors":     {deepcalltest.NoErrors(), `"updatedAgents":[` + done12 + `]`, both, both},
		"agentless":     {deepcalltest.AgentlessError("full"), entries(done12, `{"message":"full"}`), both, both},
		"empty entries": {deepcalltest.EmptyEntries(2), entries(done12+",{},{}", "{},{}"), both, both},
		"refuse all":    {deepcalltest.RefuseOnce("no"), entries("", failed("1", "no")+","+failed("2", "no")), nil, nil},
		"combined":      {combined, entries(`{"agentId":2,"status":"success"},`+done("007"), `{"agentId":1,"message":"no"}`), both[1:], both[1:]},
	} {
		t.Run(name, func(t *testing.T) {
			api := deepcalltest.Start(t)
			api.Fail(c.fault)
			wantBody(t, post(t, api, "setCad", ask("1", "2")), answered(c.data))
			wantIDs(t, "enabled", api.Enabled(), c.applied...)
			wantIDs(t, "confirmed", api.Requests()[0].Confirmed, c.confirmed...)

			wantBody(t, post(t, api, "setCad", ask("1", "2")), success12) // once only
		})
	}
}

// An agent that an answer names twice is confirmed only if both say so.
func TestConfirmedNeedsEveryEntryToAgree(t *testing.T) {
	api := deepcalltest.Start(t)
	api.Fail(deepcalltest.Body(200, `{"status":"success","code":200,"message":"","data":{"updatedAgents":[`+
		`{"agentId":"1","status":"success"},{"agentId":"1","status":"pending"},`+
		`{"agentId":"2","status":"pending"},{"agentId":"2","status":"success"},`+
		`{"agentId":"3","status":"success"},{"agentId":3,"status":"success"}],"errors":[]}}`))
	post(t, api, "setCad", ask("1", "2", "3"))
	wantIDs(t, "confirmed", api.Requests()[0].Confirmed, "3")
}

// A request that is left undone uses up nobody's busy count.
func TestUndoneWorkLeavesBusyAsItWas(t *testing.T) {
	api := deepcalltest.Start(t)
	api.Busy(1, "1")
	api.Fail(deepcalltest.Status(503, nil, ""))
	post(t, api, "setCad", ask("1"))
	post(t, api, "setCad", ask("1"))
	wantIDs(t, "enabled", api.Enabled())
	post(t, api, "setCad", ask("1"))
	wantIDs(t, "enabled after the busy time", api.Enabled(), "1")
}
