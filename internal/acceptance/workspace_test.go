//go:build unix

package acceptance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/clitest"
	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

var box *clitest.Box // tests only read it

func TestMain(m *testing.M) { clitest.Main(m, &box) }

// newWorkspace has a configuration, which is initialized. The address of the API
// and the credentials are in the environment.
func newWorkspace(t *testing.T, baseURL, configuration string) *clitest.Test {
	t.Helper()
	w := box.Test(t)
	w.Env["DEEPCALL_BASE_URL"], w.Env["DEEPCALL_SSID"] = baseURL, "a-session"
	w.Write("terraform.tf", required)
	w.Write("main.tf", configuration)
	w.Exits(0, "init")
	return w
}

const required = `terraform {
  required_providers {
    deepcall = {
      source = "deepcall/deepcall"
    }
  }
}
`

// provider is a provider block.
func provider(lines ...string) string {
	return "provider \"deepcall\" {\n  " + strings.Join(lines, "\n  ") + "\n}\n"
}

// cad is a resource of these agents, with further lines.
func cad(name, agents string, lines ...string) string {
	return fmt.Sprintf("resource \"deepcall_agent_cad\" %q {\n  agent_ids = [%s]\n  %s\n}\n", name, quoted(strings.Fields(agents)), strings.Join(lines, "\n  "))
}

func quoted(ids []string) string { return `"` + strings.Join(ids, `", "`) + `"` }

// live is a resource whose agents lose CAD when they leave.
func live(name, agents string, lines ...string) string {
	return cad(name, agents, append(lines, unsets)...)
}

const (
	unsets      = "unset_on_removal = true"
	createFirst = "lifecycle {\n    create_before_destroy = true\n  }"
	replaceA    = "-replace=deepcall_agent_cad.a"
)

// inventory is the state in a line, such as "a 1 2; b tainted 3".
func inventory(state map[string]clitest.Resource) string {
	var lines []string
	for address, r := range state {
		name, ours := strings.CutPrefix(address, "deepcall_agent_cad.")
		if !ours {
			continue
		}
		line := strings.NewReplacer("(", "", ")", "").Replace(name)
		if r.Tainted {
			line += " tainted"
		}
		lines = append(lines, line+" "+strings.Join(r.Agents, " "))
	}
	slices.Sort(lines)
	return strings.Join(lines, "; ")
}

// off are the agents in state that have no CAD.
func off(state map[string]clitest.Resource, api *deepcalltest.Server) (ids []string) {
	for _, r := range state {
		for _, id := range r.Agents {
			if !slices.Contains(api.Enabled(), id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// askedOf are the agents that an endpoint was asked for since the last look, each
// as often as it was sent.
func askedOf(api *deepcalltest.Server, endpoint string) (ids []string) {
	for _, r := range api.Requests() {
		if r.Endpoint == endpoint {
			ids = append(ids, r.AgentIDs...)
		}
	}
	slices.Sort(ids)
	return ids
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
