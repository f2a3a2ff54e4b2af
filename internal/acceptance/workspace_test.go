//go:build unix

package acceptance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/clitest"
	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

var box *clitest.Box // tests only read it

func TestMain(m *testing.M) { clitest.Main(m, &box) }

// workspace is a configuration and its state. The credentials are in the
// environment.
type workspace struct {
	*clitest.Test
	t *testing.T
}

// newWorkspace writes the configuration and initializes it.
func newWorkspace(t *testing.T, configuration string) *workspace {
	t.Helper()
	w := &workspace{box.Test(t), t}
	w.Env["DEEPCALL_SSID"] = "a-session"
	w.configure(configuration)
	w.Exits(0, "init")
	return w
}

// configure replaces the configuration.
func (w *workspace) configure(configuration string) {
	w.t.Helper()
	w.Write("main.tf", "terraform {\n  required_providers {\n    deepcall = {\n      source = \"deepcall/deepcall\"\n    }\n  }\n}\n\n"+configuration)
}

// block is a provider block for the server, with further lines.
func block(baseURL string, lines ...string) string {
	return fmt.Sprintf("provider \"deepcall\" {\n  base_url = %q\n  %s\n}\n", baseURL, strings.Join(lines, "\n  "))
}

// cad is a resource with further lines.
func cad(name string, agents []string, lines ...string) string {
	return fmt.Sprintf("resource \"deepcall_agent_cad\" %q {\n  agent_ids = [%s]\n  %s\n}\n", name, quoted(agents), strings.Join(lines, "\n  "))
}

func quoted(ids []string) string {
	return `"` + strings.Join(ids, `", "`) + `"`
}

// ids are n agents from first on, in the order of texts.
func ids(first, n int) (agents []string) {
	for i := range n {
		agents = append(agents, fmt.Sprintf("%04d", first+i))
	}
	return agents
}

// apply runs without questions and must end with an exit code.
func (w *workspace) apply(code int, args ...string) clitest.Result {
	w.t.Helper()
	return w.Exits(code, append([]string{"apply", "-auto-approve"}, args...)...)
}

// unchanged checks that nothing is left to do.
func (w *workspace) unchanged() {
	w.t.Helper()
	w.Exits(0, "plan", "-detailed-exitcode")
}

// holds checks the agents of resource "a", the only one, which is not tainted.
func (w *workspace) holds(agents ...string) {
	w.t.Helper()
	w.lists(false, agents)
}

// holdsTainted checks the same for a resource that is.
func (w *workspace) holdsTainted(agents ...string) {
	w.t.Helper()
	w.lists(true, agents)
}

func (w *workspace) lists(tainted bool, agents []string) {
	w.t.Helper()
	state := w.State()
	if got := state["deepcall_agent_cad.a"]; len(state) > 1 || got.Tainted != tainted || !slices.Equal(got.Agents, agents) {
		w.t.Errorf("state is %+v, want in it agents %q, tainted: %t", state, agents, tainted)
	}
}

// on checks which agents have CAD.
func on(t *testing.T, api *deepcalltest.Server, agents ...string) {
	t.Helper()
	if got := api.Enabled(); !slices.Equal(got, agents) {
		t.Errorf("CAD is on for %q, want %q", got, agents)
	}
}

// sends checks what has arrived since the last look: one line for each request,
// the endpoint and its agents in order.
func sends(t *testing.T, api *deepcalltest.Server, want ...string) {
	t.Helper()
	var got []string
	for _, r := range api.Requests() {
		got = append(got, r.Endpoint+" "+strings.Join(slices.Sorted(slices.Values(r.AgentIDs)), " "))
	}
	if !slices.Equal(got, want) {
		t.Errorf("requests:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
	api.ResetRequests()
}

// sets checks which agents setCad was asked for since the last look, whichever
// requests they came in.
func sets(t *testing.T, api *deepcalltest.Server, want ...string) {
	t.Helper()
	var got []string
	for _, r := range api.Requests() {
		if r.Endpoint == "setCad" {
			got = append(got, r.AgentIDs...)
		}
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("setCad was asked for %q, want %q", got, want)
	}
	api.ResetRequests()
}

// soon is how long an interrupted or timed-out run may take to end.
const soon = 20 * time.Second

func endsSoon(t *testing.T, began time.Time) {
	t.Helper()
	if took := time.Since(began); took > soon {
		t.Errorf("it took %v to end", took)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
