//go:build unix

package acceptance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// block is a provider block for the server, with further lines.
func block(baseURL string, lines ...string) string {
	return fmt.Sprintf("provider \"deepcall\" {\n  base_url = %q\n  %s\n}\n", baseURL, strings.Join(lines, "\n  "))
}

// cad is a resource with further lines.
func cad(name string, agents []string, lines ...string) string {
	return fmt.Sprintf("resource \"deepcall_agent_cad\" %q {\n  agent_ids = [%s]\n  %s\n}\n", name, quoted(agents), strings.Join(lines, "\n  "))
}

func quoted(ids []string) string {
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", id)
	}
	return b.String()
}

// ids are n agents from first on, in the order of texts.
func ids(first, n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("%04d", first+i))
	}
	return out
}

// sends checks what has arrived since the last look: one line a request, the
// endpoint and its agents in their order.
func sends(t *testing.T, api *deepcalltest.Server, want ...string) {
	t.Helper()
	var got []string
	for _, r := range api.Requests() {
		got = append(got, r.Endpoint+" "+strings.Join(sorted(r.AgentIDs), " "))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("requests:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
	api.ResetRequests()
}

// sentToSet are all agents that setCad was asked for since the last look,
// sorted, and an agent as often as it was sent.
func sentToSet(api *deepcalltest.Server) (agents []string) {
	for _, r := range api.Requests() {
		if r.Endpoint == "setCad" {
			agents = append(agents, r.AgentIDs...)
		}
	}
	return sorted(agents)
}

// confirmed are the agents that answers to setCad have confirmed.
func confirmed(api *deepcalltest.Server) (agents []string) {
	for _, r := range api.Requests() {
		if r.Endpoint == "setCad" {
			agents = append(agents, r.Confirmed...)
		}
	}
	return sorted(agents)
}

func sorted(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return ids
}
