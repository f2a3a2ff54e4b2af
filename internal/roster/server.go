package roster

import (
	"context"
	"fmt"
	"reflect"

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

// pass makes a call with a packed request and unpacks its answer.
func pass[Request, Answer any](
	ctx context.Context, s *server, req *Request, call func(context.Context, *Request) (*Answer, error),
) (*Answer, error) {
	packed := *req
	rewriteObjects(&packed, s.pack)
	answer, err := call(ctx, &packed)
	if answer != nil {
		rewriteObjects(answer, s.unpack)
	}
	return answer, err
}

// rewriteObjects rewrites each object in the fields of a message: configurations,
// plans and states.
func rewriteObjects(message any, rewrite func(*tfprotov6.DynamicValue) *tfprotov6.DynamicValue) {
	for _, field := range reflect.ValueOf(message).Elem().Fields() {
		if object, ok := field.Interface().(*tfprotov6.DynamicValue); ok {
			field.Set(reflect.ValueOf(rewrite(object)))
		}
	}
}

func (s *server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return pass(ctx, s, req, s.Server.ValidateResourceConfig)
}

// Here and in a move, what comes in is JSON from a state file, which the framework
// reads once.
func (s *server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return pass(ctx, s, req, s.Server.UpgradeResourceState)
}

func (s *server) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return pass(ctx, s, req, s.Server.MoveResourceState)
}

func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return pass(ctx, s, req, s.Server.ReadResource)
}

func (s *server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return pass(ctx, s, req, s.Server.PlanResourceChange)
}

func (s *server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return pass(ctx, s, req, s.Server.ApplyResourceChange)
}

func (s *server) GenerateResourceConfig(ctx context.Context, req *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	return pass(ctx, s, req, s.Server.GenerateResourceConfig)
}

func (s *server) ValidateActionConfig(ctx context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	return pass(ctx, s, req, s.Server.ValidateActionConfig)
}

func (s *server) PlanAction(ctx context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	return pass(ctx, s, req, s.Server.PlanAction)
}

func (s *server) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	return pass(ctx, s, req, s.Server.InvokeAction)
}

func (s *server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	resp, err := s.Server.ImportResourceState(ctx, req)
	if resp != nil {
		for _, imported := range resp.ImportedResources {
			rewriteObjects(imported, s.unpack)
		}
	}
	return resp, err
}
