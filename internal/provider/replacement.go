package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
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

// privateData is the framework's, whose type has no name outside it.
type privateData interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// leaveNote is part of the plan of a create. Agents that are not known at plan
// cannot be protected, so then the destroy half is a destroy like any other.
func leaveNote(ctx context.Context, private privateData, plan agentCADModel, planned agentList, known bool) diag.Diagnostics {
	var n note
	if !plan.UnsetOnRemoval.IsUnknown() {
		n.UnsetOnRemoval = new(plan.UnsetOnRemoval.ValueBool())
	}
	switch {
	case n.UnsetOnRemoval != nil && !*n.UnsetOnRemoval:
	case known:
		n.AgentIDs = planned.ids
	default:
		return nil
	}
	if known {
		n.Key = replacementKey(planned.ids)
	}
	text, _ := json.Marshal(n) // of strings and a bool
	return private.SetKey(ctx, noteKey, text)
}

// leaving returns the agents that the destroy half disables: those that the new
// object does not list, if unset_on_removal is true there or, as long as that is
// unknown, in state.
func (n *note) leaving(prior agentList, unsetsInState bool) []string {
	unsets := unsetsInState
	if n.UnsetOnRemoval != nil {
		unsets = *n.UnsetOnRemoval
	}
	if !unsets {
		return nil
	}
	return prior.without(n.AgentIDs)
}

// takeNote returns the note, nil where there is none, and removes it: what a
// failed destroy leaves in state must not look like a replacement later.
func takeNote(ctx context.Context, private privateData, diags *diag.Diagnostics) *note {
	text, problems := private.GetKey(ctx, noteKey)
	diags.Append(problems...)
	if len(text) == 0 {
		return nil
	}
	diags.Append(private.SetKey(ctx, noteKey, nil)...)
	n := &note{}
	if err := json.Unmarshal(text, n); err != nil {
		diags.AddError("Unreadable private data", fmt.Sprintf("The plan's note about a replacement cannot be used: %v. "+
			"Create a new plan. If that does not help, please report a bug in the provider.", err))
	}
	return n
}

// replacementKey identifies a replacement to both halves, by the agents of the
// new object.
func replacementKey(ids []string) string {
	h := fnv.New64a()
	for _, id := range ids {
		_, _ = fmt.Fprintf(h, "%q", id)
	}
	return fmt.Sprintf("%x", h.Sum64())
}
