package deepcalltest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

func control(t *testing.T, api *deepcalltest.Server, method, what string) response {
	t.Helper()
	got, err := send(t, method, strings.TrimSuffix(api.URL(), "/deepcall")+deepcalltest.ControlPath+what, "")
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestControl(t *testing.T) {
	api := deepcalltest.Start(t, deepcalltest.WithControl(), deepcalltest.WithPrefix("/deepcall"))
	wantAgents := func(want ...string) {
		t.Helper()
		var got []string
		body := control(t, api, "GET", "agents").body
		if err := json.Unmarshal(body, &got); err != nil || got == nil {
			t.Fatalf("agents answered %s: %v", body, err)
		}
		wantIDs(t, "enabled", got, want...)
	}
	wantAgents()
	if got := control(t, api, "POST", "refuse?agent=13&agent=15&message=Invalid+Type"); got.status != http.StatusNoContent {
		t.Errorf("refuse: HTTP %d", got.status)
	}
	control(t, api, "POST", "accept?agent=15")
	post(t, api, "setCad", ask("7", "13", "15"))
	wantAgents("15", "7")
	if got := api.Requests()[0].Refused["13"]; got != "Invalid Type" {
		t.Errorf("agent 13 refused with %q", got)
	}
	if n := len(api.Requests()); n != 1 {
		t.Errorf("%d requests recorded, want the API's alone", n)
	}
	for _, wrong := range []struct {
		method, what string
		status       int
	}{
		{"GET", "refuse?agent=1", 405},
		{"POST", "refuse", 400},
		{"POST", "agents", 405},
		{"GET", "elsewhere", 404},
	} {
		if got := control(t, api, wrong.method, wrong.what); got.status != wrong.status {
			t.Errorf("%s %s: HTTP %d, want %d", wrong.method, wrong.what, got.status, wrong.status)
		}
	}
}

func TestControlHidesCredentials(t *testing.T) {
	api := deepcalltest.Start(t, deepcalltest.WithControl())
	post(t, api, "setCad?key=s3cret", `{"userId":"s3cret","token":"s3cret","agentIds":["1"]}`)
	post(t, api, "setCad", `{"ssid":"s3cret","agentIds":["2"]}`)

	body := string(control(t, api, "GET", "requests").body)
	if strings.Contains(body, "s3cret") {
		t.Errorf("a credential shows in\n%s", body)
	}
	var got []struct {
		Credentials map[string]string
		AgentIDs    []string
		Confirmed   []string
		Status      int
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || len(got) != 2 {
		t.Fatalf("%v in\n%s", err, body)
	}
	if c := got[0].Credentials; len(c) != 2 || c["userId"] != "(hidden)" || c["token"] != "(hidden)" {
		t.Errorf("credentials shown as %v", c)
	}
	wantIDs(t, "confirmed", got[1].Confirmed, "2")
}

// What a web page in a browser on the same machine could send does nothing.
func TestForeignRequests(t *testing.T) {
	api := deepcalltest.Start(t, deepcalltest.WithControl())
	for name, c := range map[string]struct {
		host, header, value string
		status              int
	}{
		"with a character set":     {header: "content-type", value: "application/json; charset=utf-8", status: 200},
		"no Content-Type":          {status: 200},
		"empty Content-Type":       {header: "Content-Type", status: 200},
		"localhost":                {host: "LocalHost:80", status: 200},
		"IPv6":                     {host: "[::1]", status: 200},
		"a name of the page's":     {host: "rebound.example:8080", status: 403},
		"a name that looks right":  {host: "localhost.evil.example", status: 403},
		"a page elsewhere":         {header: "Origin", value: "https://evil.example", status: 403},
		"a page without an origin": {header: "Origin", value: "null", status: 403},
		"text":                     {header: "Content-Type", value: "text/plain", status: 415},
		"nonsense":                 {header: "Content-Type", value: "text/plain; application/json", status: 415},
	} {
		t.Run(name, func(t *testing.T) {
			for path, want := range map[string]int{
				"/api/v2/Agent/setCad":                      c.status,
				deepcalltest.ControlPath + "refuse?agent=9": c.status + 4*(200/c.status), // 204 for 200
			} {
				api.ResetRequests()
				got, err := send(t, http.MethodPost, api.URL()+path, ask("1"), func(r *http.Request) {
					r.Host = c.host
					if c.header != "" {
						r.Header.Set(c.header, c.value)
					}
				})
				if err != nil || got.status != want {
					t.Errorf("%s: HTTP %d, %v; want %d", path, got.status, err, want)
				}
				if n := len(api.Requests()); c.status != 200 && n != 0 {
					t.Errorf("%d requests were taken", n)
				}
			}
		})
	}
}
