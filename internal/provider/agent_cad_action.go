package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// agentCADAction is deepcall_agent_cad_set or deepcall_agent_cad_unset: one
// call that keeps no state.
type agentCADAction struct {
	name      string
	operation deepcall.Operation
	does      string // first word of the description
	provider  *providerData
}

func newAction(name string, operation deepcall.Operation, does string) func() action.Action {
	return func() action.Action { return &agentCADAction{name: name, operation: operation, does: does} }
}

var (
	_ action.ActionWithConfigure      = (*agentCADAction)(nil)
	_ action.ActionWithModifyPlan     = (*agentCADAction)(nil)
	_ action.ActionWithValidateConfig = (*agentCADAction)(nil)
)

type agentCADActionModel struct {
	agentsModel
	Timeouts types.Object `tfsdk:"timeouts"`
}

func (a *agentCADAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = a.name
}

func (a *agentCADAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: a.does + " CAD for a list of agents once, without keeping state. The action fails if the API does not confirm every agent.",
		Attributes: map[string]schema.Attribute{
			agentIDsAttribute: stringSet("IDs of the agents. Conflicts with `agents`; exactly one of the two is required."),
			agentsAttribute:   stringMap("Map of agent IDs to labels, such as a name or a team. Labels are never sent to DeepCall. Conflicts with `agent_ids`."),
			"timeouts":        timeoutsAttribute("Timeout for the action, as a Go duration such as `30m`.", map[string]string{"invoke": "invoking the action"}),
		},
	}
}

func (a *agentCADAction) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	a.provider = dataOf(req.ProviderData)
}

func (a *agentCADAction) ValidateConfig(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	readAction(ctx, req.Config, &resp.Diagnostics)
}

func (a *agentCADAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	config := readAction(ctx, req.Config, &resp.Diagnostics)
	resp.Diagnostics.Append(largeSet(config.list()))
}

// readAction reads the configuration and checks it as far as it is known, each
// time: core validates an action with unknown values in place of whatever comes
// from variables and resources.
func readAction(ctx context.Context, from tfsdk.Config, diags *diag.Diagnostics) (config agentCADActionModel) {
	diags.Append(from.Get(ctx, &config)...)
	if !diags.HasError() {
		diags.Append(config.check(false)...)
		timeoutOf(config.Timeouts, "invoke", diags)
	}
	return config
}

func (a *agentCADAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	config := readAction(ctx, req.Config, &resp.Diagnostics)
	ctx, cancel := a.provider.begin(ctx, config.Timeouts, "invoke", &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	list := config.list()
	called := a.provider.send(ctx, a.operation, list.ids, func(p deepcall.Progress) {
		resp.SendProgress(action.InvokeProgressEvent{Message: progressLine(a.operation, p)})
	})
	resp.Diagnostics.Append(a.provider.report(invoking, list.path(), 0, called)...)
	if kept := called.Kept; len(kept) > 0 {
		resp.Diagnostics.AddAttributeError(list.path(), "CAD left enabled", fmt.Sprintf("CAD was left enabled for %s, because this run enabled it: %s\n\n"+
			"A run never disables CAD that it has enabled. Invoke the action in a separate run.", agents(len(kept)), listIDs(kept)))
	}
}

// progressLine is what the user reads after each request.
func progressLine(operation deepcall.Operation, p deepcall.Progress) string {
	line := fmt.Sprintf("CAD %s for %s", operation.Past(), ofAll(p.Confirmed, p.Total))
	if p.Failed > 0 {
		line += fmt.Sprintf(", %d failed", p.Failed)
	}
	if p.Retried {
		line += fmt.Sprintf("; retrying: %s", sentence(p.Err))
	}
	return line
}
