package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// refuse refuses the agents, each for one of so many reasons.
func refuse(reasons int, ids ...string) func(*deepcalltest.Server) {
	return func(api *deepcalltest.Server) {
		for i, id := range ids {
			api.Refuse(fmt.Sprintf("Reason %d", i%reasons+1), id)
		}
	}
}

// TestReasons refuses agents in numbers: one error for each reason, as long as
// they are few, and each with as many IDs as one reads.
func TestReasons(t *testing.T) {
	t.Parallel()
	create := func(name string, from form, reasons int, ids, refused []string) operation {
		return operation{name: name, config: from.with(ids), before: refuse(reasons, refused...), sends: []string{
			"setCad " + strings.Join(slices.Sorted(slices.Values(ids)), " "),
		}}
	}
	others := []string{"b", "a-1", "007", "10", "9", "1e3", "a 2", "Ä"}
	operations(t, "reasons", []operation{
		create("twenty agents", set, 1, numbered(1, 20), numbered(1, 20)),
		create("twenty-one agents", set, 1, numbered(1, 21), numbered(1, 21)),
		create("IDs in the order in which people count", set, 1, others, others),
		create("labelled agents", labelled, 2, numbered(1, 4), numbered(1, 4)),
		create("ten reasons", set, 10, numbered(1, 20), numbered(1, 20)),
		create("eleven reasons", set, 11, numbered(1, 22), numbered(1, 22)),
		create("forty reasons", set, 40, numbered(1, 120), numbered(1, 120)),
	})
}

// Of 600 agents 300 are refused for one reason: one error, on one screen, and
// the others are in state.
func TestHalfOfManyRefused(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	refused, rest := numbered(1001, 1300), numbered(1301, 1600)
	api.Refuse("Invalid AgentID", refused...)
	all := config(api, ssid, cad("a", set.hcl(numbered(1001, 1600)...)))
	var text string
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){"deepcall": newServer},
		ErrorCheck: func(err error) error { // asked where an error is not expected
			text += err.Error()
			return nil
		},
		Steps: []resource.TestStep{
			{Config: all},
			{
				PreConfig: func() { api.Accept(refused...) },
				Config:    config(api, ssid, cad("a", set.hcl(rest...))),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					held(rest...),
				}},
			},
		},
	})
	equal(t, "errors", strings.Count(text, "Error: "), 1)
	if lines := strings.Count(text, "\n"); lines >= 30 {
		t.Errorf("the error has %d lines:\n%s", lines, text)
	}
	wanted := []string{
		"Error: Agents refused", "CAD was not enabled for 300 of 600 agents: Invalid AgentID.",
		"Agents: 1001, 1002,", "1020 and 280 more", "300 agents in state.",
	}
	if !phrases(wanted).MatchString(text) {
		t.Errorf("the error does not say %q:\n%s", wanted, text)
	}
	equal(t, "agents with CAD", api.Enabled(), rest)
	sentSizes := func() (out []int) {
		for _, r := range api.Requests() {
			out = append(out, len(r.AgentIDs))
		}
		return out
	}
	equal(t, "agents in each request", sentSizes(), []int{500, 100, 300})
}
