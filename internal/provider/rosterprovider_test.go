package provider

import (
	"context"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// rosterProvider has one resource, which takes every agent but "refused".
type rosterProvider struct{ provider.Provider }

func (rosterProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "roster"
}
func (rosterProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}
func (rosterProvider) DataSources(context.Context) []func() datasource.DataSource               { return nil }
func (rosterProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return rosterResource{} }}
}

type rosterResource struct{ resource.Resource }

func (rosterResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "roster"
}

func (rosterResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = rosterSchema
}

func (rosterResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, state rosterModel
	if !req.Plan.Raw.IsNull() && !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		if !plan.AgentIDs.Equal(state.AgentIDs) || !plan.Agents.Equal(state.Agents) {
			resp.Diagnostics.AddAttributeWarning(path.Root(agentsAttribute).AtMapKey("1"), "Change", "of agents")
		}
	}
}

func (rosterResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan rosterModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.State.Raw = req.Plan.Raw
	ids, _ := plan.AgentIDs.IDs()
	labels, _ := plan.Agents.Labels()
	if i := slices.Index(ids, "refused"); i >= 0 {
		plan.AgentIDs = newAgentSet(slices.Delete(ids, i, i+1))
		resp.Diagnostics.AddError("Refused", "in the set")
	}
	if _, ok := labels["refused"]; ok {
		delete(labels, "refused")
		plan.Agents = newAgentMap(labels)
		resp.Diagnostics.AddError("Refused", "in the map")
	}
	if resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	}
}

func (r rosterResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	created := resource.CreateResponse{State: resp.State}
	r.Create(ctx, resource.CreateRequest{Plan: req.Plan}, &created)
	resp.State, resp.Diagnostics = created.State, created.Diagnostics
}

func (rosterResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse)       {}
func (rosterResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// rosterObject is a value of the resource as a CLI encodes it.
func rosterObject(t testing.TB, agentIDs agentSetValue, agents agentMapValue) *tfprotov6.DynamicValue {
	t.Helper()
	of := rosterSchema.Type().TerraformType(t.Context())
	ids, _ := agentIDs.ToTerraformValue(t.Context())
	labels, _ := agents.ToTerraformValue(t.Context())
	encoded, err := tfprotov6.NewDynamicValue(of, tftypes.NewValue(of, map[string]tftypes.Value{agentIDsAttribute: ids, agentsAttribute: labels}))
	if err != nil {
		t.Fatal(err)
	}
	return &encoded
}
