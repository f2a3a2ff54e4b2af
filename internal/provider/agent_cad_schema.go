package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (r *agentCAD) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Enables CAD for a list of agents. The resource is additive: it manages only the agents it lists. CAD cannot be read " +
			"back from the API, so drift is not detected.",
		Attributes: map[string]schema.Attribute{
			agentIDsAttribute: schema.SetAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "IDs of the agents. Conflicts with `agents`; exactly one of the two is required. For more than 2,000 agents, " +
					"use `agents`: Terraform compares the elements of sets pair by pair.",
			},
			agentsAttribute: schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Map of agent IDs to labels, such as a name or a team. Labels appear in plans and state and are never sent to " +
					"DeepCall; changing one sends no request. Conflicts with `agent_ids`. Changing from `agent_ids` to `agents` with the same " +
					"IDs sends no request.",
			},
			"triggers": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Map of arbitrary strings. When a value changes, every agent is sent again, in place. State records the new " +
					"values only after every agent was confirmed.",
			},
			"unset_on_removal": schema.BoolAttribute{
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
				MarkdownDescription: "Whether to disable CAD for agents that are removed from the resource, and for all of its agents when it is " +
					"destroyed. When `false`, they are removed from state and keep CAD. When `true`, they are sent to `unsetCad` and stay in " +
					"state until the API confirms that CAD is disabled. Default: `false`.",
			},
			"timeouts": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Timeouts for create, update, and delete operations, as Go durations such as `30m`.",
				Attributes: map[string]schema.Attribute{
					"create": timeoutFor("creating"),
					"update": timeoutFor("updating"),
					"delete": timeoutFor("destroying"),
				},
			},
		},
	}
}

func timeoutFor(doing string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "Timeout for " + doing + " the resource, including retries. Default: `20m`.",
	}
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
		_, problem := timeoutOf(config.Timeouts, operation)
		resp.Diagnostics.Append(problem)
	}
}
