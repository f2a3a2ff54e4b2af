package deepcall

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// These tests hold the client against the stand-in for the API over real HTTP:
// two readings of the wire that share no code.

const wireCanary = "canary/+\"\\session & 0123"

// liveClient is a client of a real server that does not wait before a retry. At
// the test's end it must have left nothing running.
func liveClient(t *testing.T, base string, changes ...func(*Config)) *Client {
	t.Helper()
	u, err := ParseBaseURL(base)
	if err != nil {
		t.Fatal(err)
	}
	c := testConfig()
	c.BaseURL, c.Credentials, c.RequestTimeout = u, SessionID(wireCanary), time.Minute
	c.Backoff = func(int) time.Duration { return 0 }
	for _, change := range changes {
		change(&c)
	}
	client := New(c)
	t.Cleanup(func() {
		client.transport.http.CloseIdleConnections()
		wantNothingRunning(t)
	})
	return client
}

// wantNothingRunning waits for the goroutines of the client and of its
// connections to end.
func wantNothingRunning(t *testing.T) {
	t.Helper()
	var left []string
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		stacks := make([]byte, 1<<20)
		left = slices.DeleteFunc(strings.Split(string(stacks[:runtime.Stack(stacks, true)]), "\n\n"), func(stack string) bool {
			return !strings.Contains(stack, "deepcall.(*batcher)") && !strings.Contains(stack, "http.(*persistConn)")
		})
		if len(left) == 0 {
			return
		}
	}
	t.Errorf("%d goroutines are left, such as\n%s", len(left), left[0])
}

// setOne returns why setting one agent fails.
func setOne(t *testing.T, c *Client) error {
	t.Helper()
	r := c.Do(t.Context(), Set, []string{"1"}, nil)
	if len(r.Failures) != 1 || len(r.Confirmed) > 0 {
		t.Fatalf("result %+v", r)
	}
	return r.Failures[0].Err
}

// wantOneRequest returns why setting one agent fails with the first request.
func wantOneRequest(t *testing.T, api *deepcalltest.Server, changes ...func(*Config)) string {
	t.Helper()
	err := setOne(t, liveClient(t, api.URL(), changes...))
	if n := len(api.Requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
	return err.Error()
}

// Requests are what the vendor's samples show, byte by byte, at the path below
// the prefix.
func TestRequestOnTheWire(t *testing.T) {
	user := deepcalltest.Credentials{UserID: "{{userid}}", Token: "{{token}}"}
	session := deepcalltest.Credentials{SSID: "{{ssid}}"}
	for _, c := range []struct {
		sample      string
		credentials deepcalltest.Credentials
		ids         []string
	}{
		{"example-request.json", session, []string{"1", "14"}},
		{"example-1-request.json", session, []string{"X", "XX"}},
		{"request-token.json", user, []string{"X", "XX"}},
	} {
		t.Run(c.sample, func(t *testing.T) {
			api := deepcalltest.Start(t, deepcalltest.WithPrefix("/deepcall"), deepcalltest.WithCredentials(c.credentials))
			api.Enable("other")
			client := liveClient(t, api.URL(), func(config *Config) {
				config.UserAgent = "test/1"
				if config.Credentials = SessionID(c.credentials.SSID); c.credentials.SSID == "" {
					config.Credentials = UserToken(c.credentials.UserID, c.credentials.Token)
				}
			})
			wantAll(t, client.Do(t.Context(), Set, c.ids, nil), c.ids...)
			wantAll(t, client.Do(t.Context(), Unset, []string{"other"}, nil), "other")
			if got := api.Enabled(); !slices.Equal(got, c.ids) {
				t.Errorf("enabled %q", got)
			}
			var want bytes.Buffer
			if err := json.Compact(&want, sample(t, c.sample)); err != nil {
				t.Fatal(err)
			}
			set, unset := api.Requests()[0], api.Requests()[1]
			if string(set.Body) != want.String() {
				t.Errorf("body\n %s, want\n %s", set.Body, want.String())
			}
			if set.Method != http.MethodPost || set.Path != "/deepcall/api/v2/Agent/setCad" || unset.Path != "/deepcall/api/v2/Agent/unsetCad" || set.RawQuery != "" {
				t.Errorf("%s %s?%s and %s", set.Method, set.Path, set.RawQuery, unset.Path)
			}
			header := http.Header{
				"Content-Type": {"application/json"}, "Accept": {"application/json"}, "User-Agent": {"test/1"},
				"Content-Length": {fmt.Sprint(want.Len())}, "Accept-Encoding": {"gzip"},
			}
			if !reflect.DeepEqual(set.Header, header) {
				t.Errorf("header %v, want %v", set.Header, header)
			}
		})
	}
}

// What the network does to some requests, the next one makes up for. One on an
// idle connection that the server was closing costs no try: the HTTP library sends
// it again.
func TestFaultsOnTheWire(t *testing.T) {
	for name, c := range map[string]struct {
		fault   deepcalltest.Fault
		retries int
	}{
		"reset": {deepcalltest.Reset(), 4}, "answer lost": {deepcalltest.LostAnswer(), 4}, "closed idle": {deepcalltest.Undone(deepcalltest.LostAnswer()), 0},
		"cut short": {deepcalltest.CutShort(), 4}, "cut short before the work": {deepcalltest.Undone(deepcalltest.CutShort()), 4},
		"503": {deepcalltest.Status(503, http.Header{"Retry-After": {"0"}}, ""), 4}, "1501": {deepcalltest.Code(1501, ""), 4},
	} {
		t.Run(name, func(t *testing.T) {
			api := deepcalltest.Start(t)
			client, faults := liveClient(t, api.URL(), retries(c.retries)), max(1, c.retries)
			wantAll(t, client.Do(t.Context(), Set, []string{"1"}, nil), "1")
			api.Fail(slices.Repeat([]deepcalltest.Fault{c.fault}, faults)...)
			wantAll(t, client.Do(t.Context(), Set, []string{"1", "2"}, nil), "1", "2")
			if n := len(api.Requests()); n != 1+faults+1 {
				t.Errorf("%d requests, want %d", n, 1+faults+1)
			}
		})
	}
}

// Answers that would be the same the next time fail at once, whatever the
// retries left.
func TestFailuresOnTheWire(t *testing.T) {
	location := http.Header{"Location": {"https://u:p@other.example/x?token=1#f"}}
	big := `{"status":"success","data":{"updatedAgents":[{"agentId":"1","status":"success"}]},"x":"`
	for name, c := range map[string]struct {
		fault deepcalltest.Fault
		want  string
	}{
		"not JSON":             {deepcalltest.Status(200, nil, "<html>\n<h1>Hello</h1>"), "the answer (HTTP 200 OK) is not JSON; it begins: <html> <h1>Hello</h1>"},
		"deep":                 {deepcalltest.Deep(100_000), "the answer (HTTP 200 OK) is not JSON; it begins: {"},
		"more than the limit":  {deepcalltest.Huge(8 << 20), "the answer (HTTP 200 OK) is larger than 8 MiB; it begins: {"},
		"a byte too much":      {deepcalltest.BodyAfter(200, big+strings.Repeat("x", 8<<20-len(big)-1)+`"}`), "the answer (HTTP 200 OK) is larger than 8 MiB; it begins: {"},
		"code":                 {deepcalltest.Code(1047, ""), "the API reported code 1047: Invalid request (empty body)"},
		"code with words":      {deepcalltest.Code(1014, "Go\naway"), "the API reported code 1014: Go away"},
		"code with blank ones": {deepcalltest.Code(1014, " \n"), "the API reported code 1014: Invalid token"},
		"code with a list":     {deepcalltest.Body(200, `{"status":"error","message":["a","b"],"code":1014}`), `the API reported code 1014: ["a","b"]`},
		"401 and a success":    {deepcalltest.BodyAfter(401, `{"status":"success","data":{"updatedAgents":[{"agentId":"1","status":"success"}]}}`), "HTTP 401 Unauthorized: {"},
		"gzip that is none":    {deepcalltest.Status(200, http.Header{"Content-Encoding": {"gzip"}}, "this is not gzip"), "the answer is malformed (the answer was cut short: gzip: invalid header)"},
		"HTTP 101":             {deepcalltest.Status(101, http.Header{"Connection": {"Upgrade"}, "Upgrade": {"silence"}}, ""), "the answer (HTTP 101 Switching Protocols) switches to another protocol"},
		"redirect, 307":        {deepcalltest.Status(307, location, ""), "HTTP 307 Temporary Redirect: a redirect to https://other.example/x"},
		"redirect, relative":   {deepcalltest.Redirect("/login?next=1", 302), "HTTP 302 Found: a redirect to http://127.0.0.1:"},
		"redirect to nowhere":  {deepcalltest.Status(308, nil, ""), "HTTP 308 Permanent Redirect: a redirect without a location"},
		"redirect to no URL":   {deepcalltest.Redirect("https://other.example/%zz?token=1", 301), "HTTP 301 Moved Permanently: a redirect without a location"},
	} {
		t.Run(name, func(t *testing.T) {
			api := deepcalltest.Start(t)
			api.FailWhen(func(deepcalltest.Request) deepcalltest.Fault { return c.fault })
			if got := wantOneRequest(t, api); !strings.HasPrefix(got, c.want) || len(got) > 350 {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

// A whole answer of 8 MiB is read.
func TestLongestAnswer(t *testing.T) {
	big := `{"status":"success","data":{"updatedAgents":[{"agentId":"1","status":"success"}]},"x":"`
	api := deepcalltest.Start(t)
	api.Fail(deepcalltest.BodyAfter(200, big+strings.Repeat("x", 8<<20-len(big)-2)+`"}`))
	wantAll(t, liveClient(t, api.URL()).Do(t.Context(), Set, []string{"1"}, nil), "1")
}

// What a redirect points to sees nothing.
func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			api, other := deepcalltest.Start(t), deepcalltest.Start(t)
			api.Fail(deepcalltest.Redirect(other.URL()+"/api/v2/Agent/setCad?ssid=1", status))
			got := wantOneRequest(t, api)
			if !strings.HasSuffix(got, ": a redirect to "+other.URL()+"/api/v2/Agent/setCad") || len(other.Requests()) > 0 {
				t.Errorf("%s, and %d requests where it pointed", got, len(other.Requests()))
			}
		})
	}
}
