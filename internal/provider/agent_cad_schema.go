package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The attributes that hold a roster, in the resource and in the actions.
const (
	agentIDsAttribute = "agent_ids"
	agentsAttribute   = "agents"
)

func (r *agentCAD) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Enables CAD for agents. The resource is additive: it speaks for its own agents and says nothing about others.",
		Attributes: map[string]schema.Attribute{
			agentIDsAttribute: schema.SetAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "IDs of the agents. Agents new to the set are sent to `setCad`; agents that leave it are handled as " +
					"`unset_on_removal` says. Exactly one of `agent_ids` and `agents` is given. Terraform compares sets pair by pair: " +
					"with more than 2,000 agents, use `agents`.",
				Validators: []validator.Set{agentIDsValidator{}},
			},
			agentsAttribute: schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Agents by ID, each with a label for people, such as a name or a team. Plans show the label; it is never sent, " +
					"and changing it sends no request. Otherwise it does what `agent_ids` does, and moving from one to the other with the " +
					"same IDs sends nothing. It stays fast with tens of thousands of agents.",
				Validators: []validator.Map{agentIDsValidator{}},
			},
			"triggers": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Any values. When one changes, every agent is sent again, in place. State takes the new values only " +
					"once every agent is confirmed, so a failed apply is tried again.",
			},
			"unset_on_removal": schema.BoolAttribute{
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
				MarkdownDescription: "What happens to agents that leave the resource, and to all of them when it is destroyed. `false`: they keep " +
					"CAD and are dropped from state without a request. `true`: they are sent to `unsetCad`, and stay in state until that is " +
					"confirmed. An agent that the same run has enabled, through another resource or a replacement, is dropped with a " +
					"warning instead. Default: `false`.",
			},
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
				Create: true, Update: true, Delete: true,
				CreateDescription: "How long a create may take in all, waits and retries included, as a Go duration such as `30m`. Default: `20m`.",
				UpdateDescription: "The same for an update. Default: `20m`.",
				DeleteDescription: "The same for a destroy that disables CAD. Default: `20m`.",
			}),
		},
	}
}

// ValidateConfig looks at what concerns more than one attribute, and refuses
// timeouts that have run out before they start; the timeouts module refuses
// what is no duration.
func (r *agentCAD) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config agentCADModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	switch {
	case config.AgentIDs.IsUnknown() || config.Agents.IsUnknown():
	case config.AgentIDs.IsNull() && config.Agents.IsNull():
		resp.Diagnostics.Append(noAgents())
	case !config.AgentIDs.IsNull() && !config.Agents.IsNull():
		resp.Diagnostics.Append(agentsTwice())
	}
	for _, name := range []string{"create", "update", "delete"} {
		text, _ := config.Timeouts.Attributes()[name].(types.String)
		if d, err := time.ParseDuration(text.ValueString()); err == nil && d <= 0 {
			resp.Diagnostics.Append(invalidDuration(path.Root("timeouts").AtName(name), text.ValueString(), errNotPositive))
		}
	}
}
