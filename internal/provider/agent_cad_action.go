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
	*connection
	does verb
}

var _ action.ActionWithConfigure = (*agentCADAction)(nil)

type agentCADActionModel struct {
	AgentIDs agentSetValue  `tfsdk:"agent_ids"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (a *agentCADAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = "deepcall_agent_cad_set"
	if a.does == unsetting {
		resp.TypeName = "deepcall_agent_cad_unset"
	}
}

func (a *agentCADAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: fmt.Sprintf("Sends agents to `%s` once and keeps no state. An agent that the API does not confirm fails the action.", a.does.endpoint),
		Attributes: map[string]schema.Attribute{
			"agent_ids": schema.SetAttribute{
				CustomType:          agentSetType{},
				ElementType:         types.StringType,
				Required:            true,
				MarkdownDescription: fmt.Sprintf("IDs of the agents for which CAD is %s.", a.does.done),
				Validators:          []validator.Set{agentIDsValidator{}},
			},
			"timeouts": timeouts.AttributesWithOpts(ctx, timeouts.Opts{
				InvokeDescription: "How long the action may take in all, waits and retries included, as a Go duration such as `30m`. Default: `20m`.",
			}),
		},
	}
}

func (a *agentCADAction) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	a.connection, _ = req.ProviderData.(*connection)
}

func (a *agentCADAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config agentCADActionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	ctx, cancel := a.begin(ctx, config.Timeouts.Invoke, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	r, _ := rosterOf(config.AgentIDs, agentMapValue{})
	report := func(p deepcall.Progress) {
		resp.SendProgress(action.InvokeProgressEvent{Message: progressLine(a.does, p)})
	}

	var result deepcall.Result
	if a.does == setting {
		result = a.client.SetCAD(ctx, r.ids, report)
	} else {
		result = a.client.UnsetCAD(ctx, r.ids, report)
	}

	resp.Diagnostics.Append(a.errorsFor(r.path(), "", outcome{a.does, len(r.ids), result})...)
	if len(result.Kept) > 0 {
		resp.Diagnostics.Append(keptFailsAction(r.path(), result.Kept))
	}
}

// progressLine is what the user reads after each request.
func progressLine(does verb, p deepcall.Progress) string {
	line := fmt.Sprintf("CAD %s for %s", does.done, ofAll(p.Confirmed, p.Total))
	if p.Failed > 0 {
		line += fmt.Sprintf(", %d failed", p.Failed)
	}
	if p.Retried {
		line += fmt.Sprintf("; trying again: %s", sentence(p.Err))
	}
	return line
}
