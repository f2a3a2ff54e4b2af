package provider

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
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
	provider *providerData // nil until the provider is configured
}

var (
	_ resource.ResourceWithConfigure      = (*agentCAD)(nil)
	_ resource.ResourceWithImportState    = (*agentCAD)(nil)
	_ resource.ResourceWithModifyPlan     = (*agentCAD)(nil)
	_ resource.ResourceWithValidateConfig = (*agentCAD)(nil)
)

// agentCADModel is the resource's configuration, plan or state.
type agentCADModel struct {
	AgentIDs       types.Set      `tfsdk:"agent_ids"`
	Agents         types.Map      `tfsdk:"agents"`
	Triggers       types.Map      `tfsdk:"triggers"`
	UnsetOnRemoval types.Bool     `tfsdk:"unset_on_removal"`
	Timeouts       timeouts.Value `tfsdk:"timeouts"`
}

func (m agentCADModel) agents() agentList {
	list, _ := agentsOf(m.AgentIDs, m.Agents) // known wherever this is called
	return list
}

// sendsAgain reports whether the triggers ask for every agent to be sent again.
// None and an empty map are the same.
func (m agentCADModel) sendsAgain(prior agentCADModel) bool {
	empty := func(triggers types.Map) bool { return !triggers.IsUnknown() && len(triggers.Elements()) == 0 }
	return !m.Triggers.Equal(prior.Triggers) && (!empty(m.Triggers) || !empty(prior.Triggers))
}

func (r *agentCAD) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "deepcall_agent_cad"
}

func (r *agentCAD) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.provider, _ = req.ProviderData.(*providerData)
}

func (r *agentCAD) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	if !r.provider.canSend() {
		resp.Diagnostics.Append(notConfigured())
		return
	}
	var plan agentCADModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	ctx, cancel := begin(ctx, plan.Timeouts.Create, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	planned := plan.agents()
	set := r.provider.send(ctx, deepcall.Set, planned.ids, nil)

	// Only now: until the set was sent, another resource may have disabled some.
	replaced := agentList{ids: r.provider.run.takeOver(replacementKey(planned.ids))}
	dropped := replaced.without(planned.ids)
	recorded := replaced.record(planned, set.Confirmed, dropped)
	if len(set.Confirmed) == len(planned.ids) {
		resp.State.Raw = req.Plan.Raw
	} else if len(recorded.ids) > 0 {
		plan.AgentIDs, plan.Agents = recorded.values()
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	}

	if len(dropped) > 0 {
		resp.Diagnostics.Append(agentsKeepCAD(planned.path(), dropped))
	}
	resp.Diagnostics.Append(r.provider.report(creating, planned.path(), createNote(len(recorded.ids)),
		outcome{deepcall.Set, len(planned.ids), set})...)
}

// Read keeps the state: no documented call tells whether an agent has CAD.
func (r *agentCAD) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r *agentCAD) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if !r.provider.canSend() {
		resp.Diagnostics.Append(notConfigured())
		return
	}
	var plan, state agentCADModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ctx, cancel := begin(ctx, plan.Timeouts.Update, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	planned, prior := plan.agents(), state.agents()
	send, leave := planned.without(prior.ids), prior.without(planned.ids)
	again := plan.sendsAgain(state)
	if again {
		send = planned.ids
	}
	set := r.provider.send(ctx, deepcall.Set, send, nil)
	unset, dropped := deepcall.Result{}, leave
	if plan.UnsetOnRemoval.ValueBool() {
		unset = r.provider.send(ctx, deepcall.Unset, leave, nil)
		dropped = slices.Concat(unset.Confirmed, unset.Kept)
	}

	if len(set.Confirmed) == len(send) && len(dropped) == len(leave) {
		resp.State.Raw = req.Plan.Raw
	} else {
		plan.AgentIDs, plan.Agents = prior.record(planned, set.Confirmed, dropped).values()
		if again && len(set.Confirmed) < len(send) {
			plan.Triggers = state.Triggers
		}
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	}

	if len(unset.Kept) > 0 {
		resp.Diagnostics.Append(keptBySameRun(planned.path(), unset.Kept))
	}
	resp.Diagnostics.Append(r.provider.report(updating, planned.path(), updateNote(again),
		outcome{deepcall.Set, len(send), set}, outcome{deepcall.Unset, len(leave), unset})...)
}

func (r *agentCAD) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.provider == nil {
		resp.Diagnostics.Append(notConfigured())
		return
	}
	var state agentCADModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	replacement, diags := takeNote(ctx, resp.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	prior, unsets, step := state.agents(), state.UnsetOnRemoval.ValueBool(), destroying
	leave := prior.ids
	if replacement != nil {
		step = replacing
		if replacement.UnsetOnRemoval != nil {
			unsets = *replacement.UnsetOnRemoval
		}
		leave = prior.without(replacement.AgentIDs)
		if !unsets {
			leave = nil
		}
		r.provider.run.leave(replacement.Key, prior.without(leave))
	}
	if !unsets || len(leave) == 0 {
		return // without an error, the framework takes the resource out of state
	}
	if !r.provider.canSend() {
		resp.Diagnostics.Append(notConfigured())
		return
	}
	ctx, cancel := begin(ctx, state.Timeouts.Delete, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	unset := r.provider.send(ctx, deepcall.Unset, leave, nil)
	dropped := slices.Concat(unset.Confirmed, unset.Kept)

	if len(dropped) == len(leave) {
		resp.State.RemoveResource(ctx)
		// Beside an error, Terraform would keep the state as it was.
		unset = agentlessAsWarnings(unset)
	} else {
		state.AgentIDs, state.Agents = prior.record(prior, nil, dropped).values()
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}

	if len(unset.Kept) > 0 {
		resp.Diagnostics.Append(keptBySameRun(prior.path(), unset.Kept))
	}
	resp.Diagnostics.Append(r.provider.report(step, prior.path(), deleteNote(step), outcome{deepcall.Unset, len(leave), unset})...)
}

// ImportState takes agents into state as the user names them.
func (r *agentCAD) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ids, err := parseImportID(req.ID)
	if err != nil {
		resp.Diagnostics.Append(invalidImportID(err.Error()))
		return
	}
	agentIDs, _ := agentList{ids: ids}.values()
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(agentIDsAttribute), agentIDs)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("unset_on_removal"), false)...)
	resp.Diagnostics.Append(importedUnverified(ids))
}

// parseImportID reads agent IDs between commas. One that occurs twice counts
// once, as in a set.
func parseImportID(id string) ([]string, error) {
	if id != "" && strings.ContainsRune(`[{"`, rune(id[0])) {
		return nil, errors.New("it is not a list in JSON or HCL")
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
