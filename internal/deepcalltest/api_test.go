package deepcalltest_test

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the vendor's ETag is made with it
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
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

var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// send sends a request with a connection of its own, which keeps tests apart and
// leaves nothing open.
func send(t *testing.T, method, url, body string, edits ...func(*http.Request)) (response, error) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
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
	return response{resp.StatusCode, resp.Header, data}, err
}

func try(t *testing.T, api *deepcalltest.Server, endpoint, body string) (response, error) {
	t.Helper()
	return send(t, http.MethodPost, api.URL()+"/api/v2/Agent/"+endpoint, body)
}

func post(t *testing.T, api *deepcalltest.Server, endpoint, body string) response {
	t.Helper()
	got, err := try(t, api, endpoint, body)
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
		"whitespace":                {" \n", invalidRequest},
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
	known := deepcalltest.Credentials{SSID: "s", UserID: "u", Token: "t"}
	api := deepcalltest.Start(t, deepcalltest.WithCredentials(known))
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
	} {
		api.ResetRequests()
		got, err := send(t, c.method, c.url, ask("1"))
		if err != nil {
			t.Fatal(err)
		}
		r := api.Requests()[0]
		if got.status != c.status || r.Status != c.status || r.Endpoint != c.endpoint {
			t.Errorf("%s %s: HTTP %d, recorded %d for %q; want %d for %q",
				c.method, c.url, got.status, r.Status, r.Endpoint, c.status, c.endpoint)
		}
		media := got.header.Get("Content-Type")
		if html := strings.HasPrefix(media, "text/html"); html != (c.status != 200) {
			t.Errorf("%s %s: Content-Type %q", c.method, c.url, media)
		}
	}
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
	post(t, deepcalltest.Start(t, deepcalltest.WithAddr("localhost:0")), "setCad", ask("1"))
}

// What the vendor's samples leave open: unsetCad answers alike, and an agent
// that is named twice is handled once.
func TestAssumptions(t *testing.T) {
	api := deepcalltest.Start(t)
	post(t, api, "setCad", ask("2", "1", "2"))
	wantIDs(t, "confirmed", api.Requests()[0].Confirmed, "2", "1")
	got := post(t, api, "unsetCad", ask("1"))
	wantBody(t, got, `{"status":"success","code":200,"message":"CAD unsetting process completed.","data":{`+entries(done("1"), "")+"}}")
	wantIDs(t, "enabled", api.Enabled(), "2")
}

// sample is one of the vendor's samples, without whitespace.
func sample(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return compact.String()
}

// The samples' field names, order of fields and values are the answer's, byte
// for byte.
func TestVendorSamples(t *testing.T) {
	for _, c := range []struct{ request, response string }{
		{"request-token.json", "success-response.json"},
		{"example-1-request.json", "example-1-response.json"},
		{"example-request.json", "example-response.json"},
		{"request-curl.json", "example-response.json"},
		{"error-invalid-parameter-request.json", "error-invalid-parameter.json"},
	} {
		t.Run(c.request, func(t *testing.T) {
			got := post(t, deepcalltest.Start(t), "setCad", sample(t, c.request))
			wantBody(t, got, sample(t, c.response))
			if got.status != http.StatusOK {
				t.Errorf("HTTP status %d, want 200", got.status)
			}
		})
	}
}

func TestVendorSampleOfOneUnquotedID(t *testing.T) {
	api := deepcalltest.Start(t)
	post(t, api, "setCad", sample(t, "request-ssid.json"))
	wantIDs(t, "enabled", api.Enabled(), "1")
	r := api.Requests()[0]
	if r.Credentials != (deepcalltest.Credentials{SSID: "{{ssid}}"}) {
		t.Errorf("credentials read as %+v", r.Credentials)
	}
}

// "Example Response" comes with the headers of the real answer. Its ETag is the
// body's length and the first 27 characters of its SHA-1, so the very bytes of
// the vendor's server can be compared.
func TestAnswerHasTheBytesOfTheVendorsServer(t *testing.T) {
	const length, digest = "184", "30Wmu+h+8HQGVR5NK/hkKlKq9Ic"
	api := deepcalltest.Start(t)
	got := post(t, api, "setCad", sample(t, "example-request.json"))
	if l := got.header.Get("Content-Length"); l != length {
		t.Errorf("Content-Length %s, want %s", l, length)
	}
	if ct := got.header.Get("Content-Type"); ct != "application/json; charset=utf-8" {
		t.Errorf("Content-Type %q", ct)
	}
	sum := sha1.Sum(got.body) //nolint:gosec // see the import
	if d := base64.StdEncoding.EncodeToString(sum[:])[:27]; d != digest {
		t.Errorf("SHA-1 of the answer starts with %s, want %s", d, digest)
	}
}
