package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
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

// sendsAgain reports whether the triggers ask for every agent to be sent again.
// None and an empty map are the same.
func (m agentCADModel) sendsAgain(prior agentCADModel) bool {
	some := len(m.Triggers.Elements())+len(prior.Triggers.Elements()) > 0
	return m.Triggers.IsUnknown() || some && !m.Triggers.Equal(prior.Triggers)
}

func (r *agentCAD) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "deepcall_agent_cad"
}

func (r *agentCAD) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Enables CAD for a list of agents. The resource is additive: it manages only the agents it lists. CAD cannot be read " +
			"back from the API, so drift is not detected.",
		Attributes: map[string]schema.Attribute{
			agentIDsAttribute: stringSet("IDs of the agents. Conflicts with `agents`; exactly one of the two is required. For more than 2,000 agents, " +
				"use `agents`: Terraform compares the elements of sets pair by pair."),
			agentsAttribute: stringMap("Map of agent IDs to labels, such as a name or a team. Labels appear in plans and state and are never sent to " +
				"DeepCall; changing one sends no request. Conflicts with `agent_ids`. Changing from `agent_ids` to `agents` with the same " +
				"IDs sends no request."),
			"triggers": stringMap("Map of arbitrary strings. When a value changes, every agent is sent again, in place. State records the new " +
				"values only after every agent was confirmed."),
			"unset_on_removal": schema.BoolAttribute{
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
				MarkdownDescription: "Whether to disable CAD for agents that are removed from the resource, and for all of its agents when it is " +
					"destroyed. When `false`, they are removed from state and keep CAD. When `true`, they are sent to `unsetCad` and stay in " +
					"state until the API confirms that CAD is disabled. Default: `false`.",
			},
			"timeouts": timeoutsAttribute("Timeouts for create, update, and delete operations, as Go durations such as `30m`.", map[string]string{
				"create": "creating the resource", "update": "updating the resource", "delete": "destroying the resource",
			}),
		},
	}
}

func (r *agentCAD) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.provider = dataOf(req.ProviderData)
}

// ValidateConfig checks what is known: core validates with unknown values in
// place of whatever comes from variables and resources.
func (r *agentCAD) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config agentCADModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(config.check(true)...)
	for _, operation := range []string{"create", "update", "delete"} {
		timeoutOf(config.Timeouts, operation, &resp.Diagnostics)
	}
}

// ModifyPlan changes nothing. It rejects what validation cannot see and what
// contradicts another resource, warns of what a user may not expect, and leaves
// a note in case the create is half of a replacement.
func (r *agentCAD) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, state agentCADModel
	isNew := req.State.Raw.IsNull()
	if !isNew {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	prior := state.list()
	if req.Plan.Raw.IsNull() {
		// Whatever state holds, this is not the destroy half of a replacement.
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, noteKey, nil)...)
		if state.UnsetOnRemoval.ValueBool() {
			resp.Diagnostics.Append(r.provider.run.plan(prior.path(), prior.ids, nil)...)
		} else { // in an apply, the destroy of a deposed object is planned when its replacement has been created
			resp.Diagnostics.Append(agentsKeepCAD(prior.path(), "false in state", r.provider.run.not(deepcall.Set, prior.ids)))
		}
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(plan.checkOne(true))
	if resp.Diagnostics.HasError() {
		return
	}
	planned := plan.list()
	resp.Diagnostics.Append(largeSet(planned))
	switch {
	case isNew:
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, noteKey, noteFor(plan, planned))...)
		resp.Diagnostics.Append(r.provider.run.planCreate(planned.path(), planned.ids)...)
		return
	case planned.unknown:
		return
	}
	leave, stay := without(prior.ids, planned.ids), []string(nil)
	if !plan.sendsAgain(state) {
		stay = without(prior.ids, leave)
	}
	if !plan.UnsetOnRemoval.ValueBool() {
		value := "false"
		if state.UnsetOnRemoval.ValueBool() {
			value += " (a replacement with create_before_destroy goes by state, where it is true, and disables CAD)"
			r.provider.run.letGo.Store(replacementKey(planned.ids), leave)
		}
		if !plan.UnsetOnRemoval.IsUnknown() {
			resp.Diagnostics.Append(agentsKeepCAD(planned.path(), value, leave))
		}
		leave = nil
	}
	resp.Diagnostics.Append(r.provider.run.plan(planned.path(), leave, stay)...)
}

func (r *agentCAD) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan agentCADModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	ctx, cancel := r.provider.begin(ctx, plan.Timeouts, "create", &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	a := applied{step: creating, planned: plan.list()}
	a.set = r.provider.send(ctx, deepcall.Set, a.planned.ids, nil)

	// Only now: until the set was sent, another resource may have disabled some.
	a.prior.ids = r.provider.run.takeOver(a.planned.ids)
	resp.Diagnostics.Append(agentsKeepCAD(a.planned.path(), "false", without(a.prior.ids, a.planned.ids)))
	if recorded := r.provider.finish(a, &resp.Diagnostics); len(recorded.ids) > 0 {
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
	a := applied{step: updating, prior: state.list(), planned: plan.list()}
	send, again := without(a.planned.ids, a.prior.ids), plan.sendsAgain(state)
	if again {
		send = a.planned.ids
	}
	a.set = r.provider.send(ctx, deepcall.Set, send, nil)
	if plan.UnsetOnRemoval.ValueBool() {
		a.unset = r.provider.send(ctx, deepcall.Unset, without(a.prior.ids, a.planned.ids), nil)
	}
	if again && len(a.set.failed()) > 0 {
		a.step, plan.Triggers = sendingAgain, state.Triggers
	}
	plan.agentsModel = r.provider.finish(a, &resp.Diagnostics).model()
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

func (r *agentCAD) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state agentCADModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	text, problems := req.Private.GetKey(ctx, noteKey)
	resp.Diagnostics.Append(problems...)
	// What a failed destroy leaves in state must not look like a replacement later.
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, noteKey, nil)...)
	replacement := readNote(text, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	a := applied{step: destroying, prior: state.list()}
	leave := replacement.leaving(a.prior.ids, state.UnsetOnRemoval.ValueBool())
	a.planned = agentList{ids: without(a.prior.ids, leave), labels: a.prior.labels}
	if len(text) > 0 {
		a.step = replacing
		r.provider.run.leave(replacement.Key, a.planned.ids)
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
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(agentIDsAttribute), agentList{ids: ids}.model().AgentIDs)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("unset_on_removal"), false)...)
	resp.Diagnostics.AddWarning("Imported without verification",
		"CAD cannot be read back from DeepCall, so nothing was verified. Agents: "+listIDs(ids))
}
