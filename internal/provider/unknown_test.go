package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// Agents that another resource gives are unknown to the plan; the apply has
// them. given is that resource's output.
func TestAgentsUnknownAtPlan(t *testing.T) {
	t.Parallel()
	const given = "terraform_data.given.output"
	for name, c := range map[string]struct {
		attribute, value string
		unknownAt        tfjsonpath.Path
		state            statecheck.StateCheck
	}{
		"set":         {"agent_ids", given + ".ids", tfjsonpath.New("agent_ids"), holds(resourceA, "1", "14")},
		"one element": {"agent_ids", `["1", ` + given + `.id]`, tfjsonpath.New("agent_ids"), holds(resourceA, "1", "14")},
		"map":         {"agents", given + ".labels", tfjsonpath.New("agents"), hasLabels(map[string]string{"1": "Ada", "14": "Bob"})},
		"one label": {
			"agents", `{ "1" = "Ada", "14" = ` + given + `.name }`, tfjsonpath.New("agents").AtMapKey("14"),
			hasLabels(map[string]string{"1": "Ada", "14": "Bob"}),
		},
		"one key": {
			"agents", `{ "1" = "Ada", (` + given + `.id) = "Bob" }`, tfjsonpath.New("agents"),
			hasLabels(map[string]string{"1": "Ada", "14": "Bob"}),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := deepcalltest.Start(t)
			source := `
resource "terraform_data" "given" {
  input = { id = "14", ids = ["1", "14"], name = "Bob", labels = { "1" = "Ada", "14" = "Bob" } }
}
`
			check := plancheck.ExpectUnknownValue(resourceA, c.unknownAt)
			if name == "one element" {
				// A set with an unknown element has it in the JSON plan as an
				// element, which has no address.
				check = does(plancheck.ResourceActionCreate)
			}
			run(t, api, step{
				config: config(api, ssid, source, cad("a", c.attribute+" = "+c.value)),
				plan:   []plancheck.PlanCheck{check},
				sends:  []string{"setCad 1 14"},
				state:  []statecheck.StateCheck{c.state},
			})
		})
	}
}

// A roster from a file, as the documentation has it.
func TestRosterFromCSV(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	roster := func(csv string) string {
		return config(api, ssid, cad("a", `agents = { for r in csvdecode("agentId,name\n`+csv+`") : r.agentId => r.name }`))
	}
	run(t, api, step{
		about:  "create",
		config: roster(`1,Ada\n14,\"Bob, night shift\"\n`),
		sends:  []string{"setCad 1 14"},
		state:  []statecheck.StateCheck{hasLabels(map[string]string{"1": "Ada", "14": "Bob, night shift"})},
	}, step{
		about:  "one is new, one has another name",
		config: roster(`1,Ada L.\n14,\"Bob, night shift\"\n27,\n`),
		sends:  []string{"setCad 27"},
		state:  []statecheck.StateCheck{hasLabels(map[string]string{"1": "Ada L.", "14": "Bob, night shift", "27": ""})},
	})
}
