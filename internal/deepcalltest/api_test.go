package deepcalltest_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

type response struct {
	status int
	header http.Header
	body   []byte
}

// try posts a body with a connection of its own, which keeps tests apart and
// leaves nothing open.
func try(api *deepcalltest.Server, endpoint, body string) (response, error) {
	return do(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, api, endpoint, body)
}

func do(client *http.Client, api *deepcalltest.Server, endpoint, body string) (response, error) {
	resp, err := client.Post(api.URL()+"/api/v2/Agent/"+endpoint, "application/json", strings.NewReader(body))
	if err != nil {
		return response{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	return response{resp.StatusCode, resp.Header, data}, err
}

func post(t *testing.T, api *deepcalltest.Server, endpoint, body string) response {
	t.Helper()
	got, err := try(api, endpoint, body)
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
	if string(got.body) != want {
		t.Errorf("answer\n %s, want\n %s", got.body, want)
	}
}

const (
	invalidParameter = `{"status":"error","message":"invalid parameter","code":1000}`
	invalidToken     = `{"status":"error","message":"Invalid token","code":1014}`
	invalidRequest   = `{"status":"error","message":"Invalid request","code":1047}`
)

func TestBodiesThatAreRefused(t *testing.T) {
	api := deepcalltest.Start(t)
	for name, c := range map[string]struct{ body, want string }{
		"empty":                     {"", invalidRequest},
		"white space":               {" \n", invalidRequest},
		"not JSON":                  {"agentIds=1", invalidParameter},
		"array":                     {`["1"]`, invalidParameter},
		"null":                      {"null", invalidParameter},
		"no agents":                 {`{"ssid":"s"}`, invalidParameter},
		"agents not in an array":    {`{"ssid":"s","agentIds":"1"}`, invalidParameter},
		"empty array":               {`{"ssid":"s","agentIds":[]}`, invalidParameter},
		"empty ID":                  {`{"ssid":"s","agentIds":[""]}`, invalidParameter},
		"ID neither text nor digit": {`{"ssid":"s","agentIds":["1",null]}`, invalidParameter},
		"field in another case":     {`{"ssid":"s","agentids":["1"]}`, invalidParameter},
		"credential in other case":  {`{"SSID":"s","agentIds":["1"]}`, invalidParameter},
		"no credentials":            {`{"agentIds":["1"]}`, invalidParameter},
		"both kinds":                {`{"ssid":"s","userId":"u","token":"t","agentIds":["1"]}`, invalidParameter},
		"ssid beside a token":       {`{"ssid":"s","token":"t","agentIds":["1"]}`, invalidParameter},
		"empty ssid beside a pair":  {`{"ssid":"","userId":"u","token":"t","agentIds":["1"]}`, invalidParameter},
		"user without token":        {`{"userId":"u","agentIds":["1"]}`, invalidParameter},
		"token without user":        {`{"token":"t","agentIds":["1"]}`, invalidParameter},
		"credential not a string":   {`{"ssid":1,"agentIds":["1"]}`, invalidParameter},
	} {
		t.Run(name, func(t *testing.T) { wantBody(t, post(t, api, "setCad", c.body), c.want) })
	}
	wantIDs(t, "enabled", api.Enabled())
}

func TestCredentials(t *testing.T) {
	api := deepcalltest.Start(t, deepcalltest.WithCredentials(deepcalltest.Credentials{SSID: "s", UserID: "u", Token: "t"}))
	for body, accepted := range map[string]bool{
		`{"ssid":"s","agentIds":["1"]}`:                true,
		`{"userId":"u","token":"t","agentIds":["1"]}`:  true,
		`{"ssid":"S","agentIds":["1"]}`:                false,
		`{"userId":"u","token":"T","agentIds":["1"]}`:  false,
		`{"userId":"u2","token":"t","agentIds":["1"]}`: false,
	} {
		got := post(t, api, "setCad", body)
		if refused := string(got.body) == invalidToken; refused == accepted {
			t.Errorf("%s: %s", body, got.body)
		}
	}
}

func TestPathsAndMethods(t *testing.T) {
	api := deepcalltest.Start(t, deepcalltest.WithPrefix("/deepcall/"), deepcalltest.WithoutUnset())
	host := strings.TrimSuffix(api.URL(), "/deepcall")
	if host == api.URL() {
		t.Fatalf("base URL %s lacks the prefix", api.URL())
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, c := range []struct {
		method, url string
		status      int
		endpoint    string
	}{
		{"POST", api.URL() + "/api/v2/Agent/setCad", 200, "setCad"},
		{"GET", api.URL() + "/api/v2/Agent/setCad", 405, "setCad"},
		{"PUT", api.URL() + "/api/v2/Agent/setCad", 405, "setCad"},
		{"POST", api.URL() + "/api/v2/Agent/unsetCad", 404, "unsetCad"},
		{"POST", api.URL() + "/api/v2/Agent/setCad/", 404, ""},
		{"POST", api.URL() + "//api/v2/Agent/setCad", 404, ""},
		{"POST", api.URL() + "/api/v2/agent/setCad", 404, ""},
		{"POST", host + "/api/v2/Agent/setCad", 404, ""},
		{"GET", host + deepcalltest.ControlPath + "agents", 404, ""},
	} {
		api.ResetRequests()
		req, err := http.NewRequest(c.method, c.url, strings.NewReader(ask("1")))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		r := api.Requests()[0]
		if resp.StatusCode != c.status || r.Status != c.status || r.Endpoint != c.endpoint {
			t.Errorf("%s %s: HTTP %d, recorded %d for %q; want %d for %q",
				c.method, c.url, resp.StatusCode, r.Status, r.Endpoint, c.status, c.endpoint)
		}
		if html := strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html"); html != (c.status != 200) {
			t.Errorf("%s %s: Content-Type %q", c.method, c.url, resp.Header.Get("Content-Type"))
		}
	}
}

func TestStateOfAgents(t *testing.T) {
	api := deepcalltest.Start(t)
	api.Enable("9", "8")
	api.Disable("9")
	post(t, api, "setCad", ask("2", "1", "2"))
	wantIDs(t, "enabled", api.Enabled(), "1", "2", "8")

	got := post(t, api, "unsetCad", ask("1", "8"))
	wantBody(t, got, `{"status":"success","code":200,"message":"CAD unsetting process completed.",`+
		`"data":{"updatedAgents":[{"agentId":"1","status":"success"},{"agentId":"8","status":"success"}],"errors":[]}}`)
	wantIDs(t, "enabled", api.Enabled(), "2")

	requests := api.Requests()
	wantIDs(t, "asked", requests[0].AgentIDs, "2", "1", "2")
	wantIDs(t, "applied", requests[0].Applied, "2", "1")
	wantIDs(t, "confirmed", requests[0].Confirmed, "2", "1")
	wantIDs(t, "unset", requests[1].Applied, "1", "8")
}

func TestRefuseBusyAccept(t *testing.T) {
	api := deepcalltest.Start(t)
	api.Refuse("Invalid AgentID", "13", "15")
	api.Busy(1, "7")
	api.Accept("15")

	got := post(t, api, "setCad", ask("7", "13", "15"))
	wantBody(t, got, `{"status":"success","code":200,"message":"CAD setting process completed.",`+
		`"data":{"updatedAgents":[{"agentId":"15","status":"success"}],`+
		`"errors":[{"agentId":"7","message":"Data already in processing"},{"agentId":"13","message":"Invalid AgentID"}]}}`)
	wantIDs(t, "enabled", api.Enabled(), "15")
	want := map[string]string{"7": "Data already in processing", "13": "Invalid AgentID"}
	if r := api.Requests()[0]; !reflect.DeepEqual(r.Refused, want) {
		t.Errorf("recorded as refused %v, want %v", r.Refused, want)
	}

	post(t, api, "setCad", ask("7", "13"))
	wantIDs(t, "enabled after the second time", api.Enabled(), "15", "7")
}

func TestWholeRefusal(t *testing.T) {
	api := deepcalltest.Start(t)
	api.SetWholeRefusal("x")
	wantBody(t, post(t, api, "setCad", ask("1", "x")), invalidParameter)
	post(t, api, "setCad", ask("2"))
	wantIDs(t, "enabled", api.Enabled(), "2")
	api.SetWholeRefusal()
	post(t, api, "setCad", ask("x"))
	wantIDs(t, "enabled without refusal", api.Enabled(), "2", "x")
}

// The faults that agents bring with them, and those of a request for too many.
func TestStandingFaults(t *testing.T) {
	const tooMany = `{"status":"error","message":"too many","code":1000}`
	for name, c := range map[string]struct {
		opts   []deepcalltest.Option
		fails  deepcalltest.Fault // for agent x
		queued deepcalltest.Fault
		body   string
		status int
		answer string // not compared when empty
	}{
		"one too many":           {body: ask("1", "2", "3"), status: 413},
		"as many as allowed":     {body: ask("1", "2"), status: 200, answer: success12},
		"with a code":            {opts: limit(deepcalltest.Code(1000, "too many")), body: ask("1", "2", "3"), status: 200, answer: tooMany},
		"status for an agent":    {fails: deepcalltest.Status(422, nil, "no"), body: ask("1", "x"), status: 422, answer: "no"},
		"code for an agent":      {fails: deepcalltest.Code(1521, "no"), body: ask("x"), status: 200, answer: `{"status":"error","message":"no","code":1521}`},
		"other agents":           {fails: deepcalltest.Code(1521, "no"), body: ask("1", "2"), status: 200, answer: success12},
		"taken back":             {body: ask("x"), status: 200},
		"credentials come first": {opts: closed(), fails: deepcalltest.Status(422, nil, "no"), body: ask("x"), status: 200, answer: invalidToken},
		"a queued fault on top":  {fails: deepcalltest.Code(1521, "no"), queued: deepcalltest.Status(503, nil, ""), body: ask("x"), status: 503},
	} {
		t.Run(name, func(t *testing.T) {
			api := deepcalltest.Start(t, append([]deepcalltest.Option{deepcalltest.WithMaxAgents(2)}, c.opts...)...)
			api.FailFor(deepcalltest.Hang(), "x")
			api.FailFor(c.fails, "x")
			api.Fail(c.queued)
			got := post(t, api, "setCad", c.body)
			if got.status != c.status {
				t.Errorf("HTTP %d, want %d", got.status, c.status)
			}
			if c.answer != "" {
				wantBody(t, got, c.answer)
			}
			r := api.Requests()[0]
			wantIDs(t, "applied", r.Applied, r.Confirmed...)
		})
	}
}

func limit(f deepcalltest.Fault) []deepcalltest.Option {
	return []deepcalltest.Option{deepcalltest.WithLimit(2, f)}
}

func closed() []deepcalltest.Option {
	return []deepcalltest.Option{deepcalltest.WithCredentials(deepcalltest.Credentials{SSID: "other"})}
}

// trusting is a client that knows the server's authority.
func trusting(t *testing.T, api *deepcalltest.Server) *http.Client {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(api.CAPEM()) {
		t.Fatalf("no certificate in %q", api.CAPEM())
	}
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{RootCAs: pool},
	}}
}

func TestTLSIsVouchedForByItsOwnAuthority(t *testing.T) {
	api := deepcalltest.Start(t, deepcalltest.WithTLS())
	if _, err := do(trusting(t, api), api, "setCad", ask("1")); err != nil {
		t.Errorf("with the authority: %v", err)
	}
	if _, err := try(api, "setCad", ask("2")); err == nil {
		t.Error("a client that does not know the authority got through")
	}
	wantIDs(t, "enabled", api.Enabled(), "1")
}

func TestOnlyLoopbackAddresses(t *testing.T) {
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0"} {
		if s, err := deepcalltest.New(deepcalltest.WithAddr(addr)); err == nil {
			s.Close()
			t.Errorf("listens on %q", addr)
		} else if !strings.Contains(err.Error(), "loopback") {
			t.Errorf("%q: %v", addr, err)
		}
	}
	s := deepcalltest.Start(t, deepcalltest.WithAddr("localhost:0"))
	post(t, s, "setCad", ask("1"))
}
