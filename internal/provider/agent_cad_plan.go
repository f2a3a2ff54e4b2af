package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// sizeOfLargeSet is where comparing a set costs Terraform seconds.
const sizeOfLargeSet = 2000

// ModifyPlan changes nothing. It warns of what a user may not expect, and only
// where the plan is known well enough to be sure.
func (r *agentCAD) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, state agentCADModel
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	prior := state.agents()
	if req.Plan.Raw.IsNull() {
		if !state.UnsetOnRemoval.ValueBool() {
			resp.Diagnostics.Append(agentsKeepCAD(prior.path(), prior.ids))
		}
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	planned, known := agentsOf(plan.AgentIDs, plan.Agents)
	if n := len(planned.ids); n > sizeOfLargeSet && !planned.labeled {
		resp.Diagnostics.Append(largeSet(planned.path(), n))
	}
	if !known || plan.UnsetOnRemoval.IsUnknown() || plan.UnsetOnRemoval.ValueBool() {
		return
	}
	if leave := prior.without(planned.ids); len(leave) > 0 {
		resp.Diagnostics.Append(agentsKeepCAD(planned.path(), leave))
	}
}
