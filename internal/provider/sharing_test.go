package provider_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// forEach is a resource for each of the agents.
func forEach(ids []string, attributes ...string) string {
	return cad("each", append([]string{
		fmt.Sprintf("  for_each  = toset([%s])\n  agent_ids = [each.key]", quoted(ids)),
	}, attributes...)...)
}

// Agents that are waiting while a request is in flight share the next one.
func TestRequestsAreShared(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t, deepcalltest.WithLatency(200*time.Millisecond))
	twenty := numbered(1, 20)
	few := func() {
		// Terraform works on ten resources at a time: one that comes first, the
		// nine behind it, and what those release.
		if n := len(api.Requests()); n > 10 {
			t.Errorf("twenty resources took %d requests: %q", n, requests(api))
		}
		equal(t, "most requests at a time", api.MaxInFlight(), 1)
	}
	const uncertain = "it depends on the moment at which Terraform comes to each resource"
	run(t, api, step{
		about:     "create",
		config:    config(api, ssid, forEach(twenty, unsets)),
		uncertain: uncertain,
		after: func() {
			few()
			equal(t, "agents with CAD", len(api.Enabled()), 20)
		},
	}, step{
		about:     "destroy",
		config:    config(api, ssid, forEach(twenty, unsets)),
		destroy:   true,
		uncertain: uncertain,
		after: func() {
			few()
			equal(t, "agents with CAD", len(api.Enabled()), 0)
		},
	})
}

// A request that is refused as a whole for one agent's sake fails for nobody
// else.
func TestOneBadAgentFailsAlone(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t, deepcalltest.WithLatency(20*time.Millisecond))
	api.SetWholeRefusal("7")
	all := config(api, ssid, forEach(numbered(1, 20)))
	run(t, api, step{
		about:     "create",
		config:    all,
		fails:     []string{"Request refused", `with ` + agentCAD + `.each["7"],`, "CAD was not enabled for 1 agent: the API reported code 1000: invalid parameter.", "Agents: 7"},
		uncertain: "it depends on who rides with 7",
		after:     func() { equal(t, "agents with CAD", len(api.Enabled()), 19) },
	}, step{
		about:  "the others are done",
		before: func() { api.SetWholeRefusal() },
		config: all,
		sends:  []string{"setCad 7"},
		plan:   []plancheck.PlanCheck{plancheck.ExpectResourceAction(agentCAD+`.each["1"]`, plancheck.ResourceActionNoop)},
	}, step{
		// plugin-testing's own destroy at the end cannot read a for_each.
		about:   "destroy",
		config:  all,
		destroy: true,
	})
}
