package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

const (
	ssid    = "5e55ion-0123456789abcdef"
	agent   = "13"
	unknown = "99999"
)

// outcome is what a run of the program left.
type outcome struct {
	code           int
	stdout, stderr string
	findings       map[string]finding
	order          []string
}

// try runs the program against a server, with answers on its standard input.
func try(t *testing.T, api *deepcalltest.Server, stdin string, args ...string) outcome {
	t.Helper()
	return tryIn(t.Context(), t, map[string]string{"DEEPCALL_BASE_URL": api.URL(), "DEEPCALL_SSID": ssid, "DEEPCALL_TOKEN": ""}, stdin, args...)
}

func tryIn(ctx context.Context, t *testing.T, env map[string]string, stdin string, args ...string) outcome {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	var stdout, stderr bytes.Buffer
	o := outcome{findings: map[string]finding{}}
	o.code = run(ctx, append([]string{"-json", file}, args...), lookup, strings.NewReader(stdin), &stdout, &stderr)
	o.stdout, o.stderr = stdout.String(), stderr.String()
	raw, err := os.ReadFile(file)
	if err != nil || len(raw) == 0 {
		return o
	}
	var findings []finding
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&findings); err != nil {
		t.Fatalf("%v in the report\n%s", err, raw)
	}
	for _, f := range findings {
		o.findings[f.Assumption] = f
		o.order = append(o.order, f.Assumption)
		if !strings.Contains(o.stdout, f.Assumption+"\n") || !strings.Contains(o.stdout, f.Evidence+"\n") {
			t.Errorf("the table lacks %q, %q:\n%s", f.Assumption, f.Evidence, o.stdout)
		}
	}
	for what, text := range map[string]string{"report": string(raw), "table": o.stdout, "dialog": o.stderr} {
		for _, secret := range []string{ssid, ssid[:12], env["DEEPCALL_TOKEN"]} {
			if secret != "" && strings.Contains(text, secret) {
				t.Errorf("the %s holds a credential:\n%s", what, text)
			}
		}
	}
	return o
}

// batchFile lists agents from 1000 on.
func batchFile(t *testing.T, n int) string {
	t.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d\n\n", 1000+i)
	}
	file := filepath.Join(t.TempDir(), "agents.txt")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func all(t *testing.T) []string {
	t.Helper()
	return []string{"-yes", "-agent", agent, "-unknown", unknown, "-wrong-credentials", "-batch", batchFile(t, 501)}
}

func start(t *testing.T, opts ...deepcalltest.Option) *deepcalltest.Server {
	t.Helper()
	api := deepcalltest.Start(t, append([]deepcalltest.Option{deepcalltest.WithCredentials(deepcalltest.Credentials{SSID: ssid})}, opts...)...)
	api.Refuse("Invalid AgentID", unknown)
	return api
}

func TestStandInPasses(t *testing.T) {
	for _, leave := range []string{on, off} {
		api := start(t)
		o := try(t, api, "", append(all(t), "-leave", leave)...)
		if o.code != exitHolds {
			t.Errorf("exit status %d\n%s%s", o.code, o.stderr, o.stdout)
		}
		for _, a := range o.order {
			want := holds
			if a == contentCodes { // the stand-in refuses an unknown ID in the list
				want = unclear
			}
			if got := o.findings[a]; got.Result != want {
				t.Errorf("%s: %s, want %s (%s)", a, got.Result, want, got.Evidence)
			}
		}
		if got := o.findings[loginCodes].Evidence; !strings.Contains(got, "code 1014") { // an agent of the batch, too
			t.Errorf("evidence of refused credentials: %s", got)
		}
		if got := slices.Contains(api.Enabled(), agent); got != (leave == on) {
			t.Errorf("-leave %s: the agent has CAD: %t", leave, got)
		}
	}
}

// Without further flags no other agent is named, and never none.
func TestSendsTheAgentAlone(t *testing.T) {
	api := start(t)
	o := try(t, api, "", "-yes", "-agent", agent)
	if o.code != exitHolds || len(api.Requests()) != 6 || len(api.Enabled()) != 0 {
		t.Errorf("exit status %d after %d requests, enabled %q\n%s", o.code, len(api.Requests()), api.Enabled(), o.stderr)
	}
	for _, r := range api.Requests() {
		if others := slices.DeleteFunc(r.AgentIDs, func(id string) bool { return id == agent }); len(others) > 0 || !strings.Contains(string(r.Body), agent) {
			t.Errorf("sent %s", r.Body)
		}
		if r.Header.Get("Content-Type") != "application/json" || r.Credentials.SSID != ssid {
			t.Errorf("sent %v", r.Header)
		}
	}
	if n := strings.Count(o.stderr, "\"ssid\":\"(hidden)\",\"agentIds\":[\"13\"]}"); n != 4 {
		t.Errorf("%d of the 4 plain requests were announced:\n%s", n, o.stderr)
	}
}

// nth gives the request at a place, counted from one, a fault.
func nth(n int, f deepcalltest.Fault) func(*deepcalltest.Server) {
	return func(api *deepcalltest.Server) {
		faults := make([]deepcalltest.Fault, n)
		faults[n-1] = f
		api.Fail(faults...)
	}
}

const (
	noData       = `{"status":"success","code":200,"message":"","data":{"done":["13"]}}`
	emptyEntries = `{"status":"success","code":200,"message":"","data":{"updatedAgents":[{"agentId":"13","status":"success"},{}],"errors":[{}]}}`
	agentCode    = `{"status":"success","code":200,"message":"","data":{"updatedAgents":[{"agentId":"13","status":"success"}],` +
		`"errors":[{"agentId":"99999","message":"Invalid AgentID","code":1507}]}}`
)

// Each assumption fails once, and is told so.
func TestEachAssumptionFails(t *testing.T) {
	refuse := deepcalltest.RefuseOnce("Data could not be updated")
	var failed []string
	for name, c := range map[string]struct {
		assumption string
		opts       []deepcalltest.Option
		before     func(*deepcalltest.Server)
	}{
		"an array":                 {assumption: setForm, before: nth(1, deepcalltest.BodyAfter(200, "[]"))},
		"no list":                  {assumption: setForm, before: nth(1, deepcalltest.BodyAfter(200, noData))},
		"a stranger":               {assumption: setForm, before: nth(1, deepcalltest.Unasked("7"))},
		"empty entries":            {assumption: setForm, before: nth(1, deepcalltest.BodyAfter(200, emptyEntries))},
		"set twice":                {assumption: setTwice, before: nth(2, refuse)},
		"set twice, not mentioned": {assumption: setTwice, before: nth(2, deepcalltest.Omit())},
		"set twice, in both lists": {assumption: setTwice, before: nth(2, deepcalltest.Contradict())},
		"same ID twice":            {assumption: sameTwice, before: nth(3, deepcalltest.Code(1000, "invalid parameter"))},
		"a number":                 {assumption: asNumber, before: nth(4, deepcalltest.Code(1001, "Invalid data type"))},
		"unknown ID accepted":      {assumption: unknownRefused, before: func(api *deepcalltest.Server) { api.Accept(unknown) }},
		"unknown ID refuses all":   {assumption: unknownRefused, before: nth(5, deepcalltest.Code(1003, "agentId does not exist"))},
		"an agent's code":          {assumption: errorForm, before: nth(5, deepcalltest.Body(200, agentCode))},
		"another message":          {assumption: errorText, before: func(api *deepcalltest.Server) { api.Refuse("No such agent", unknown) }},
		"another code":             {assumption: contentCodes, before: nth(5, deepcalltest.Code(4711, "no"))},
		"fewer than 500":           {assumption: batchOf500, opts: []deepcalltest.Option{deepcalltest.WithMaxAgents(499)}},
		"fewer, with a code":       {assumption: batchOf500, before: nth(6, deepcalltest.Code(1000, "invalid parameter"))},
		"cut without a word":       {assumption: batchOf500, before: nth(6, deepcalltest.Omit("1400"))},
		"no unsetCad":              {assumption: unsetTakes, opts: []deepcalltest.Option{deepcalltest.WithoutUnset()}},
		"another form of unset":    {assumption: unsetForm, before: nth(8, deepcalltest.BodyAfter(200, noData))},
		"unset twice":              {assumption: unsetTwice, before: nth(9, refuse)},
		"any login":                {assumption: loginCodes, opts: []deepcalltest.Option{deepcalltest.WithCredentials(deepcalltest.Credentials{SSID: ssid})}, before: nth(10, deepcalltest.Body(200, noData))},
		"login, another code":      {assumption: loginCodes, before: nth(10, deepcalltest.Code(1000, "invalid parameter"))},
	} {
		failed = append(failed, c.assumption)
		t.Run(name, func(t *testing.T) {
			api := start(t, c.opts...)
			if c.before != nil {
				c.before(api)
			}
			o := try(t, api, "", all(t)...)
			if f := o.findings[c.assumption]; o.code != exitFails || f.Result != fails {
				t.Errorf("exit status %d, %s: %s (%s)\n%s%s", o.code, c.assumption, f.Result, f.Evidence, o.stderr, o.stdout)
			}
			if enabled := slices.Contains(api.Enabled(), agent); enabled && !strings.Contains(o.stderr, "could not confirm that CAD is off") {
				t.Errorf("the agent still has CAD, without a word\n%s", o.stderr)
			}
		})
	}
	for _, f := range newReport(redactor{}).findings {
		if !slices.Contains(failed, f.Assumption) {
			t.Errorf("never made to fail: %s", f.Assumption)
		}
	}
}

// What says nothing about an assumption decides none.
func TestCouldNotTell(t *testing.T) {
	for name, f := range map[string]deepcalltest.Fault{
		"down":        deepcalltest.Status(503, nil, ""),
		"busy":        deepcalltest.RefuseOnce("Data already in processing"),
		"busy, whole": deepcalltest.Code(1501, "Data already in processing"),
		"no rights":   deepcalltest.Code(1015, "Permission denied"),
		"lost":        deepcalltest.LostAnswer(),
		"gzip":        deepcalltest.Status(200, http.Header{"Content-Encoding": {"gzip"}}, "this is not gzip"),
	} {
		t.Run(name, func(t *testing.T) {
			api := start(t)
			nth(2, f)(api)
			o := try(t, api, "", "-yes", "-agent", agent)
			if got := o.findings[setTwice]; o.code != exitHolds || got.Result != unclear {
				t.Errorf("exit status %d, %s (%s)\n%s", o.code, got.Result, got.Evidence, o.stderr)
			}
		})
	}
}
