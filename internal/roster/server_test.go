package roster_test

import (
	"bytes"
	"context"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/deepcall/terraform-provider-deepcall/internal/provider"
	"github.com/deepcall/terraform-provider-deepcall/internal/roster"
)

type value = tfprotov6.DynamicValue

// recorder keeps what it receives and answers with the object that it is given.
type recorder struct {
	roster.Server
	answer   *value
	received []*value
}

func (r *recorder) ValidateResourceConfig(_ context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	r.received = append(r.received, req.Config)
	return nil, nil
}

func (r *recorder) UpgradeResourceState(context.Context, *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: r.answer}, nil
}

func (r *recorder) MoveResourceState(context.Context, *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return &tfprotov6.MoveResourceStateResponse{TargetState: r.answer}, nil
}

func (r *recorder) ReadResource(_ context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	r.received = append(r.received, req.CurrentState)
	return &tfprotov6.ReadResourceResponse{NewState: r.answer}, nil
}

func (r *recorder) PlanResourceChange(_ context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	r.received = append(r.received, req.Config, req.PriorState, req.ProposedNewState)
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: r.answer}, nil
}

func (r *recorder) ApplyResourceChange(_ context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	r.received = append(r.received, req.Config, req.PriorState, req.PlannedState)
	return &tfprotov6.ApplyResourceChangeResponse{NewState: r.answer}, nil
}

func (r *recorder) ImportResourceState(context.Context, *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return &tfprotov6.ImportResourceStateResponse{ImportedResources: []*tfprotov6.ImportedResource{{State: r.answer}}}, nil
}

func (r *recorder) GenerateResourceConfig(_ context.Context, req *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	r.received = append(r.received, req.State)
	return &tfprotov6.GenerateResourceConfigResponse{Config: r.answer}, nil
}

func (r *recorder) ValidateActionConfig(_ context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	r.received = append(r.received, req.Config)
	return nil, nil
}

func (r *recorder) PlanAction(_ context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	r.received = append(r.received, req.Config)
	return nil, nil
}

func (r *recorder) InvokeAction(_ context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	r.received = append(r.received, req.Config)
	return nil, nil
}

// rpcs are the calls that carry a roster. Each sends v wherever the request has
// an object and returns the object of the answer, if it has one.
var rpcs = map[string]struct {
	sends int
	call  func(ctx context.Context, s roster.Server, v *value) *value
}{
	"ValidateResourceConfig": {1, func(ctx context.Context, s roster.Server, v *value) *value {
		_, _ = s.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{Config: v})
		return nil
	}},
	"UpgradeResourceState": {0, func(ctx context.Context, s roster.Server, _ *value) *value {
		resp, _ := s.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{})
		return resp.UpgradedState
	}},
	"MoveResourceState": {0, func(ctx context.Context, s roster.Server, _ *value) *value {
		resp, _ := s.MoveResourceState(ctx, &tfprotov6.MoveResourceStateRequest{})
		return resp.TargetState
	}},
	"ReadResource": {1, func(ctx context.Context, s roster.Server, v *value) *value {
		resp, _ := s.ReadResource(ctx, &tfprotov6.ReadResourceRequest{CurrentState: v})
		return resp.NewState
	}},
	"PlanResourceChange": {3, func(ctx context.Context, s roster.Server, v *value) *value {
		resp, _ := s.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{Config: v, PriorState: v, ProposedNewState: v})
		return resp.PlannedState
	}},
	"ApplyResourceChange": {3, func(ctx context.Context, s roster.Server, v *value) *value {
		resp, _ := s.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{Config: v, PriorState: v, PlannedState: v})
		return resp.NewState
	}},
	"ImportResourceState": {0, func(ctx context.Context, s roster.Server, _ *value) *value {
		resp, _ := s.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{})
		return resp.ImportedResources[0].State
	}},
	"GenerateResourceConfig": {1, func(ctx context.Context, s roster.Server, v *value) *value {
		resp, _ := s.GenerateResourceConfig(ctx, &tfprotov6.GenerateResourceConfigRequest{State: v})
		return resp.Config
	}},
	"ValidateActionConfig": {1, func(ctx context.Context, s roster.Server, v *value) *value {
		_, _ = s.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{Config: v})
		return nil
	}},
	"PlanAction": {1, func(ctx context.Context, s roster.Server, v *value) *value {
		_, _ = s.PlanAction(ctx, &tfprotov6.PlanActionRequest{Config: v})
		return nil
	}},
	"InvokeAction": {1, func(ctx context.Context, s roster.Server, v *value) *value {
		_, _ = s.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{Config: v})
		return nil
	}},
}

// without are the calls that carry no roster, as the provider has rosters in its
// resource and its actions alone.
var without = strings.Fields(`
	GetMetadata GetProviderSchema GetResourceIdentitySchemas ValidateProviderConfig ConfigureProvider StopProvider
	UpgradeResourceIdentity
	ValidateDataResourceConfig ReadDataSource
	CallFunction GetFunctions
	ValidateEphemeralResourceConfig OpenEphemeralResource RenewEphemeralResource CloseEphemeralResource
	ValidateListResourceConfig ListResource
	ValidateStateStoreConfig ConfigureStateStore ReadStateBytes WriteStateBytes GetStates DeleteState LockState UnlockState`)

// However many agents there are, the framework is handed one element by every
// call that carries them, and the CLI gets all of them back.
func TestServerPacksEveryCall(t *testing.T) {
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = strconv.Itoa(i)
	}
	encode := func(of map[string]any) *value {
		encoded, err := msgpack.Marshal(of)
		if err != nil {
			t.Fatal(err)
		}
		return &value{MsgPack: encoded}
	}
	large := encode(map[string]any{"agent_ids": ids})
	packed := encode(map[string]any{"agent_ids": []string{roster.Pack(ids, nil)}})
	for name, c := range rpcs {
		t.Run(name, func(t *testing.T) {
			next := &recorder{answer: packed}
			server, err := roster.NewServer(next, "agent_ids")
			if err != nil {
				t.Fatal(err)
			}
			back := c.call(t.Context(), server, large)
			if len(next.received) != c.sends {
				t.Fatalf("the framework received %d objects, want %d", len(next.received), c.sends)
			}
			for i, got := range next.received {
				if !bytes.Equal(got.MsgPack, packed.MsgPack) {
					t.Errorf("object %d reached the framework as %.60q", i, got.MsgPack)
				}
			}
			if back != nil && !bytes.Equal(back.MsgPack, large.MsgPack) {
				t.Errorf("the CLI got %.60q back", back.MsgPack)
			}
		})
	}
}

// A protocol that grows has a call that nobody has thought of: either it carries
// a roster, or it is listed as carrying none.
func TestEveryCallIsKnown(t *testing.T) {
	framework := reflect.TypeOf(providerserver.NewProtocol6(provider.New("test"))())
	whole := reflect.TypeFor[roster.Server]()
	for _, of := range []reflect.Type{whole, framework} {
		for method := range of.Methods() {
			_, packs := rpcs[method.Name]
			if packs == slices.Contains(without, method.Name) {
				t.Errorf("%s of %s: pack what it carries, or list it as carrying no roster", method.Name, of)
			}
		}
	}
	if n := len(rpcs) + len(without); n != whole.NumMethod() {
		t.Errorf("%d calls are listed here, and the protocol has %d", n, whole.NumMethod())
	}
}

func TestIncompleteServerIsRefused(t *testing.T) {
	whole := providerserver.NewProtocol6(provider.New("test"))()
	if got, err := roster.NewServer(struct{ tfprotov6.ProviderServer }{whole}); err == nil {
		t.Errorf("a server without actions is served as %T", got)
	}
}
