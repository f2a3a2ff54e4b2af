//go:build unix

package acceptance_test

import (
	"archive/zip"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/clitest"
	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// A canary is known again in any encoding, and in pieces: both ends are letters
// and digits, and between them stands what encodings change.
const canaryHead, canaryTail = "c4naryHead", "c4naryTail"

func canary(which string) string { return canaryHead + which + "\"\\/+&<é%25 '" + canaryTail }

// faulty are answers, one for each agent of that name, that bring the
// credentials back or show what else may bring them to light.
var faulty = map[string]func(deepcalltest.Request) deepcalltest.Fault{
	"ok":            func(deepcalltest.Request) deepcalltest.Fault { return nil },
	"refused":       fault(deepcalltest.RefuseOnce("Invalid AgentID")),
	"code":          fault(deepcalltest.Code(1014, "")),
	"echo-raw":      fault(deepcalltest.Echo(deepcalltest.Raw)),
	"echo-json":     fault(deepcalltest.Echo(deepcalltest.JSONEscaped)),
	"echo-url":      fault(deepcalltest.Echo(deepcalltest.URLEncoded)),
	"echo-html":     fault(deepcalltest.Echo(deepcalltest.HTMLEscaped)),
	"400-raw":       fault(deepcalltest.EchoBadRequest(deepcalltest.Raw)),
	"400-json":      fault(deepcalltest.EchoBadRequest(deepcalltest.JSONEscaped)),
	"400-url":       fault(deepcalltest.EchoBadRequest(deepcalltest.URLEncoded)),
	"400-html":      fault(deepcalltest.EchoBadRequest(deepcalltest.HTMLEscaped)),
	"500":           func(r deepcalltest.Request) deepcalltest.Fault { return deepcalltest.Status(500, nil, string(r.Body)) },
	"401":           func(r deepcalltest.Request) deepcalltest.Fault { return deepcalltest.Status(401, nil, string(r.Body)) },
	"malformed":     func(r deepcalltest.Request) deepcalltest.Fault { return deepcalltest.Body(200, string(r.Body)+"]") },
	"without-data":  func(r deepcalltest.Request) deepcalltest.Fault { return deepcalltest.Body(200, string(r.Body)) },
	"as-code":       answer(`{"status":"error","code":%q,"message":""}`),
	"agentless":     answer(`{"status":"success","data":{"updatedAgents":[],"errors":[{"message":%q}]}}`),
	"as-agent":      answer(`{"status":"success","data":{"updatedAgents":[{"agentId":%q,"status":"success"}]}}`),
	"as-status":     answer(`{"status":"success","data":{"updatedAgents":[{"agentId":"as-status","status":%q}]}}`),
	"as-refusal":    answer(`{"status":"success","data":{"errors":[{"agentId":"as-refusal","message":%q}]}}`),
	"as-key":        answer(`{"status":"success","data":{"updatedAgents":{%q:1}}}`),
	"redirect":      redirect(func(secret string) string { return "https://elsewhere.invalid/?ssid=" + url.QueryEscape(secret) }),
	"redirect-path": redirect(func(secret string) string { return "/" + url.PathEscape(secret) + "/x" }),
	"redirect-user": redirect(func(secret string) string { return "https://u:" + url.QueryEscape(secret) + "@elsewhere.invalid/" }),
	"redirect-raw":  redirect(func(secret string) string { return "https://elsewhere.invalid/ " + secret }),
	"header": func(r deepcalltest.Request) deepcalltest.Fault {
		return deepcalltest.Status(429, http.Header{"Retry-After": {url.QueryEscape(string(r.Body))}}, "")
	},
	"cut":  fault(deepcalltest.CutShort()),
	"lost": fault(deepcalltest.LostAnswer()),
}

// misbehave answers each agent as its name says.
func misbehave(r deepcalltest.Request) deepcalltest.Fault { return faulty[r.AgentIDs[0]](r) }

func fault(f deepcalltest.Fault) func(deepcalltest.Request) deepcalltest.Fault {
	return func(deepcalltest.Request) deepcalltest.Fault { return f }
}

func answer(format string) func(deepcalltest.Request) deepcalltest.Fault {
	return func(r deepcalltest.Request) deepcalltest.Fault {
		return deepcalltest.Body(200, fmt.Sprintf(format, secretOf(r)))
	}
}

func redirect(to func(secret string) string) func(deepcalltest.Request) deepcalltest.Fault {
	return func(r deepcalltest.Request) deepcalltest.Fault { return deepcalltest.Redirect(to(secretOf(r)), 307) }
}

func secretOf(r deepcalltest.Request) string { return r.Credentials.SSID + r.Credentials.Token }

// way is how a user gives credentials. Those that stand in a configuration, or
// come as a variable that is not ephemeral, are in plan files by the CLI's own
// doing, whatever a provider does.
type way struct {
	block     string // lines of the provider block and variables after it
	variables []string
	env       map[string]string
	planned   bool // plan files hold them
}

func ways() map[string]way {
	ssid, token := canary("ssid"), canary("token")
	all := map[string]way{
		"ssid in the environment": {env: map[string]string{"DEEPCALL_SSID": ssid}},
		"pair in the environment": {env: map[string]string{"DEEPCALL_SSID": "", "DEEPCALL_USER_ID": "u-1", "DEEPCALL_TOKEN": token}},
		"token as a sensitive variable": {
			block: "user_id = \"u-1\"\n  token = var.secret", variables: []string{"sensitive = true"},
			env: map[string]string{"TF_VAR_secret": token}, planned: true,
		},
	}
	if box.Version.HasEphemeral() {
		all["ssid as an ephemeral variable"] = way{
			block: "ssid = var.secret", variables: []string{"sensitive = true", "ephemeral = true"},
			env: map[string]string{"TF_VAR_secret": ssid},
		}
	}
	return all
}

// stops are the faults after which a run sends nothing more, or less. Each has
// a provider block, and so a run, of its own.
var stops = []string{"401", "code", "cut", "header", "lost"}

// configuration has a resource for each of the faults. The one that is accepted
// comes first, since a run that nothing was accepted in gives up early.
func (w way) configuration(baseURL string) string {
	settings := []string{w.block, "batch_size = 1", "max_concurrent_requests = 4", "max_retries = 1"}
	text := block(baseURL, settings...) + cad("ok", []string{"ok"}, unsets)
	names := slices.Sorted(maps.Keys(faulty))
	for _, name := range stops {
		text += block(baseURL, append(settings, fmt.Sprintf("alias = %q", "of-"+name))...) +
			cad("of-"+name, []string{name}, unsets, "provider = deepcall.of-"+name)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == "ok" || slices.Contains(stops, name) })
	text += "resource \"deepcall_agent_cad\" \"a\" {\n  for_each = toset([" + quoted(names) + "])\n  agent_ids = [each.key]\n  " + unsets +
		"\n  depends_on = [deepcall_agent_cad.ok]\n}\n"
	if w.variables != nil {
		text += "variable \"secret\" {\n  type = string\n  " + strings.Join(w.variables, "\n  ") + "\n}\n"
	}
	return text
}

func TestCanary(t *testing.T) {
	t.Parallel()
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := deepcalltest.Start(t)
			w := newWorkspace(t, way.configuration(api.URL()))
			maps.Copy(w.Env, way.env)
			w.Env["TF_LOG"], w.Env["TF_LOG_PROVIDER"], w.Env["TF_LOG_PATH"] = "TRACE", "TRACE", w.Path("log")
			w.holdsNoCanary(w.Exits(0, "plan", "-out=tfplan"), way)

			api.FailWhen(misbehave)
			o := w.apply(1)
			w.holdsNoCanary(o, way)
			o.Says(t, "(hidden, because it contains a credential)", "Redirect refused", "Unreadable answer", "HTTP 500", "code 1521", "code 1014", "HTTP 400")

			api.FailWhen(nil)
			w.holdsNoCanary(w.apply(0), way)
			w.holdsNoCanary(w.Exits(0, "show", "-json"), way)
			api.FailWhen(misbehave)
			w.holdsNoCanary(w.Exits(1, "destroy", "-auto-approve"), way)

			log, err := os.ReadFile(w.Path("log"))
			must(t, err)
			for _, phrase := range []string{"[TRACE]", "@module=deepcall.deepcall", "retrying", "not asked for"} {
				if !strings.Contains(string(log), phrase) {
					t.Errorf("the log has no %q, so what it does not show says little", phrase)
				}
			}
		})
	}
}

// holdsNoCanary looks for a credential in what the CLI has said and in all that
// it has written.
func (w *workspace) holdsNoCanary(o clitest.Result, way way) {
	w.t.Helper()
	noCanary(w.t, "the output of "+o.Args, o.Output)
	dir := os.DirFS(w.Dir)
	err := fs.WalkDir(dir, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		if entry.Name() == "tfplan" {
			if !way.planned {
				noCanaryInPlan(w.t, w.Path(path))
			}
			return nil
		}
		text, err := fs.ReadFile(dir, path)
		noCanary(w.t, path, string(text))
		return err
	})
	must(w.t, err)
}

func noCanaryInPlan(t *testing.T, path string) {
	t.Helper()
	archive, err := zip.OpenReader(path)
	must(t, err)
	defer func() { must(t, archive.Close()) }()
	if len(archive.File) == 0 {
		t.Errorf("%s is empty", path)
	}
	for _, file := range archive.File {
		r, err := file.Open()
		must(t, err)
		text, err := io.ReadAll(r)
		must(t, err)
		noCanary(t, path+", "+file.Name, string(text))
	}
}

func noCanary(t *testing.T, where, text string) {
	t.Helper()
	for _, piece := range []string{canaryHead, canaryTail} {
		if at := strings.Index(text, piece); at >= 0 {
			t.Errorf("%s shows a credential: …%s…", where, text[max(0, at-200):min(len(text), at+100)])
		}
	}
}
