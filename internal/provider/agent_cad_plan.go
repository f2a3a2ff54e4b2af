package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// ModifyPlan changes nothing. It rejects what validation cannot see and what
// contradicts another resource, warns of what a user may not expect, and leaves
// a note in case the create is half of a replacement.
func (r *agentCAD) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, state agentCADModel
	isNew := req.State.Raw.IsNull()
	if !isNew {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	prior := state.agents()
	if req.Plan.Raw.IsNull() {
		// Whatever state holds, this is not the destroy half of a replacement.
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, noteKey, nil)...)
		if state.UnsetOnRemoval.ValueBool() {
			r.planRemovals(prior, prior.ids, nil, &resp.Diagnostics)
		} else { // in an apply, the destroy of a deposed object is planned when its replacement has been created
			resp.Diagnostics.Append(agentsKeepCAD(prior.path(), "false in state", r.provider.run.not(deepcall.Set, prior.ids)))
		}
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(plan.checkOne(true)...)
	if resp.Diagnostics.HasError() {
		return
	}
	planned, known := plan.list()
	if known && len(planned.ids) == 0 {
		resp.Diagnostics.Append(emptyAgents(planned.path(), true)) // with ignore_changes of single labels
		return
	}
	resp.Diagnostics.Append(largeSet(planned))
	if isNew {
		resp.Diagnostics.Append(leaveNote(ctx, resp.Private, plan, planned, known)...)
		return
	}
	if !known {
		return
	}
	leave, stay := prior.without(planned.ids), []string(nil)
	if !plan.sendsAgain(state) {
		stay = prior.without(leave)
	}
	if !plan.UnsetOnRemoval.ValueBool() {
		if !plan.UnsetOnRemoval.IsUnknown() {
			resp.Diagnostics.Append(agentsKeepCAD(planned.path(), "false", leave))
		}
		leave = nil
	}
	r.planRemovals(planned, leave, stay, &resp.Diagnostics)
}

// planRemovals compares the plan with those of the other resources.
func (r *agentCAD) planRemovals(list agentList, leave, stay []string, diags *diag.Diagnostics) {
	conflicts, removals := r.provider.run.plan(leave, stay)
	diags.Append(removedAndListed(list.path(), conflicts))
	if removals > 0 {
		diags.Append(tooManyRemovals(list.path(), removals, r.provider.run.maxRemovals))
	}
}
