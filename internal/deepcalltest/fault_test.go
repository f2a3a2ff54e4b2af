package deepcalltest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

const (
	success12 = `{"status":"success","code":200,"message":"CAD setting process completed.",` +
		`"data":{"updatedAgents":[{"agentId":"1","status":"success"},{"agentId":"2","status":"success"}],"errors":[]}}`
	head = `{"status":"success","code":200,"message":"CAD setting process completed.","data":{`
)

// What stands in the place of the API's answer.
func TestAnswersInPlace(t *testing.T) {
	asked := ask("1", "2")
	for name, c := range map[string]struct {
		fault     deepcalltest.Fault
		status    int
		body      string
		applied   []string
		confirmed []string
	}{
		"status":                     {fault: deepcalltest.Status(503, nil, "<p>later</p>"), status: 503, body: "<p>later</p>"},
		"code":                       {fault: deepcalltest.Code(1501, "Data already in processing"), status: 200, body: `{"status":"error","message":"Data already in processing","code":1501}`},
		"body":                       {fault: deepcalltest.Body(200, "[]"), status: 200, body: "[]"},
		"empty body":                 {fault: deepcalltest.Body(200, ""), status: 200},
		"body after":                 {fault: deepcalltest.BodyAfter(200, "null"), status: 200, body: "null", applied: []string{"1", "2"}},
		"a body that is a success":   {fault: deepcalltest.Body(200, success12), status: 200, body: success12, confirmed: []string{"1", "2"}},
		"a success in a failure":     {fault: deepcalltest.Body(500, success12), status: 500, body: success12},
		"a success with words after": {fault: deepcalltest.Body(200, success12+"x"), status: 200, body: success12 + "x"},
		"deep":                       {fault: deepcalltest.Deep(3), status: 200, body: `{"status":"success","code":200,"message":"","data":[[[]]]}`},
		"combined":                   {fault: deepcalltest.All(nil, deepcalltest.Delay(1, nil), deepcalltest.Body(200, "{}"), deepcalltest.Drip(1)), status: 200, body: "{}"},
		"echo":                       {fault: deepcalltest.Echo(deepcalltest.Raw), status: 200, body: `{"status":"error","message":"Please Provide Only Valid fields: ` + strings.ReplaceAll(asked, `"`, `\"`) + `","code":1521}`},
		"list of messages":           {fault: deepcalltest.ListMessage(1501, "busy", "later"), status: 200, body: `{"status":"error","message":["busy","later"],"code":1501}`},
		"bad request":                {fault: deepcalltest.EchoBadRequest(deepcalltest.Raw), status: 400, body: "Please Provide Only Valid fields: " + asked},
		"bad request, JSON":          {fault: deepcalltest.EchoBadRequest(deepcalltest.JSONEscaped), status: 400, body: `Please Provide Only Valid fields: "` + strings.ReplaceAll(asked, `"`, `\"`) + `"`},
		"bad request, URL":           {fault: deepcalltest.EchoBadRequest(deepcalltest.URLEncoded), status: 400, body: "Please Provide Only Valid fields: " + url.QueryEscape(asked)},
		"bad request, HTML":          {fault: deepcalltest.EchoBadRequest(deepcalltest.HTMLEscaped), status: 400, body: "Please Provide Only Valid fields: " + strings.ReplaceAll(asked, `"`, "&#34;")},
	} {
		t.Run(name, func(t *testing.T) {
			api := deepcalltest.Start(t)
			api.Fail(c.fault)
			got := post(t, api, "setCad", asked)
			if got.status != c.status {
				t.Errorf("HTTP status %d, want %d", got.status, c.status)
			}
			wantBody(t, got, c.body)
			r := api.Requests()[0]
			if r.Status != c.status {
				t.Errorf("recorded status %d, want %d", r.Status, c.status)
			}
			wantIDs(t, "enabled", api.Enabled(), c.applied...)
			wantIDs(t, "applied", r.Applied, c.applied...)
			wantIDs(t, "confirmed", r.Confirmed, c.confirmed...)
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

func TestStatusKeepsItsHeader(t *testing.T) {
	api := deepcalltest.Start(t)
	api.Fail(deepcalltest.Status(429, http.Header{"retry-after": {"7"}, "Content-Type": {"text/plain"}}, ""))
	got := post(t, api, "setCad", ask("1"))
	if got.header.Get("Retry-After") != "7" || got.header.Get("Content-Type") != "text/plain" {
		t.Errorf("header %v", got.header)
	}
}

func TestRedirect(t *testing.T) {
	api, other := deepcalltest.Start(t), deepcalltest.Start(t)
	api.Fail(deepcalltest.Redirect(other.URL()+"/api/v2/Agent/setCad", http.StatusTemporaryRedirect))
	post(t, api, "setCad", ask("1")) // this client follows
	if first := api.Requests()[0]; first.Status != http.StatusTemporaryRedirect || len(first.Applied) != 0 {
		t.Errorf("recorded at the first: %+v", first)
	}
	wantIDs(t, "enabled at the other", other.Enabled(), "1")
}

// What the API's answer says of single agents.
func TestAnswersAboutAgents(t *testing.T) {
	for name, c := range map[string]struct {
		fault     deepcalltest.Fault
		data      string // of the answer to a request for 1 and 2
		applied   []string
		confirmed []string
	}{
		"omit": {
			deepcalltest.Omit("1"), `"updatedAgents":[{"agentId":"2","status":"success"}],"errors":[]}}`,
			[]string{"1", "2"}, []string{"2"},
		},
		"contradict": {
			deepcalltest.Contradict("1"), `"updatedAgents":[{"agentId":"1","status":"success"},{"agentId":"2","status":"success"}],` +
				`"errors":[{"agentId":"1","message":"Data could not be updated"}]}}`,
			[]string{"1", "2"}, []string{"2"},
		},
		"double": {
			deepcalltest.Double("2"), `"updatedAgents":[{"agentId":"1","status":"success"},{"agentId":"2","status":"success"},{"agentId":"2","status":"success"}],"errors":[]}}`,
			[]string{"1", "2"}, []string{"1", "2"},
		},
		"unasked": {
			deepcalltest.Unasked("9"), `"updatedAgents":[{"agentId":"1","status":"success"},{"agentId":"2","status":"success"},{"agentId":"9","status":"success"}],"errors":[]}}`,
			[]string{"1", "2"}, []string{"1", "2"},
		},
		"status": {
			deepcalltest.AgentStatus("pending", "2"), `"updatedAgents":[{"agentId":"1","status":"success"},{"agentId":"2","status":"pending"}],"errors":[]}}`,
			[]string{"1"}, []string{"1"},
		},
		"numbers": {
			deepcalltest.NumericIDs(), `"updatedAgents":[{"agentId":1,"status":"success"},{"agentId":2,"status":"success"}],"errors":[]}}`,
			[]string{"1", "2"}, []string{"1", "2"},
		},
		"null errors": {
			deepcalltest.NullErrors(), `"updatedAgents":[{"agentId":"1","status":"success"},{"agentId":"2","status":"success"}],"errors":null}}`,
			[]string{"1", "2"}, []string{"1", "2"},
		},
		"no errors": {
			deepcalltest.NoErrors(), `"updatedAgents":[{"agentId":"1","status":"success"},{"agentId":"2","status":"success"}]}}`,
			[]string{"1", "2"}, []string{"1", "2"},
		},
		"agentless": {
			deepcalltest.AgentlessError("half full"), `"updatedAgents":[{"agentId":"1","status":"success"},{"agentId":"2","status":"success"}],"errors":[{"message":"half full"}]}}`,
			[]string{"1", "2"}, []string{"1", "2"},
		},
		"empty entries": {
			deepcalltest.EmptyEntries(2), `"updatedAgents":[{"agentId":"1","status":"success"},{"agentId":"2","status":"success"},{},{}],"errors":[{},{}]}}`,
			[]string{"1", "2"}, []string{"1", "2"},
		},
		"refuse all": {
			deepcalltest.RefuseOnce("Invalid AgentID"), `"updatedAgents":[],"errors":[{"agentId":"1","message":"Invalid AgentID"},{"agentId":"2","message":"Invalid AgentID"}]}}`,
			nil, nil,
		},
		"combined": {
			deepcalltest.All(deepcalltest.RefuseOnce("no", "1"), deepcalltest.Unasked("007"), deepcalltest.NumericIDs()),
			`"updatedAgents":[{"agentId":2,"status":"success"},{"agentId":"007","status":"success"}],"errors":[{"agentId":1,"message":"no"}]}}`,
			[]string{"2"}, []string{"2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			api := deepcalltest.Start(t)
			api.Fail(c.fault)
			wantBody(t, post(t, api, "setCad", ask("1", "2")), head+c.data)
			wantIDs(t, "enabled", api.Enabled(), c.applied...)
			wantIDs(t, "confirmed", api.Requests()[0].Confirmed, c.confirmed...)

			wantBody(t, post(t, api, "setCad", ask("1", "2")), success12) // once only
		})
	}
}

func TestFaultsComeInOrder(t *testing.T) {
	api := deepcalltest.Start(t)
	api.FailWhen(func(r deepcalltest.Request) deepcalltest.Fault {
		if r.AgentIDs[0] == "bad" {
			return deepcalltest.Status(500, nil, "")
		}
		return nil
	})
	api.Fail(deepcalltest.Status(503, nil, ""), nil, deepcalltest.Status(502, nil, ""))
	var got []int
	for _, id := range []string{"1", "bad", "2", "bad", "3"} {
		got = append(got, post(t, api, "setCad", ask(id)).status)
	}
	api.FailWhen(nil)
	got = append(got, post(t, api, "setCad", ask("bad")).status)
	for i, want := range []int{503, 200, 502, 500, 200, 200} {
		if got[i] != want {
			t.Errorf("request %d: HTTP %d, want %d", i+1, got[i], want)
		}
	}
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
