package examples

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/deepcall/terraform-provider-deepcall/internal/provider"
)

// actionProblems finds actions that the provider does not have, and arguments
// that they do not have. Most CLIs know no actions, so nothing else may read
// these samples; those that do know them check the rest.
func actionProblems(t *testing.T, body *hclsyntax.Body) (problems []string) {
	t.Helper()
	schemas, err := providerserver.NewProtocol6(provider.New("test"))().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	must(t, err)
	for _, b := range blocksOf(body, "action") {
		s, ok := schemas.ActionSchemas[b.Labels[0]]
		if !ok {
			problems = append(problems, "no action "+b.Labels[0])
			continue
		}
		configs := blocksOf(b.Body, "config")
		if len(configs) != 1 {
			problems = append(problems, b.Labels[0]+" without config")
			continue
		}
		for name := range configs[0].Body.Attributes {
			if !slices.ContainsFunc(s.Schema.Block.Attributes, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == name }) {
				problems = append(problems, fmt.Sprintf("%s has no %s", b.Labels[0], name))
			}
		}
	}
	return problems
}

// untriggered are the addresses of actions that are there to be invoked by hand.
func untriggered(text string, body *hclsyntax.Body) (addresses []string) {
	for _, b := range blocksOf(body, "action") {
		addresses = append(addresses, "action."+strings.Join(b.Labels, "."))
	}
	for _, trigger := range triggers(body) {
		if a := trigger.Body.Attributes["actions"]; a != nil {
			triggered := regexp.MustCompile(`[\w.-]+`).FindAllString(source(text, a.Expr), -1)
			addresses = slices.DeleteFunc(addresses, func(a string) bool { return slices.Contains(triggered, a) })
		}
	}
	return addresses
}

// triggers are the blocks action_trigger of all resources.
func triggers(body *hclsyntax.Body) (found []*hclsyntax.Block) {
	for _, r := range blocksOf(body, "resource") {
		for _, lifecycle := range blocksOf(r.Body, "lifecycle") {
			found = append(found, blocksOf(lifecycle.Body, "action_trigger")...)
		}
	}
	return found
}

// withoutActions takes out actions and what triggers them.
func withoutActions(text string, body *hclsyntax.Body) string {
	var ranges []hcl.Range
	for _, b := range slices.Concat(blocksOf(body, "action"), triggers(body)) {
		ranges = append(ranges, b.Range())
	}
	return without(text, ranges...)
}

func TestActions(t *testing.T) {
	const action = `
action "deepcall_agent_cad_set" "a" {
  config {
    agent_ids = ["1"]
  }
}
`
	const triggered = action + `
resource "terraform_data" "t" {
  lifecycle {
    action_trigger {
      events  = [before_update]
      actions = [action.deepcall_agent_cad_set.a]
    }
  }
}
`
	for _, c := range []struct{ from, to, want string }{
		{"", "", ""},
		{"agent_cad_set", "agent_cad", "no action deepcall_agent_cad"},
		{"agent_ids = ", "triggers = {}\n    agent_ids = ", "deepcall_agent_cad_set has no triggers"},
		{"config {", "configuration {", "deepcall_agent_cad_set without config"},
	} {
		text := strings.Replace(triggered, c.from, c.to, 1)
		if got := strings.Join(actionProblems(t, parse(t, "main.tf", text)), "; "); got != c.want {
			t.Errorf("problems %q, want %q", got, c.want)
		}
	}
	for text, want := range map[string]int{triggered: 0, action: 1} {
		if got := untriggered(text, parse(t, "main.tf", text)); len(got) != want {
			t.Errorf("%q count as invoked by hand in%s", got, text)
		}
	}
	if got := withoutActions(triggered, parse(t, "main.tf", triggered)); strings.Contains(got, "action") || !strings.Contains(got, "lifecycle") {
		t.Errorf("without actions it is %s", got)
	}
}
