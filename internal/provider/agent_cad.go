package provider

import (
	"context"
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
// the API has confirmed, and no others: every handler sends, records what
// was confirmed, and then reports what was not.
type agentCAD struct {
	provider *providerData // nil until the provider is configured with known values
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

func (r *agentCAD) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "deepcall_agent_cad"
}

func (r *agentCAD) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.provider, _ = req.ProviderData.(*providerData)
}

func (r *agentCAD) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	if r.provider == nil {
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
	set := r.provider.client.SetCAD(ctx, planned.ids, nil)

	if len(set.Confirmed) == len(planned.ids) {
		resp.State.Raw = req.Plan.Raw
	} else if len(set.Confirmed) > 0 {
		plan.AgentIDs, plan.Agents = agentList{}.record(planned, set.Confirmed, nil).values()
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	}

	resp.Diagnostics.Append(r.provider.errorsFor(planned.path(), createNote(len(set.Confirmed), plan.UnsetOnRemoval.ValueBool()),
		outcome{deepcall.Set, len(planned.ids), set})...)
}

func createNote(confirmed int, unsetOnRemoval bool) string {
	if confirmed == 0 {
		return "No agent was confirmed, so nothing is in state. The next apply starts over."
	}
	note := agents(confirmed) + " confirmed and in state. Terraform marks a resource whose create failed as tainted and replaces it with the next apply: "
	if unsetOnRemoval {
		note += "as unset_on_removal is true, that disables CAD for the confirmed agents before it sends all of them again."
	} else {
		note += "that sends all agents again, which is harmless."
	}
	return note + " `terraform untaint` on this resource keeps what was done; the next apply then sends only the rest."
}

// Read keeps the state: no endpoint tells whether an agent has CAD.
func (r *agentCAD) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r *agentCAD) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if r.provider == nil {
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
	resend := !plan.Triggers.Equal(state.Triggers)
	if resend {
		send = planned.ids
	}
	set := r.provider.client.SetCAD(ctx, send, nil)
	unset, dropped := deepcall.Result{}, leave
	if plan.UnsetOnRemoval.ValueBool() {
		unset = r.provider.client.UnsetCAD(ctx, leave, nil)
		dropped = slices.Concat(unset.Confirmed, unset.Kept)
	}

	if len(set.Confirmed) == len(send) && len(dropped) == len(leave) {
		resp.State.Raw = req.Plan.Raw
	} else {
		plan.AgentIDs, plan.Agents = prior.record(planned, set.Confirmed, dropped).values()
		if resend && len(set.Confirmed) < len(send) {
			plan.Triggers = state.Triggers
		}
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	}

	if len(unset.Kept) > 0 {
		resp.Diagnostics.Append(keptBySameRun(planned.path(), unset.Kept))
	}
	resp.Diagnostics.Append(r.provider.errorsFor(planned.path(), updateNote,
		outcome{deepcall.Set, len(send), set}, outcome{deepcall.Unset, len(leave), unset})...)
}

const updateNote = "State has what was confirmed, before and now. The next apply sends what is missing."

func (r *agentCAD) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state agentCADModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !state.UnsetOnRemoval.ValueBool() {
		return // without an error, the framework takes the resource out of state
	}
	if r.provider == nil {
		resp.Diagnostics.Append(notConfigured())
		return
	}
	ctx, cancel := begin(ctx, state.Timeouts.Delete, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	prior := state.agents()
	unset := r.provider.client.UnsetCAD(ctx, prior.ids, nil)
	left := prior.record(prior, nil, slices.Concat(unset.Confirmed, unset.Kept))

	note := ""
	if len(left.ids) == 0 {
		resp.State.RemoveResource(ctx)
	} else {
		note = deleteNote
		state.AgentIDs, state.Agents = left.values()
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}

	if len(unset.Kept) > 0 {
		resp.Diagnostics.Append(keptBySameRun(prior.path(), unset.Kept))
	}
	resp.Diagnostics.Append(r.provider.errorsFor(prior.path(), note, outcome{deepcall.Unset, len(prior.ids), unset})...)
}

const deleteNote = "The agents for which it failed stay in state. The next destroy or apply tries them again."

// ImportState takes agents into state on the user's word.
func (r *agentCAD) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ids, err := parseImportID(req.ID)
	if err != nil {
		resp.Diagnostics.Append(invalidImportID(err.Error()))
		return
	}
	agentIDs, _ := agentList{ids: ids}.values()
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(agentIDsAttribute), agentIDs)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("unset_on_removal"), false)...)
	resp.Diagnostics.Append(importedUnchecked(len(ids)))
}

// parseImportID reads agent IDs between commas. One that stands twice counts
// once, as in a set.
func parseImportID(id string) ([]string, error) {
	ids := strings.Split(id, ",")
	for _, id := range ids {
		if err := deepcall.ValidateAgentID(id); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(ids, roster.Compare)
	return slices.Compact(ids), nil
}
