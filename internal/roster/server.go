package roster

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Server is the whole protocol: the serving code asks for its parts one by one.
type Server interface {
	tfprotov6.ProviderServer
	tfprotov6.ActionServer
	tfprotov6.ListResourceServer
	tfprotov6.StateStoreServer
}

// server packs the rosters of every request and unpacks those of every answer.
// The other calls, those of the embedded Server, carry no roster.
type server struct {
	Server
	attributes
}

// NewServer returns next with the named attributes of its resources and actions
// packed. A server that lacks a part of the protocol is refused, as that part
// could not be packed.
func NewServer(next tfprotov6.ProviderServer, names ...string) (Server, error) {
	whole, ok := next.(Server)
	if !ok {
		return nil, fmt.Errorf("%T does not implement the whole protocol", next)
	}
	return &server{whole, names}, nil
}

// ValidateResourceConfig packs the configuration.
func (s *server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	packed := *req
	packed.Config = s.pack(req.Config)
	return s.Server.ValidateResourceConfig(ctx, &packed)
}

// UpgradeResourceState unpacks the upgraded state. What comes in is JSON from a
// state file, which the framework reads once.
func (s *server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	resp, err := s.Server.UpgradeResourceState(ctx, req)
	if resp != nil {
		resp.UpgradedState = s.unpack(resp.UpgradedState)
	}
	return resp, err
}

// MoveResourceState unpacks the target state. What comes in is JSON from a state
// file, which the framework reads once.
func (s *server) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	resp, err := s.Server.MoveResourceState(ctx, req)
	if resp != nil {
		resp.TargetState = s.unpack(resp.TargetState)
	}
	return resp, err
}

// ReadResource packs the state and unpacks the new one.
func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	packed := *req
	packed.CurrentState = s.pack(req.CurrentState)
	resp, err := s.Server.ReadResource(ctx, &packed)
	if resp != nil {
		resp.NewState = s.unpack(resp.NewState)
	}
	return resp, err
}

// PlanResourceChange packs the configuration and both states and unpacks the
// planned one.
func (s *server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	packed := *req
	packed.Config = s.pack(req.Config)
	packed.PriorState = s.pack(req.PriorState)
	packed.ProposedNewState = s.pack(req.ProposedNewState)
	resp, err := s.Server.PlanResourceChange(ctx, &packed)
	if resp != nil {
		resp.PlannedState = s.unpack(resp.PlannedState)
	}
	return resp, err
}

// ApplyResourceChange packs the configuration and both states and unpacks the
// new one.
func (s *server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	packed := *req
	packed.Config = s.pack(req.Config)
	packed.PriorState = s.pack(req.PriorState)
	packed.PlannedState = s.pack(req.PlannedState)
	resp, err := s.Server.ApplyResourceChange(ctx, &packed)
	if resp != nil {
		resp.NewState = s.unpack(resp.NewState)
	}
	return resp, err
}

// ImportResourceState unpacks the imported states.
func (s *server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	resp, err := s.Server.ImportResourceState(ctx, req)
	if resp != nil {
		for _, imported := range resp.ImportedResources {
			imported.State = s.unpack(imported.State)
		}
	}
	return resp, err
}

// GenerateResourceConfig packs the state and unpacks the configuration.
func (s *server) GenerateResourceConfig(ctx context.Context, req *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	packed := *req
	packed.State = s.pack(req.State)
	resp, err := s.Server.GenerateResourceConfig(ctx, &packed)
	if resp != nil {
		resp.Config = s.unpack(resp.Config)
	}
	return resp, err
}

// ValidateActionConfig packs the configuration.
func (s *server) ValidateActionConfig(ctx context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	packed := *req
	packed.Config = s.pack(req.Config)
	return s.Server.ValidateActionConfig(ctx, &packed)
}

// PlanAction packs the configuration.
func (s *server) PlanAction(ctx context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	packed := *req
	packed.Config = s.pack(req.Config)
	return s.Server.PlanAction(ctx, &packed)
}

// InvokeAction packs the configuration.
func (s *server) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	packed := *req
	packed.Config = s.pack(req.Config)
	return s.Server.InvokeAction(ctx, &packed)
}
