package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Server returns a function that starts p as a CLI is served by it.
func Server(p provider.Provider) func() tfprotov6.ProviderServer {
	server := providerserver.NewProtocol6(p)
	return func() tfprotov6.ProviderServer { return packRosters(server()) }
}

// The attributes that hold a roster, in the resource and in the actions. Their
// types are agentSetType and agentMapType, which look into packed values.
const (
	agentIDsAttribute = "agent_ids"
	agentsAttribute   = "agents"
)

// frameworkServer is the protocol with the parts of it that the serving code
// asks for one by one.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ActionServer
	tfprotov6.ListResourceServer
	tfprotov6.StateStoreServer
}

// packingServer hands the framework each roster packed into one string, and
// unpacks it on the way back. In between, the framework copies, walks and
// compares every element of every value many times over, sets pair by pair; now
// it finds one. Nothing that a CLI sees depends on it.
//
// State as it stands in a file (UpgradeResourceState) and imported state go by
// unpacked: the framework decodes the one, encodes both, and that is all.
type packingServer struct {
	frameworkServer
}

// packRosters puts a packingServer before the framework's server. A server that
// leaves parts of the protocol out is returned as it is.
func packRosters(next tfprotov6.ProviderServer) tfprotov6.ProviderServer {
	if server, ok := next.(frameworkServer); ok {
		return packingServer{server}
	}
	return next
}

// ValidateResourceConfig packs the configuration.
func (s packingServer) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	packed := *req
	packed.Config = pack(req.Config)
	return s.frameworkServer.ValidateResourceConfig(ctx, &packed)
}

// ReadResource packs the state and unpacks the new one.
func (s packingServer) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	packed := *req
	packed.CurrentState = pack(req.CurrentState)
	resp, err := s.frameworkServer.ReadResource(ctx, &packed)
	if resp != nil {
		resp.NewState = unpack(resp.NewState)
	}
	return resp, err
}

// PlanResourceChange packs the configuration and both states and unpacks the
// planned one.
func (s packingServer) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	packed := *req
	packed.Config = pack(req.Config)
	packed.PriorState = pack(req.PriorState)
	packed.ProposedNewState = pack(req.ProposedNewState)
	resp, err := s.frameworkServer.PlanResourceChange(ctx, &packed)
	if resp != nil {
		resp.PlannedState = unpack(resp.PlannedState)
	}
	return resp, err
}

// ApplyResourceChange packs the configuration and both states and unpacks the
// new one.
func (s packingServer) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	packed := *req
	packed.Config = pack(req.Config)
	packed.PriorState = pack(req.PriorState)
	packed.PlannedState = pack(req.PlannedState)
	resp, err := s.frameworkServer.ApplyResourceChange(ctx, &packed)
	if resp != nil {
		resp.NewState = unpack(resp.NewState)
	}
	return resp, err
}

// ValidateActionConfig packs the configuration.
func (s packingServer) ValidateActionConfig(ctx context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	packed := *req
	packed.Config = pack(req.Config)
	return s.frameworkServer.ValidateActionConfig(ctx, &packed)
}

// PlanAction packs the configuration.
func (s packingServer) PlanAction(ctx context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	packed := *req
	packed.Config = pack(req.Config)
	return s.frameworkServer.PlanAction(ctx, &packed)
}

// InvokeAction packs the configuration.
func (s packingServer) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	packed := *req
	packed.Config = pack(req.Config)
	return s.frameworkServer.InvokeAction(ctx, &packed)
}
