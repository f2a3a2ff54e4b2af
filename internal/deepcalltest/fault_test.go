package deepcalltest_test

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// done is an entry of updatedAgents, failed one of errors.
func done(id string) string { return `{"agentId":"` + id + `","status":"success"}` }
func failed(id, message string) string {
	return `{"agentId":"` + id + `","message":"` + message + `"}`
}

func entries(updated, failures string) string {
	return `"updatedAgents":[` + updated + `],"errors":[` + failures + `]`
}

// answered is an answer with results.
func answered(data string) string {
	return `{"status":"success","code":200,"message":"CAD setting process completed.","data":{` + data + "}}"
}

// TestFaults asks once with each fault, and once more, for the agents 1 and 2.
func TestFaults(t *testing.T) {
	const valid = "Please Provide Only Valid fields: "
	both, asked := []string{"1", "2"}, ask("1", "2")
	escaped := strings.ReplaceAll(asked, `"`, `\"`)
	done12 := done("1") + "," + done("2")
	well := answered(entries(done12, ""))
	inFailure := strings.Replace(well, "success", "error", 1)
	pending := strings.Replace(done("1"), "success", "pending", 1)
	badGzip := deepcalltest.Status(200, http.Header{"Content-Encoding": {"gzip"}}, "this is not gzip")
	refusedAgain := deepcalltest.All(deepcalltest.RefuseOnce("no", "1"), deepcalltest.Unasked("007"), deepcalltest.NumericIDs())
	for name, c := range map[string]struct {
		fault         deepcalltest.Fault
		status        int
		body          string
		on, confirmed []string
		breaks        error // what the client meets in the place of a whole answer
	}{
		"status":                     {deepcalltest.Status(503, nil, "<p>later</p>"), 503, "<p>later</p>", nil, nil, nil},
		"code":                       {deepcalltest.Code(1501, "<Busy>"), 200, `{"status":"error","message":"<Busy>","code":1501}`, nil, nil, nil},
		"body":                       {deepcalltest.Body(200, "[]"), 200, "[]", nil, nil, nil},
		"body after":                 {deepcalltest.BodyAfter(200, "null"), 200, "null", both, nil, nil},
		"deep":                       {deepcalltest.Deep(2), 200, `{"status":"success","code":200,"message":"","data":[[]]}`, nil, nil, nil},
		"a body that is a success":   {deepcalltest.Body(200, well), 200, well, nil, both, nil},
		"a success in a failure":     {deepcalltest.Body(500, well), 500, well, nil, nil, nil},
		"agents in a failure":        {deepcalltest.Body(200, inFailure), 200, inFailure, nil, nil, nil},
		"a success with words after": {deepcalltest.Body(200, well+"x"), 200, well + "x", nil, nil, nil},
		"echo":                       {deepcalltest.Echo(deepcalltest.Raw), 200, `{"status":"error","message":"` + valid + escaped + `","code":1521}`, nil, nil, nil},
		"bad request":                {deepcalltest.EchoBadRequest(deepcalltest.Raw), 400, valid + asked, nil, nil, nil},
		"bad request, JSON":          {deepcalltest.EchoBadRequest(deepcalltest.JSONEscaped), 400, valid + `"` + escaped + `"`, nil, nil, nil},
		"bad request, URL":           {deepcalltest.EchoBadRequest(deepcalltest.URLEncoded), 400, valid + url.QueryEscape(asked), nil, nil, nil},
		"bad request, HTML":          {deepcalltest.EchoBadRequest(deepcalltest.HTMLEscaped), 400, valid + strings.ReplaceAll(asked, `"`, "&#34;"), nil, nil, nil},

		"omit":          {deepcalltest.Omit("2"), 200, answered(entries(done("1"), "")), both, both[:1], nil},
		"contradict":    {deepcalltest.Contradict("1"), 200, answered(entries(done12, failed("1", "Data could not be updated"))), both, both[1:], nil},
		"double":        {deepcalltest.Double("2"), 200, answered(entries(done12+","+done("2"), "")), both, both, nil},
		"unasked":       {deepcalltest.Unasked("9"), 200, answered(entries(done12+","+done("9"), "")), both, both, nil},
		"agent status":  {deepcalltest.AgentStatus("pending", "1"), 200, answered(entries(pending+","+done("2"), "")), both[1:], both[1:], nil},
		"null errors":   {deepcalltest.NullErrors(), 200, answered(`"updatedAgents":[` + done12 + `],"errors":null`), both, both, nil},
		"no errors":     {deepcalltest.NoErrors(), 200, answered(`"updatedAgents":[` + done12 + `]`), both, both, nil},
		"agentless":     {deepcalltest.AgentlessError("full"), 200, answered(entries(done12, `{"message":"full"}`)), both, both, nil},
		"refuse all":    {deepcalltest.RefuseOnce("no"), 200, answered(entries("", failed("1", "no")+","+failed("2", "no"))), nil, nil, nil},
		"combined":      {refusedAgain, 200, answered(entries(`{"agentId":2,"status":"success"},`+done("007"), `{"agentId":1,"message":"no"}`)), both[1:], both[1:], nil},
		"huge":          {deepcalltest.Huge(3), 200, strings.Replace(well, "completed.", "completed....", 1), both, both, nil},
		"drip":          {deepcalltest.Drip(1), 200, well, both, both, nil},
		"well at last":  {deepcalltest.Body(200, answered(entries(pending+","+done("1"), ""))), 200, answered(entries(pending+","+done("1"), "")), nil, nil, nil},
		"well at first": {deepcalltest.Body(200, answered(entries(done("1")+","+pending, ""))), 200, answered(entries(done("1")+","+pending, "")), nil, nil, nil},

		"reset":         {deepcalltest.Reset(), 0, "", nil, nil, syscall.ECONNRESET},
		"lost answer":   {deepcalltest.LostAnswer(), 0, "", both, nil, io.EOF},
		"bad gzip":      {badGzip, 200, "", nil, nil, gzip.ErrHeader},
		"cut short":     {deepcalltest.CutShort(), 200, well[:len(well)/2], both, nil, io.ErrUnexpectedEOF},
		"undone":        {deepcalltest.Undone(deepcalltest.CutShort()), 200, well[:len(well)/2], nil, nil, io.ErrUnexpectedEOF},
		"two that meet": {deepcalltest.All(nil, deepcalltest.BodyAfter(200, "{}"), deepcalltest.CutShort()), 200, "{", both, nil, io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			api := deepcalltest.Start(t)
			api.Fail(c.fault)
			got, err := send(t, http.MethodPost, api.URL()+"/api/v2/Agent/setCad", asked)
			if !errors.Is(err, c.breaks) {
				t.Errorf("client sees %v, want %v", err, c.breaks)
			}
			wantBody(t, got, c.body)
			r := api.Requests()[0]
			if got.status != c.status || r.Status != c.status {
				t.Errorf("HTTP status %d, recorded as %d, want %d", got.status, r.Status, c.status)
			}
			wantIDs(t, "enabled", api.Enabled(), c.on...)
			wantIDs(t, "applied", r.Applied, c.on...)
			wantIDs(t, "confirmed", r.Confirmed, c.confirmed...)

			wantBody(t, post(t, api, "setCad", asked), well) // once only
		})
	}
}
