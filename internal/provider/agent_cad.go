package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
	"github.com/deepcall/terraform-provider-deepcall/internal/roster"
)

// agentCAD is the resource deepcall_agent_cad. Its state lists the agents that
// the API has confirmed, and no others: every handler sends, records what was
// confirmed, and then reports what was not.
type agentCAD struct {
	provider *providerData
}

var (
	_ resource.ResourceWithConfigure      = (*agentCAD)(nil)
	_ resource.ResourceWithImportState    = (*agentCAD)(nil)
	_ resource.ResourceWithModifyPlan     = (*agentCAD)(nil)
	_ resource.ResourceWithValidateConfig = (*agentCAD)(nil)
)

// agentCADModel is the resource's configuration, plan or state.
type agentCADModel struct {
	agentsModel
	Triggers       types.Map    `tfsdk:"triggers"`
	UnsetOnRemoval types.Bool   `tfsdk:"unset_on_removal"`
	Timeouts       types.Object `tfsdk:"timeouts"`
}

func (m agentCADModel) agents() agentList {
	list, _ := m.list() // known wherever this is called
	return list
}

// sendsAgain reports whether the triggers ask for every agent to be sent again.
// None and an empty map are the same.
func (m agentCADModel) sendsAgain(prior agentCADModel) bool {
	some := len(m.Triggers.Elements())+len(prior.Triggers.Elements()) > 0
	return m.Triggers.IsUnknown() || some && !m.Triggers.Equal(prior.Triggers)
}

func (r *agentCAD) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "deepcall_agent_cad"
}

func (r *agentCAD) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.provider = dataOf(req.ProviderData)
}

// applied is what one apply did.
type applied struct {
	step           step
	prior, planned agentList
	set, unset     outcome
	dropped        []string // agents that leave without a request and keep CAD
}

// finish reports what was not confirmed, and returns what state is to list.
func (p *providerData) finish(a applied, diags *diag.Diagnostics) agentList {
	recorded := a.prior.record(a.planned, a.set.Confirmed, slices.Concat(a.dropped, a.unset.Confirmed, a.unset.Kept))
	if a.step == creating && len(recorded.ids) == 0 {
		a.step.inState = emptyState
	}
	diags.Append(agentsDiagnostic(a.unset.Kept, diag.NewAttributeWarningDiagnostic, a.planned.path(), "CAD left enabled",
		"CAD was left enabled for {agents}, because this run enabled it, through another resource, an action, or the replacement of this object: {ids}"))
	diags.Append(p.report(a.step, a.planned.path(), len(recorded.ids), a.set, a.unset)...)
	return recorded
}

func (r *agentCAD) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan agentCADModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	ctx, cancel := r.provider.begin(ctx, plan.Timeouts, "create", &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	planned := plan.agents()
	set := r.provider.send(ctx, deepcall.Set, planned.ids, nil)

	// Only now: until the set was sent, another resource may have disabled some.
	replaced := agentList{ids: r.provider.run.takeOver(replacementKey(planned.ids))}
	dropped := replaced.without(planned.ids)
	resp.Diagnostics.Append(agentsKeepCAD(planned.path(), "false", dropped))
	recorded := r.provider.finish(applied{step: creating, prior: replaced, planned: planned, set: set, dropped: dropped}, &resp.Diagnostics)
	if len(recorded.ids) > 0 {
		plan.agentsModel = recorded.model()
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	}
}

// Read keeps the state: no documented call tells whether an agent has CAD.
func (r *agentCAD) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r *agentCAD) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state agentCADModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ctx, cancel := r.provider.begin(ctx, plan.Timeouts, "update", &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	a := applied{step: updating, prior: state.agents(), planned: plan.agents()}
	send, leave := a.planned.without(a.prior.ids), a.prior.without(a.planned.ids)
	if plan.sendsAgain(state) {
		a.step, send = sendingAgain, a.planned.ids
	}
	a.set = r.provider.send(ctx, deepcall.Set, send, nil)
	if plan.UnsetOnRemoval.ValueBool() {
		a.unset = r.provider.send(ctx, deepcall.Unset, leave, nil)
	} else {
		a.dropped = leave
	}

	plan.agentsModel = r.provider.finish(a, &resp.Diagnostics).model()
	if a.step == sendingAgain && !a.set.done() {
		plan.Triggers = state.Triggers
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

func (r *agentCAD) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state agentCADModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	replacement := takeNote(ctx, resp.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	prior, unsets := state.agents(), state.UnsetOnRemoval.ValueBool()
	a := applied{step: destroying, prior: prior, planned: prior}
	leave := prior.ids
	if replacement != nil {
		a.step, leave = replacing, prior.without(replacement.AgentIDs)
		if replacement.UnsetOnRemoval != nil {
			unsets = *replacement.UnsetOnRemoval
		}
	}
	if !unsets {
		leave = nil
	}
	if replacement != nil {
		r.provider.run.leave(replacement.Key, prior.without(leave))
	}
	if len(leave) == 0 {
		return // without an error, the framework takes the resource out of state
	}
	ctx, cancel := r.provider.begin(ctx, state.Timeouts, "delete", &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	a.unset = r.provider.send(ctx, deepcall.Unset, leave, nil)
	if a.unset.done() { // beside an error, such as one without an agent, the resource would stay in state
		for _, f := range a.unset.Failures {
			a.unset.Warnings = append(a.unset.Warnings, f.Err.Error())
		}
		a.unset.Failures = nil
	}
	state.agentsModel = r.provider.finish(a, &resp.Diagnostics).model()
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// ImportState records the agents that the user names, without verification.
func (r *agentCAD) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ids, err := parseImportID(req.ID)
	if err != nil {
		resp.Diagnostics.AddError("Invalid import ID", fmt.Sprintf("The import ID cannot be used: %v. "+
			"An import ID is a list of agent IDs, separated by commas, without spaces, quotes, or brackets, for example: 1,14,27", err))
		return
	}
	agentIDs := agentList{ids: ids}.model().AgentIDs
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(agentIDsAttribute), agentIDs)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("unset_on_removal"), false)...)
	resp.Diagnostics.AddWarning("Imported without verification",
		"CAD cannot be read back from DeepCall, so nothing was verified. Now in state: "+listIDs(ids))
}

// parseImportID reads agent IDs between commas. One that occurs twice counts
// once, as in a set.
func parseImportID(id string) ([]string, error) {
	if id != "" && strings.ContainsRune(`[{"`, rune(id[0])) {
		return nil, errors.New("it looks like a list in JSON or HCL")
	}
	ids := strings.Split(id, ",")
	for _, id := range ids {
		if err := deepcall.ValidateAgentID(id); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(ids, roster.Compare)
	return slices.Compact(ids), nil
}
