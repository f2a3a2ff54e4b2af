package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/deepcall/terraform-provider-deepcall/internal/roster"
)

// When Terraform replaces a resource, it hands the private data that the plan of
// the create half wrote to the destroy half, too. So every plan of a create
// leaves a note, in case there is something to destroy first: a tainted
// resource is planned without its prior state. The note does not reach state,
// since the framework starts a new resource with empty private data.

// noteKey is the note's key in the private data.
const noteKey = "replacement"

// note tells the destroy half of a replacement what the new object is.
type note struct {
	UnsetOnRemoval *bool    `json:"unset_on_removal,omitempty"` // nil: unknown
	AgentIDs       []string `json:"agent_ids,omitempty"`        // unless UnsetOnRemoval is false
	Key            string   `json:"key,omitempty"`              // of what is left on, for the create half
}

// noteFor is the note in the plan of a create, nil for none: agents that are not
// known at plan cannot be protected, so then the destroy half is a destroy like
// any other.
func noteFor(plan agentCADModel, planned agentList) []byte {
	var n note
	unsets := plan.UnsetOnRemoval
	if !unsets.IsUnknown() {
		n.UnsetOnRemoval = new(unsets.ValueBool())
	}
	if unsets.IsUnknown() || unsets.ValueBool() {
		if planned.unknown {
			return nil
		}
		n.AgentIDs = planned.ids
	}
	if !planned.unknown {
		n.Key = replacementKey(planned.ids)
	}
	text, _ := json.Marshal(n) // of strings and a bool
	return text
}

// readNote returns the note, an empty one where there is none.
func readNote(text []byte, diags *diag.Diagnostics) (n note) {
	if len(text) == 0 {
		return n
	}
	if err := json.Unmarshal(text, &n); err != nil {
		diags.AddError("Unreadable private data", fmt.Sprintf("The plan's note about a replacement cannot be used: %v. "+
			"Create a new plan. If that does not help, please report a bug in the provider.", err))
	}
	return n
}

// leaving returns those of the prior agents that a destroy disables. unsets is
// unset_on_removal in state. If the note is of a new object, agents that it lists
// stay on, and its unset_on_removal decides, unless that is unknown.
func (n note) leaving(prior []string, unsets bool) []string {
	if n.UnsetOnRemoval != nil {
		unsets = *n.UnsetOnRemoval
	}
	if !unsets {
		return nil
	}
	return without(prior, n.AgentIDs)
}

// replacementKey identifies a replacement to both halves, by the agents of the
// new object.
func replacementKey(ids []string) string {
	sum := sha256.Sum256([]byte(roster.Pack(ids, nil)))
	return hex.EncodeToString(sum[:8])
}
