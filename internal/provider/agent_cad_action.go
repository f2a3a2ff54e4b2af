package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// agentCADAction is deepcall_agent_cad_set or deepcall_agent_cad_unset: one
// call that keeps no state.
type agentCADAction struct {
	provider  *providerData // nil until the provider is configured
	operation deepcall.Operation
}

var (
	_ action.ActionWithConfigure      = (*agentCADAction)(nil)
	_ action.ActionWithModifyPlan     = (*agentCADAction)(nil)
	_ action.ActionWithValidateConfig = (*agentCADAction)(nil)
)

type agentCADActionModel struct {
	AgentIDs types.Set      `tfsdk:"agent_ids"`
	Agents   types.Map      `tfsdk:"agents"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (a *agentCADAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = "deepcall_agent_cad_set"
	if a.operation == deepcall.Unset {
		resp.TypeName = "deepcall_agent_cad_unset"
	}
}

func (a *agentCADAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	does := "Enables"
	if a.operation == deepcall.Unset {
		does = "Disables"
	}
	limit := timeouts.AttributesWithOpts(ctx, timeouts.Opts{
		InvokeDescription: "Timeout for invoking the action, including retries. Default: `20m`.",
	})
	if nested, ok := limit.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "Timeout for the action, as a Go duration such as `30m`."
		if invoke, ok := nested.Attributes["invoke"].(schema.StringAttribute); ok {
			invoke.Validators = []validator.String{durationValidator{}}
			nested.Attributes["invoke"] = invoke
		}
		limit = nested
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: does + " CAD for a list of agents once, without keeping state. The action fails if the API does not confirm every agent.",
		Attributes: map[string]schema.Attribute{
			agentIDsAttribute: schema.SetAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "IDs of the agents. Conflicts with `agents`; exactly one of the two is required.",
				Validators:          []validator.Set{agentIDsValidator{}},
			},
			agentsAttribute: schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Map of agent IDs to labels, such as a name or a team. Labels are never sent to DeepCall. " +
					"Conflicts with `agent_ids`.",
				Validators: []validator.Map{agentIDsValidator{}},
			},
			"timeouts": limit,
		},
	}
}

func (a *agentCADAction) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	a.provider, _ = req.ProviderData.(*providerData)
}

func (a *agentCADAction) ValidateConfig(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	var config agentCADActionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(checkOneList(config.AgentIDs, config.Agents)...)
	}
}

// ModifyPlan repeats the validation: core validates an action with unknown
// values in place of whatever comes from variables and resources.
func (a *agentCADAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	config, diags := readAction(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if n := len(elementsOfSet(config.AgentIDs)); n > sizeOfLargeSet {
		resp.Diagnostics.Append(largeSet(path.Root(agentIDsAttribute), n))
	}
}

// readAction reads the configuration and checks as much of it as is known.
func readAction(ctx context.Context, from tfsdk.Config) (config agentCADActionModel, diags diag.Diagnostics) {
	diags = from.Get(ctx, &config)
	if diags.HasError() {
		return config, diags
	}
	diags.Append(checkOneList(config.AgentIDs, config.Agents)...)
	diags.Append(checkSet(path.Root(agentIDsAttribute), config.AgentIDs)...)
	diags.Append(checkMap(path.Root(agentsAttribute), config.Agents)...)
	invoke, _ := config.Timeouts.Attributes()["invoke"].(types.String)
	if !invoke.IsNull() && !invoke.IsUnknown() {
		if _, err := parsePositiveDuration(invoke.ValueString()); err != nil {
			diags.Append(invalidDuration(path.Root("timeouts").AtName("invoke"), invoke.ValueString(), err))
		}
	}
	return config, diags
}

func (a *agentCADAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	if !a.provider.canSend() {
		resp.Diagnostics.Append(notConfigured())
		return
	}
	config, diags := readAction(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := begin(ctx, config.Timeouts.Invoke, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	list, _ := agentsOf(config.AgentIDs, config.Agents)
	result := a.provider.send(ctx, a.operation, list.ids, func(p deepcall.Progress) {
		resp.SendProgress(action.InvokeProgressEvent{Message: progressLine(a.operation, p)})
	})

	resp.Diagnostics.Append(a.provider.report(invoking, list.path(), "", outcome{a.operation, len(list.ids), result})...)
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
