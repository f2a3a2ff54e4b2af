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
	"strconv"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/clitest"
	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// A canary is known again in any encoding, and in pieces: both ends are letters
// and digits, and between them stands what encodings change.
const canaryHead, canaryTail = "c4naryHead", "c4naryTail"

func canary(which string) string { return canaryHead + which + "\"\\/+&<é%25 '" + canaryTail }

// faulty are ways to answer that bring the credentials back, or show what else
// may bring them to light. The agent of each is its index.
var faulty = []func(deepcalltest.Request) deepcalltest.Fault{
	fault(nil),
	fault(deepcalltest.RefuseOnce("Invalid AgentID")),
	fault(deepcalltest.Echo(deepcalltest.Raw)),
	fault(deepcalltest.Echo(deepcalltest.JSONEscaped)),
	fault(deepcalltest.Echo(deepcalltest.URLEncoded)),
	fault(deepcalltest.Echo(deepcalltest.HTMLEscaped)),
	fault(deepcalltest.EchoBadRequest(deepcalltest.Raw)),
	fault(deepcalltest.EchoBadRequest(deepcalltest.JSONEscaped)),
	fault(deepcalltest.EchoBadRequest(deepcalltest.URLEncoded)),
	fault(deepcalltest.EchoBadRequest(deepcalltest.HTMLEscaped)),
	body(func(body string) deepcalltest.Fault { return deepcalltest.Status(500, nil, body) }),
	body(func(body string) deepcalltest.Fault { return deepcalltest.Body(200, body+"]") }), // malformed
	body(func(body string) deepcalltest.Fault { return deepcalltest.Body(200, body) }),     // without data
	answer(`{"status":"error","code":%q,"message":""}`),
	answer(`{"status":"success","data":{"updatedAgents":[],"errors":[{"message":%q}]}}`), // of no agent
	answer(`{"status":"success","data":{"updatedAgents":[{"agentId":%q,"status":"success"}]}}`),
	answer(`{"status":"success","data":{"updatedAgents":[{"agentId":%[2]q,"status":%[1]q}]}}`),
	answer(`{"status":"success","data":{"errors":[{"agentId":%[2]q,"message":%[1]q}]}}`),
	answer(`{"status":"success","data":{"updatedAgents":{%q:1}}}`),
	redirect(func(secret string) string { return "https://elsewhere.invalid/?ssid=" + url.QueryEscape(secret) }),
	redirect(func(secret string) string { return "/" + url.PathEscape(secret) + "/x" }),
	redirect(func(secret string) string { return "https://u:" + url.QueryEscape(secret) + "@elsewhere.invalid/" }),
	redirect(func(secret string) string { return "https://elsewhere.invalid/ " + secret }),
}

// stops are more of them, after which a run sends nothing more, or less. Each
// has a provider block, and so a run, of its own. The agent follows on those of
// faulty.
var stops = []func(deepcalltest.Request) deepcalltest.Fault{
	body(func(body string) deepcalltest.Fault { return deepcalltest.Status(401, nil, body) }),
	fault(deepcalltest.Code(1014, "")),
	fault(deepcalltest.CutShort()),
	fault(deepcalltest.LostAnswer()),
	body(func(body string) deepcalltest.Fault {
		return deepcalltest.Status(429, http.Header{"Retry-After": {url.QueryEscape(body)}}, "")
	}),
}

// misbehave answers each agent as its number says.
func misbehave(r deepcalltest.Request) deepcalltest.Fault {
	n, err := strconv.Atoi(r.AgentIDs[0])
	if err != nil {
		return nil
	}
	return slices.Concat(faulty, stops)[n](r)
}

func fault(f deepcalltest.Fault) func(deepcalltest.Request) deepcalltest.Fault {
	return func(deepcalltest.Request) deepcalltest.Fault { return f }
}

func body(f func(body string) deepcalltest.Fault) func(deepcalltest.Request) deepcalltest.Fault {
	return func(r deepcalltest.Request) deepcalltest.Fault { return f(string(r.Body)) }
}

// answer is a body with the secret, and maybe the agent.
func answer(format string) func(deepcalltest.Request) deepcalltest.Fault {
	return func(r deepcalltest.Request) deepcalltest.Fault {
		return deepcalltest.Body(200, fmt.Sprintf(format+"%.0[2]s", secretOf(r), r.AgentIDs[0]))
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

// configuration has an agent for each of the faults. The one that is accepted
// comes first, since a run that nothing was accepted in gives up early.
func (w way) configuration() string {
	settings := []string{w.block, "batch_size = 1", "max_concurrent_requests = 4", "max_retries = 1"}
	text := provider(settings...) + live("ok", "0") + fmt.Sprintf(`resource "deepcall_agent_cad" "a" {
  for_each         = toset([for n in range(1, %d) : tostring(n)])
  agent_ids        = [each.key]
  unset_on_removal = true
  depends_on       = [deepcall_agent_cad.ok]
}
`, len(faulty))
	for i := range stops {
		agent := strconv.Itoa(len(faulty) + i)
		text += provider(append(settings, "alias = \"of"+agent+"\"")...) + live("of"+agent, agent, "provider = deepcall.of"+agent)
	}
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
			w := newWorkspace(t, api.URL(), way.configuration())
			maps.Copy(w.Env, way.env)
			w.Env["TF_LOG"], w.Env["TF_LOG_PROVIDER"], w.Env["TF_LOG_PATH"] = "TRACE", "TRACE", w.Path("log")
			holdsNoCanary(t, w, w.Exits(0, "plan", "-out=tfplan"), way)

			api.FailWhen(misbehave)
			o := w.Exits(1, "apply", "-auto-approve")
			holdsNoCanary(t, w, o, way)
			o.Says(t, "(hidden, because it contains a credential)", "Redirect refused", "Unreadable answer", "HTTP 500", "code 1521", "code 1014", "HTTP 400")

			api.FailWhen(nil)
			holdsNoCanary(t, w, w.Exits(0, "apply", "-auto-approve"), way)
			holdsNoCanary(t, w, w.Exits(0, "show", "-json"), way)
			api.FailWhen(misbehave)
			holdsNoCanary(t, w, w.Exits(1, "destroy", "-auto-approve"), way)

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
func holdsNoCanary(t *testing.T, w *clitest.Test, o clitest.Result, way way) {
	t.Helper()
	noCanary(t, "the output of "+o.Args, o.Output)
	dir := os.DirFS(w.Dir)
	err := fs.WalkDir(dir, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		if entry.Name() == "tfplan" {
			if !way.planned {
				noCanaryInPlan(t, w.Path(path))
			}
			return nil
		}
		text, err := fs.ReadFile(dir, path)
		noCanary(t, path, string(text))
		return err
	})
	must(t, err)
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
