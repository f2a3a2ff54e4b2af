package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// However many errors name no agent: once every agent was confirmed, none of them
// fails the apply.
func TestManyErrorsWithoutAnAgent(t *testing.T) {
	var o outcome
	for i := range 2 * maxReasons {
		o.Failures = append(o.Failures, deepcall.Failure{Err: &deepcall.AgentlessError{Message: fmt.Sprint("Quota ", i)}})
	}
	if diags := new(providerData).report(creating, path.Root("agent_ids"), 1, o); diags.HasError() || len(diags) != 2*maxReasons {
		t.Errorf("%d diagnostics: %v", len(diags), diags)
	}
}
