package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

func TestLifecycle(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		api := deepcalltest.Start(t)
		with := func(attributes ...string) string { return config(api, ssid, cad("a", attributes...)) }
		const unset = "  unset_on_removal = true\n"
		create := []plancheck.PlanCheck{does(plancheck.ResourceActionCreate)}
		inPlace := []plancheck.PlanCheck{does(plancheck.ResourceActionUpdate)}
		run(t, api, step{
			about:  "create",
			config: with(f.hcl("1", "14")),
			plan:   create,
			sends:  []string{"setCad 1 14"},
			state:  []statecheck.StateCheck{f.holds("1", "14")},
		}, step{
			about:  "an agent is new",
			config: with(f.hcl("1", "14", "27")),
			plan:   inPlace,
			sends:  []string{"setCad 27"},
			state:  []statecheck.StateCheck{f.holds("1", "14", "27")},
		}, step{
			about:  "an agent leaves and keeps CAD",
			config: with(f.hcl("14", "27")),
			plan:   inPlace,
			state:  []statecheck.StateCheck{f.holds("14", "27")},
		}, step{
			about:  "unset_on_removal alone",
			config: with(f.hcl("14", "27"), unset),
			plan:   inPlace,
		}, step{
			about:  "an agent leaves and loses CAD",
			config: with(f.hcl("27"), unset),
			plan:   inPlace,
			sends:  []string{"unsetCad 14"},
			state:  []statecheck.StateCheck{f.holds("27")},
		}, step{
			about:  "one comes, one goes",
			config: with(f.hcl("5"), unset),
			plan:   inPlace,
			sends:  []string{"setCad 5", "unsetCad 27"},
			state:  []statecheck.StateCheck{f.holds("5")},
		}, step{
			about:  "a trigger is new",
			config: with(f.hcl("5"), unset, `  triggers = { release = "1" }`),
			plan:   inPlace,
			sends:  []string{"setCad 5"},
		}, step{
			about:  "a trigger changes while agents come and go",
			config: with(f.hcl("6", "7"), unset, `  triggers = { release = "2" }`),
			plan:   inPlace,
			sends:  []string{"setCad 6 7", "unsetCad 5"},
			state:  []statecheck.StateCheck{f.holds("6", "7")},
		}, step{
			about:  "the triggers go",
			config: with(f.hcl("6", "7"), unset),
			plan:   inPlace,
			sends:  []string{"setCad 6 7"},
		}, step{
			about:   "destroy",
			config:  with(f.hcl("6", "7"), unset),
			destroy: true,
			sends:   []string{"unsetCad 6 7"},
		})
		equal(t, "agents with CAD at the end", api.Enabled(), []string{"1"})
	})
}

// A destroy goes by the value of unset_on_removal in state, which is false
// unless the configuration has said otherwise.
func TestDestroyWithoutUnset(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		api := deepcalltest.Start(t)
		all := config(api, ssid, cad("a", f.hcl("1", "14")))
		run(t, api,
			step{about: "create", config: all, sends: []string{"setCad 1 14"}},
			step{about: "destroy", config: all, destroy: true})
		equal(t, "agents with CAD at the end", api.Enabled(), []string{"1", "14"})
	})
}

func TestMoveBetweenForms(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	const unset = "  unset_on_removal = true\n"
	with := func(attributes string) string { return config(api, ssid, cad("a", attributes+unset)) }
	run(t, api, step{
		about:  "create",
		config: with(set.hcl("1", "14")),
		sends:  []string{"setCad 1 14"},
	}, step{
		about:  "to labels",
		config: with(labelled.hcl("1", "14")),
		plan:   []plancheck.PlanCheck{does(plancheck.ResourceActionUpdate)},
		state:  []statecheck.StateCheck{labelled.holds("1", "14"), isNull("agent_ids")},
	}, step{
		about:  "another label",
		config: with("agents = {\n \"1\" = \"Ada\"\n \"14\" = \"\"\n}\n"),
		plan:   []plancheck.PlanCheck{does(plancheck.ResourceActionUpdate)},
		state:  []statecheck.StateCheck{hasLabels(map[string]string{"1": "Ada", "14": ""})},
	}, step{
		about:  "back to IDs",
		config: with(set.hcl("1", "14")),
		plan:   []plancheck.PlanCheck{does(plancheck.ResourceActionUpdate)},
		state:  []statecheck.StateCheck{holds(resourceA, "1", "14"), isNull("agents")},
	}, step{
		about:  "to labels while agents come and go",
		config: with(labelled.hcl("14", "27")),
		sends:  []string{"setCad 27", "unsetCad 1"},
		state:  []statecheck.StateCheck{labelled.holds("14", "27")},
	}, step{
		about:   "destroy",
		config:  with(labelled.hcl("14", "27")),
		destroy: true,
		sends:   []string{"unsetCad 14 27"},
	})
}

// The same agents in another order, one of them twice, are the same agents.
func TestOrderAndRepetitionDoNotMatter(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	run(t, api, step{
		about:  "create",
		config: config(api, ssid, cad("a", agentIDs("14", "1", "14"))),
		sends:  []string{"setCad 1 14"},
		state:  []statecheck.StateCheck{holds(resourceA, "1", "14")},
	}, step{
		about:  "in another order",
		config: config(api, ssid, cad("a", agentIDs("1", "14"))),
		plan:   []plancheck.PlanCheck{does(plancheck.ResourceActionNoop)},
	})
}
