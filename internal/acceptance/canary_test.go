//go:build unix

package acceptance_test

import (
	"archive/zip"
	"fmt"
	"io/fs"
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

// answers hold the credential, and maybe the agent.
var answers = []string{
	`{"status":"error","code":SECRET,"message":""}`,
	`{"status":"success","data":{"updatedAgents":[],"errors":[{"message":SECRET}]}}`,
	`{"status":"success","data":{"updatedAgents":[{"agentId":SECRET,"status":"success"}]}}`,
	`{"status":"success","data":{"updatedAgents":[{"agentId":"AGENT","status":SECRET}]}}`,
	`{"status":"success","data":{"errors":[{"agentId":"AGENT","message":SECRET}]}}`,
	`{"status":"success","data":{"updatedAgents":{SECRET:1}}}`,
	`{"ssid":SECRET}`,
	`{"ssid":SECRET}]`,
}

// faultsWith bring a credential back, or show what else may bring it to light.
// After stops, a run sends nothing more, or less.
func faultsWith(secret string) (faults, stops []deepcalltest.Fault) {
	faults = append(faults, nil) // a run that nothing was accepted in gives up early
	for _, text := range answers {
		filled := strings.NewReplacer("SECRET", strconv.Quote(secret), "AGENT", strconv.Itoa(len(faults))).Replace(text)
		faults = append(faults, deepcalltest.Body(200, filled))
	}
	for _, e := range []deepcalltest.Encoding{deepcalltest.Raw, deepcalltest.JSONEscaped, deepcalltest.URLEncoded, deepcalltest.HTMLEscaped} {
		faults = append(faults, deepcalltest.Echo(e), deepcalltest.EchoBadRequest(e))
	}
	for _, location := range []string{
		"https://elsewhere.invalid/?ssid=" + url.QueryEscape(secret), "/" + url.PathEscape(secret) + "/x",
		"https://u:" + url.QueryEscape(secret) + "@elsewhere.invalid/", "https://elsewhere.invalid/ " + secret,
	} {
		faults = append(faults, deepcalltest.Redirect(location, 307))
	}
	faults = append(faults, deepcalltest.RefuseOnce("Invalid AgentID"), deepcalltest.Status(500, nil, secret))
	return faults, []deepcalltest.Fault{
		deepcalltest.Status(401, nil, secret),
		deepcalltest.Code(1014, ""),
		deepcalltest.Status(429, http.Header{"Retry-After": {url.QueryEscape(secret)}}, ""),
		deepcalltest.CutShort(),
		deepcalltest.LostAnswer(),
	}
}

// way is how a user gives a credential. Those that stand in a configuration, or
// come as a variable that is not ephemeral, are in plan files by the CLI's own
// doing, whatever a provider does.
type way struct {
	block     string // lines of the provider block and variables after it
	variables []string
	secret    string
	in        string // its environment variable
	planned   bool   // plan files hold it
}

var ways = map[string]way{
	"ssid in the environment":  {secret: canary("ssid"), in: "DEEPCALL_SSID"},
	"token in the environment": {secret: canary("token"), in: "DEEPCALL_TOKEN", block: `user_id = "u-1"`},
	"token as a sensitive variable": {
		block: "user_id = \"u-1\"\n  token = var.secret", variables: []string{"sensitive = true"},
		secret: canary("token"), in: "TF_VAR_secret", planned: true,
	},
	"ssid as an ephemeral variable": {
		block: "ssid = var.secret", variables: []string{"sensitive = true", "ephemeral = true"},
		secret: canary("ssid"), in: "TF_VAR_secret",
	},
}

// configuration has an agent for each of the faults, its index, and then for each
// of the stops, with a provider block, and so a run, of its own. The agent that
// is accepted comes first.
func (w way) configuration(faults, stops int) string {
	settings := []string{w.block, "batch_size = 1", "max_concurrent_requests = 4", "max_retries = 1"}
	text := provider(settings...) + live("ok", "0") + fmt.Sprintf(`resource "deepcall_agent_cad" "a" {
  for_each         = toset([for n in range(1, %d) : tostring(n)])
  agent_ids        = [each.key]
  unset_on_removal = true
  depends_on       = [deepcall_agent_cad.ok]
}
`, faults)
	for i := range stops {
		name := fmt.Sprintf("stop%d", i)
		text += provider(append(settings, fmt.Sprintf("alias = %q", name))...) + live(name, strconv.Itoa(faults+i), "provider = deepcall."+name)
	}
	if w.variables != nil {
		text += "variable \"secret\" {\n  type = string\n  " + strings.Join(w.variables, "\n  ") + "\n}\n"
	}
	return text
}

func TestCanary(t *testing.T) {
	t.Parallel()
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if slices.Contains(way.variables, "ephemeral = true") && !box.Version.HasEphemeral() {
				t.Skipf("%s knows no ephemeral variables", box.Version.Line)
			}
			api := deepcalltest.Start(t)
			faults, stops := faultsWith(way.secret)
			misbehave := func(r deepcalltest.Request) deepcalltest.Fault {
				n, _ := strconv.Atoi(r.AgentIDs[0])
				return slices.Concat(faults, stops)[n]
			}
			w := newWorkspace(t, api.URL(), way.configuration(len(faults), len(stops)))
			w.Env["DEEPCALL_SSID"], w.Env[way.in] = "", way.secret
			w.Env["TF_LOG"], w.Env["TF_LOG_PROVIDER"], w.Env["TF_LOG_PATH"] = "TRACE", "TRACE", w.Path("log")
			holdsNoCanary(t, w, w.Exits(0, "plan", "-out=saved.plan"), way)

			api.FailWhen(misbehave)
			o := w.Exits(1, "apply", "-auto-approve")
			holdsNoCanary(t, w, o, way)
			if n := len(slices.Compact(askedOf(api, "setCad"))); n != len(faults)+len(stops) {
				t.Errorf("%d agents were sent, want all", n)
			}
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
	noCanaryIn(t, w, ".", os.DirFS(w.Dir), way)
}

func noCanaryIn(t *testing.T, w *clitest.Test, where string, files fs.FS, way way) {
	t.Helper()
	must(t, fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		isPlan := entry.Name() == "saved.plan"
		if err != nil || !entry.Type().IsRegular() || isPlan && way.planned {
			return err
		}
		if isPlan { // an archive
			plan, err := zip.OpenReader(w.Path(path))
			must(t, err)
			noCanaryIn(t, w, path, plan, way)
			return plan.Close()
		}
		text, err := fs.ReadFile(files, path)
		noCanary(t, where+"/"+path, string(text))
		return err
	}))
}

func noCanary(t *testing.T, where, text string) {
	t.Helper()
	for _, piece := range []string{canaryHead, canaryTail} {
		if at := strings.Index(text, piece); at >= 0 {
			t.Errorf("%s shows a credential: …%s…", where, text[max(0, at-200):min(len(text), at+100)])
		}
	}
}
