package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// However many errors name no agent: each is reported, and once every agent was
// confirmed, none of them fails the apply.
func TestManyErrorsWithoutAnAgent(t *testing.T) {
	var o outcome
	for i := range 2 * maxReasons {
		o.Failures = append(o.Failures, deepcall.Failure{Err: &deepcall.AgentlessError{Message: fmt.Sprint("Quota ", i)}})
	}
	for _, o.asked = range [][]string{nil, {"1"}} {
		diags := new(providerData).report(creating, path.Root("agent_ids"), 1, o)
		failed := len(o.asked) > 0
		if diags.HasError() != failed || len(diags) != 2*maxReasons || diags[maxReasons].Summary() != "Error without an agent" {
			t.Errorf("%d agents: %d diagnostics: %v", len(o.asked), len(diags), diags)
		}
	}
}
