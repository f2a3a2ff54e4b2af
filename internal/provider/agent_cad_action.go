package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// agentCADAction is deepcall_agent_cad_set or deepcall_agent_cad_unset: one
// call that keeps no state.
type agentCADAction struct {
	provider  *providerData // nil until the provider is configured with known values
	operation deepcall.Operation
}

var _ action.ActionWithConfigure = (*agentCADAction)(nil)

type agentCADActionModel struct {
	AgentIDs types.Set      `tfsdk:"agent_ids"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (a *agentCADAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = "deepcall_agent_cad_set"
	if a.operation == deepcall.Unset {
		resp.TypeName = "deepcall_agent_cad_unset"
	}
}

func (a *agentCADAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: fmt.Sprintf("Sends agents to `%s` once and keeps no state. An agent that the API does not confirm fails the action.", a.operation.Endpoint()),
		Attributes: map[string]schema.Attribute{
			agentIDsAttribute: schema.SetAttribute{
				ElementType:         types.StringType,
				Required:            true,
				MarkdownDescription: fmt.Sprintf("IDs of the agents for which CAD is %s.", a.operation.Past()),
				Validators:          []validator.Set{agentIDsValidator{}},
			},
			"timeouts": timeouts.AttributesWithOpts(ctx, timeouts.Opts{
				InvokeDescription: "How long the action may take in all, waits and retries included, as a Go duration such as `30m`. Default: `20m`.",
			}),
		},
	}
}

func (a *agentCADAction) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	a.provider, _ = req.ProviderData.(*providerData)
}

func (a *agentCADAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	if a.provider == nil {
		resp.Diagnostics.Append(notConfigured())
		return
	}
	var config agentCADActionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	ctx, cancel := begin(ctx, config.Timeouts.Invoke, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	list, _ := agentsOf(config.AgentIDs, types.MapNull(types.StringType))
	report := func(p deepcall.Progress) {
		resp.SendProgress(action.InvokeProgressEvent{Message: progressLine(a.operation, p)})
	}

	var result deepcall.Result
	if a.operation == deepcall.Set {
		result = a.provider.client.SetCAD(ctx, list.ids, report)
	} else {
		result = a.provider.client.UnsetCAD(ctx, list.ids, report)
	}

	resp.Diagnostics.Append(a.provider.errorsFor(list.path(), "", outcome{a.operation, len(list.ids), result})...)
	if len(result.Kept) > 0 {
		resp.Diagnostics.Append(keptFailsAction(list.path(), result.Kept))
	}
}

// progressLine is what the user reads after each request.
func progressLine(operation deepcall.Operation, p deepcall.Progress) string {
	line := fmt.Sprintf("CAD %s for %s", operation.Past(), ofAll(p.Confirmed, p.Total))
	if p.Failed > 0 {
		line += fmt.Sprintf(", %d failed", p.Failed)
	}
	if p.Retried {
		line += fmt.Sprintf("; trying again: %s", sentence(p.Err))
	}
	return line
}
