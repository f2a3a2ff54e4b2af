package deepcalltest_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

type response struct {
	status int
	header http.Header
	body   string
}

// client has a connection of its own for each request, which keeps tests apart
// and leaves nothing open.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func send(t *testing.T, method, url, body string, edits ...func(*http.Request)) (response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, edit := range edits {
		edit(req)
	}
	resp, err := client.Do(req)
	if err != nil {
		return response{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	return response{resp.StatusCode, resp.Header, string(data)}, err
}

func post(t *testing.T, api *deepcalltest.Server, endpoint, body string) response {
	t.Helper()
	got, err := send(t, http.MethodPost, api.URL()+"/api/v2/Agent/"+endpoint, body)
	if err != nil {
		t.Fatalf("%s: %v", endpoint, err)
	}
	return got
}

// ask is the body that asks for agents with an ssid.
func ask(ids ...string) string {
	return `{"ssid":"s","agentIds":["` + strings.Join(ids, `","`) + `"]}`
}

func wantIDs(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s %q, want %q", what, got, want)
	}
}

func wantBody(t *testing.T, got response, want string) {
	t.Helper()
	if got.body != want {
		t.Errorf("answer\n %s, want\n %s", got.body, want)
	}
}

func TestBodies(t *testing.T) {
	const (
		invalid = `{"status":"error","message":"invalid parameter","code":1000}`
		token   = `{"status":"error","message":"Invalid token","code":1014}`
		empty   = `{"status":"error","message":"Invalid request","code":1047}`
	)
	known := deepcalltest.Credentials{SSID: "s", UserID: "u", Token: "t"}
	api := deepcalltest.Start(t, deepcalltest.WithCredentials(known))
	for name, c := range map[string]struct{ body, want string }{
		"ssid":                      {`{"ssid":"s","agentIds":["7"]}`, answered(entries(done("7"), ""))},
		"pair, fields unknown":      {`{"userId":"u","token":"t","agentIds":["7"],"x":1}`, answered(entries(done("7"), ""))},
		"an agent named twice":      {ask("7", "8", "7"), answered(entries(done("7")+","+done("8"), ""))},
		"other ssid":                {`{"ssid":"S","agentIds":["1"]}`, token},
		"other token":               {`{"userId":"u","token":"T","agentIds":["1"]}`, token},
		"other user":                {`{"userId":"u2","token":"t","agentIds":["1"]}`, token},
		"empty":                     {"", empty},
		"whitespace":                {" \n", empty},
		"not JSON":                  {"agentIds=1", invalid},
		"array":                     {`["1"]`, invalid},
		"null":                      {"null", invalid},
		"no agents":                 {`{"ssid":"s"}`, invalid},
		"agents not in an array":    {`{"ssid":"s","agentIds":"1"}`, invalid},
		"empty array":               {`{"ssid":"s","agentIds":[]}`, invalid},
		"empty ID":                  {`{"ssid":"s","agentIds":[""]}`, invalid},
		"ID neither text nor digit": {`{"ssid":"s","agentIds":["1",null]}`, invalid},
		"field in another case":     {`{"ssid":"s","agentids":["1"]}`, invalid},
		"credential in other case":  {`{"SSID":"s","agentIds":["1"]}`, invalid},
		"no credentials":            {`{"agentIds":["1"]}`, invalid},
		"both kinds":                {`{"ssid":"s","userId":"u","token":"t","agentIds":["1"]}`, invalid},
		"ssid beside a token":       {`{"ssid":"s","token":"t","agentIds":["1"]}`, invalid},
		"empty ssid":                {`{"ssid":"","agentIds":["1"]}`, invalid},
		"user without token":        {`{"userId":"u","agentIds":["1"]}`, invalid},
		"token without user":        {`{"token":"t","agentIds":["1"]}`, invalid},
		"credential not a string":   {`{"ssid":1,"agentIds":["1"]}`, invalid},
	} {
		t.Run(name, func(t *testing.T) { wantBody(t, post(t, api, "setCad", c.body), c.want) })
	}
	wantIDs(t, "enabled", api.Enabled(), "7", "8")
	wantBody(t, post(t, api, "unsetCad", ask("8")), strings.Replace(answered(entries(done("8"), "")), "setting", "unsetting", 1))
	agents, _ := send(t, http.MethodGet, api.URL()+deepcalltest.AgentsPath, "")
	wantBody(t, agents, "[\"7\"]\n")
}

func TestPathsAndMethods(t *testing.T) {
	api := deepcalltest.Start(t, deepcalltest.WithPrefix("/deepcall"), deepcalltest.WithoutUnset(), deepcalltest.WithMaxAgents(1))
	host, prefixed := strings.CutSuffix(api.URL(), "/deepcall")
	if !prefixed {
		t.Fatalf("base URL %s lacks the prefix", api.URL())
	}
	for _, c := range []struct {
		method, url, body string
		status            int
		endpoint          string
	}{
		{"POST", api.URL() + "/api/v2/Agent/setCad", ask("1"), 200, "setCad"},
		{"POST", api.URL() + "/api/v2/Agent/setCad", ask("1", "2"), 413, "setCad"},
		{"GET", api.URL() + "/api/v2/Agent/setCad", ask("1"), 405, "setCad"},
		{"POST", api.URL() + "/api/v2/Agent/unsetCad", ask("1"), 404, "unsetCad"},
		{"POST", api.URL() + "/api/v2/Agent/setCad/", ask("1"), 404, ""},
		{"POST", api.URL() + "//api/v2/Agent/setCad", ask("1"), 404, ""},
		{"POST", api.URL() + "/api/v2/agent/setCad", ask("1"), 404, ""},
		{"POST", host + "/api/v2/Agent/setCad", ask("1"), 404, ""},
	} {
		api.ResetRequests()
		got, err := send(t, c.method, c.url, c.body)
		if err != nil {
			t.Fatal(err)
		}
		if r := api.Requests()[0]; got.status != c.status || r.Status != c.status || r.Endpoint != c.endpoint {
			t.Errorf("%s %s: HTTP %d, recorded %d for %q; want %d for %q",
				c.method, c.url, got.status, r.Status, r.Endpoint, c.status, c.endpoint)
		}
	}
}

// What a web page in a browser on the same machine could send does nothing.
func TestForeignRequests(t *testing.T) {
	api := deepcalltest.Start(t)
	for name, c := range map[string]struct {
		host, header, value string
		status              int
	}{
		"with a character set":     {header: "content-type", value: "application/json; charset=utf-8", status: 200},
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
			for _, path := range []string{deepcalltest.AgentsPath, "/api/v2/Agent/setCad"} {
				api.ResetRequests()
				got, err := send(t, http.MethodPost, api.URL()+path, ask("1"), func(r *http.Request) {
					r.Host = c.host
					if c.header != "" {
						r.Header.Set(c.header, c.value)
					}
				})
				if err != nil || got.status != c.status {
					t.Errorf("%s: HTTP %d, %v; want %d", path, got.status, err, c.status)
				}
			}
			if taken := len(api.Requests()) == 1; taken != (c.status == 200) {
				t.Errorf("recorded: %t", taken)
			}
		})
	}
}
