package main

import (
	"context"
	"encoding/base64"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// DESIGN.md lists what the report does, in its words and its order.
func TestDesignListsTheAssumptions(t *testing.T) {
	design, err := os.ReadFile(filepath.Join("..", "..", "DESIGN.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(design), "\n## Assumptions about the API\n")
	section, _, _ = strings.Cut(section, "\n## ")
	items := strings.Split(section, "\n* ")[1:]
	findings := newReport(redactor{}).findings
	if len(items) != len(findings) {
		t.Fatalf("DESIGN.md lists %d assumptions, the report %d", len(items), len(findings))
	}
	for i, f := range findings {
		if item := strings.Join(strings.Fields(items[i]), " "); !strings.HasPrefix(item+" ", f.Assumption+". ") {
			t.Errorf("DESIGN.md has %q for %q", item, f.Assumption)
		}
	}
}

func TestCouldNotRun(t *testing.T) {
	api := start(t)
	login := map[string]string{"DEEPCALL_BASE_URL": api.URL(), "DEEPCALL_SSID": ssid}
	with := func(pairs ...string) map[string]string {
		env := map[string]string{"DEEPCALL_BASE_URL": api.URL(), "DEEPCALL_SSID": ssid}
		for i := 0; i < len(pairs); i += 2 {
			env[pairs[i]] = pairs[i+1]
		}
		return env
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("\n \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		env  map[string]string
		args []string
		want string
	}{
		"no agent":            {login, []string{"-yes"}, "-agent ID"},
		"empty agent":         {login, []string{"-yes", "-agent", ""}, "-agent ID"},
		"agent with a space":  {login, []string{"-yes", "-agent", "13 "}, "whitespace"},
		"invisible":           {login, []string{"-yes", "-agent", "13\u200b"}, "invisible"},
		"unknown is agent":    {login, []string{"-yes", "-agent", "13", "-unknown", "13"}, "the same ID"},
		"empty batch":         {login, []string{"-yes", "-agent", "13", "-batch", empty}, "fewer than two"},
		"no batch":            {login, []string{"-yes", "-agent", "13", "-batch", empty + "x"}, "no such file"},
		"odd leave":           {login, []string{"-yes", "-agent", "13", "-leave", "maybe"}, "neither on nor off"},
		"more":                {login, []string{"-yes", "-agent", "13", "14"}, `"14"`},
		"unknown flag":        {login, []string{"-agents", "13"}, "-agents"},
		"no credentials":      {with("DEEPCALL_SSID", ""), []string{"-yes", "-agent", "13"}, "no credentials"},
		"half a pair":         {with("DEEPCALL_SSID", "", "DEEPCALL_TOKEN", "t"), []string{"-yes", "-agent", "13"}, "no credentials"},
		"both":                {with("DEEPCALL_TOKEN", "t"), []string{"-yes", "-agent", "13"}, "conflicts"},
		"newline":             {with("DEEPCALL_SSID", ssid+"\n"), []string{"-yes", "-agent", "13"}, "DEEPCALL_SSID is blank"},
		"http elsewhere":      {with("DEEPCALL_BASE_URL", "http://192.0.2.1"), []string{"-yes", "-agent", "13"}, "must be https"},
		"user in the address": {with("DEEPCALL_BASE_URL", "https://u:"+ssid+"@x.example"), []string{"-yes", "-agent", "13"}, "must not have a user"},
		"path in the address": {with("DEEPCALL_BASE_URL", api.URL()+"/api/v2/Agent"), []string{"-yes", "-agent", "13"}, "API's path"},
		"no address":          {with("DEEPCALL_BASE_URL", "deepcall"), []string{"-yes", "-agent", "13"}, "not a URL"},
		"wrong login":         {with("DEEPCALL_SSID", "other"), []string{"-yes", "-agent", "13"}, "code 1014"},
		"wrong agent":         {login, []string{"-yes", "-agent", unknown}, "Invalid AgentID"},
		"not asked how":       {login, []string{"-agent", "13"}, "-leave"},
		"no consent":          {login, []string{"-agent", "13", "-leave", "on"}, "not sent"},
	} {
		t.Run(name, func(t *testing.T) {
			o := tryIn(t.Context(), t, c.env, "", c.args...)
			if o.code != exitNotRun || !strings.Contains(o.stderr, c.want) {
				t.Errorf("exit status %d, %q should be in\n%s", o.code, c.want, o.stderr)
			}
		})
	}
	if enabled := api.Enabled(); len(enabled) > 0 {
		t.Errorf("enabled %q", enabled)
	}
}

func TestConsent(t *testing.T) {
	api := start(t)
	// Leave it on; yes, no, yes, no, yes, no, and yes to leave it on.
	o := try(t, api, "on\ny\nn\nYES\n\ny\nmaybe\ny\n", "-agent", agent)
	if got := len(api.Requests()); got != 4 || o.code != exitHolds {
		t.Errorf("exit status %d after %d requests\n%s", o.code, got, o.stderr)
	}
	if o.findings[setTwice].Result != unclear || o.findings[sameTwice].Result != holds || o.findings[unsetTwice].Result != unclear {
		t.Errorf("found %v", o.findings)
	}
	if !slices.Equal(api.Enabled(), []string{agent}) {
		t.Errorf("enabled %q\n%s", api.Enabled(), o.stderr)
	}
}

// An interrupt ends the check, and the agent is left as wanted all the same.
func TestInterrupt(t *testing.T) {
	api := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	api.FailWhen(func(deepcalltest.Request) deepcalltest.Fault {
		if len(api.Requests()) == 2 {
			cancel()
			return deepcalltest.HangAfter()
		}
		return nil
	})
	o := tryIn(ctx, t, map[string]string{"DEEPCALL_BASE_URL": api.URL(), "DEEPCALL_SSID": ssid}, "", "-yes", "-agent", agent)
	if o.code != exitNotRun || !strings.Contains(o.stderr, "interrupted") || len(api.Requests()) != 3 || len(api.Enabled()) != 0 {
		t.Errorf("exit status %d after %d requests, enabled %q\n%s", o.code, len(api.Requests()), api.Enabled(), o.stderr)
	}
}

// A redirect is not followed, and one that was cannot be told from none.
func TestRedirect(t *testing.T) {
	api, other := start(t), start(t)
	api.Fail(deepcalltest.Redirect(other.URL()+"/api/v2/Agent/setCad", http.StatusTemporaryRedirect))
	o := try(t, api, "", "-yes", "-agent", agent)
	if o.code != exitNotRun || len(other.Requests()) != 0 || !strings.Contains(o.stderr, "HTTP 307") {
		t.Errorf("exit status %d, %d requests at the other\n%s", o.code, len(other.Requests()), o.stderr)
	}
}

// Plain http takes no proxy.
func TestNoProxyForHTTP(t *testing.T) {
	base := &url.URL{Scheme: "http", Host: "localhost.:1"}
	if w := newWire(base); w.transport.Proxy != nil {
		t.Error("http would go through a proxy")
	}
	_, _, err := newWire(base).post(t.Context(), setCad, "{}")
	if err == nil {
		t.Error("an answer came")
	}
	base.Host = "192.0.2.1:1"
	if _, _, err := newWire(base).post(t.Context(), setCad, "{}"); err == nil || !strings.Contains(err.Error(), "not a loopback address") {
		t.Errorf("http to another machine: %v", err)
	}
}

// try looks for the credentials in all that comes out.
func TestSecretsStayHidden(t *testing.T) {
	const token = `t0/k3+n=w&i<t>h"o%d/c+h=a&r<s`
	for name, message := range map[string]string{
		"as it is":  token,
		"a piece":   "bad token …" + token[5:14],
		"base64":    base64.StdEncoding.EncodeToString([]byte(`{"userId":"u","token":"` + token + `"}`)),
		"JSON":      strings.NewReplacer("/", `\/`, "=", `\u003d`, "<", `\u003C`, `"`, `\"`).Replace(token),
		"URL":       url.QueryEscape(url.QueryEscape(token)),
		"HTML":      html.EscapeString(strings.ReplaceAll(token, "+", "&#43;")),
		"uppercase": strings.ToUpper(token),
		"spread":    strings.Join(strings.Split(token, ""), "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			api := deepcalltest.Start(t)
			api.Refuse(message, unknown)
			nth(2, deepcalltest.Code(1521, "no: "+message))(api)
			env := map[string]string{"DEEPCALL_BASE_URL": api.URL(), "DEEPCALL_USER_ID": "user-4711", "DEEPCALL_TOKEN": token}
			o := tryIn(t.Context(), t, env, "", "-yes", "-agent", agent, "-unknown", unknown)
			for _, a := range []string{setTwice, errorText} {
				if f := o.findings[a]; f.Result != fails || !strings.Contains(f.Evidence, "not shown") {
					t.Errorf("%s: %s", f.Assumption, f.Evidence)
				}
			}
			if strings.Contains(o.stderr+o.stdout, "user-4711") {
				t.Errorf("the user ID is shown\n%s%s", o.stderr, o.stdout)
			}
		})
	}
	for encoding, e := range []deepcalltest.Encoding{deepcalltest.Raw, deepcalltest.JSONEscaped, deepcalltest.URLEncoded, deepcalltest.HTMLEscaped} {
		api := start(t)
		api.Fail(nil, deepcalltest.Echo(e), deepcalltest.EchoBadRequest(e))
		if o := try(t, api, "", "-yes", "-agent", agent); !strings.Contains(o.findings[setTwice].Evidence, "not shown") {
			t.Errorf("encoding %d: %s", encoding, o.findings[setTwice].Evidence)
		}
	}
}

// The report names no agent and no server of the user's.
func TestReportCanBeAttached(t *testing.T) {
	api := deepcalltest.Start(t)
	api.Refuse("agent "+unknown+" is\u202e unknown", unknown)
	o := try(t, api, "", "-yes", "-agent", "4711-a", "-unknown", unknown)
	for _, private := range []string{"4711-a", unknown, "127.0.0.1", "\u202e"} {
		if strings.Contains(o.stdout, private) {
			t.Errorf("%q is in the report\n%s", private, o.stdout)
		}
	}
	if got := o.findings[errorText].Evidence; got != `message "agent AGENT is\u202e unknown"` {
		t.Errorf("evidence %s", got)
	}
	if got := o.findings[asNumber]; got.Result != unclear || !strings.Contains(got.Evidence, "not a number") {
		t.Errorf("as a number: %v", got)
	}
}

func TestHelp(t *testing.T) {
	o := tryIn(t.Context(), t, nil, "", "-h")
	if o.code != exitHolds || !strings.Contains(o.stderr, "-wrong-credentials") || !strings.Contains(o.stderr, "Exit status") {
		t.Errorf("exit status %d\n%s", o.code, o.stderr)
	}
}
