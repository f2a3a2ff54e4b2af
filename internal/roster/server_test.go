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

// objects are the fields of a request or an answer that hold an object of the
// provider's.
func objects(message any) (found []reflect.Value) {
	for _, v := range reflect.ValueOf(message).Elem().Fields() {
		if v.Type() == reflect.TypeFor[*value]() {
			found = append(found, v)
		}
	}
	return found
}

// recorder keeps the objects that it receives and answers with the one that it is
// given.
type recorder struct {
	roster.Server
	answer   *value
	received []*value
}

// exchange is every call of the recorder.
func exchange[Answer, Request any](r *recorder, req *Request) *Answer {
	for _, o := range objects(req) {
		received, _ := o.Interface().(*value)
		r.received = append(r.received, received)
	}
	answer := new(Answer)
	for _, o := range objects(answer) {
		o.Set(reflect.ValueOf(r.answer))
	}
	return answer
}

func (r *recorder) ValidateResourceConfig(_ context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return exchange[tfprotov6.ValidateResourceConfigResponse](r, req), nil
}

func (r *recorder) UpgradeResourceState(_ context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return exchange[tfprotov6.UpgradeResourceStateResponse](r, req), nil
}

func (r *recorder) MoveResourceState(_ context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return exchange[tfprotov6.MoveResourceStateResponse](r, req), nil
}

func (r *recorder) ReadResource(_ context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return exchange[tfprotov6.ReadResourceResponse](r, req), nil
}

func (r *recorder) PlanResourceChange(_ context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return exchange[tfprotov6.PlanResourceChangeResponse](r, req), nil
}

func (r *recorder) ApplyResourceChange(_ context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return exchange[tfprotov6.ApplyResourceChangeResponse](r, req), nil
}

func (r *recorder) GenerateResourceConfig(_ context.Context, req *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	return exchange[tfprotov6.GenerateResourceConfigResponse](r, req), nil
}

func (r *recorder) ValidateActionConfig(_ context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	return exchange[tfprotov6.ValidateActionConfigResponse](r, req), nil
}

func (r *recorder) PlanAction(_ context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	return exchange[tfprotov6.PlanActionResponse](r, req), nil
}

func (r *recorder) InvokeAction(_ context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	return exchange[tfprotov6.InvokeActionServerStream](r, req), nil
}

func (r *recorder) ImportResourceState(_ context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	imported := exchange[tfprotov6.ImportedResource](r, req)
	return &tfprotov6.ImportResourceStateResponse{ImportedResources: []*tfprotov6.ImportedResource{imported}}, nil
}

// Calls that carry a roster, and those that carry none, as the provider has
// rosters in its resource and its actions alone.
var (
	with = strings.Fields(`
	ValidateResourceConfig UpgradeResourceState MoveResourceState ReadResource PlanResourceChange ApplyResourceChange ImportResourceState
	GenerateResourceConfig
	ValidateActionConfig PlanAction InvokeAction`)
	without = strings.Fields(`
	GetMetadata GetProviderSchema GetResourceIdentitySchemas ValidateProviderConfig ConfigureProvider StopProvider
	UpgradeResourceIdentity
	ValidateDataResourceConfig ReadDataSource
	CallFunction GetFunctions
	ValidateEphemeralResourceConfig OpenEphemeralResource RenewEphemeralResource CloseEphemeralResource
	ValidateListResourceConfig ListResource
	ValidateStateStoreConfig ConfigureStateStore ReadStateBytes WriteStateBytes GetStates DeleteState LockState UnlockState`)
)

// However many agents there are, the framework is handed one element by every
// call that carries them, and the CLI gets all of them back.
func TestServerPacksEveryCall(t *testing.T) {
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = strconv.Itoa(i)
	}
	encode := func(ids ...string) *value {
		encoded, _ := msgpack.Marshal(map[string][]string{"agent_ids": ids}) // texts always can be
		return &value{MsgPack: encoded}
	}
	large, packed := encode(ids...), encode(roster.Pack(ids, nil))
	for _, name := range with {
		t.Run(name, func(t *testing.T) {
			next := &recorder{answer: packed}
			server, err := roster.NewServer(next, "agent_ids")
			if err != nil {
				t.Fatal(err)
			}
			call := reflect.ValueOf(server).MethodByName(name)
			req := reflect.New(call.Type().In(1).Elem())
			sent := objects(req.Interface())
			for _, o := range sent {
				o.Set(reflect.ValueOf(large))
			}
			answer := call.Call([]reflect.Value{reflect.ValueOf(t.Context()), req})[0].Interface()

			if len(next.received) != len(sent) {
				t.Fatalf("the framework received %d objects, want %d", len(next.received), len(sent))
			}
			for i, got := range next.received {
				if !bytes.Equal(got.MsgPack, packed.MsgPack) {
					t.Errorf("object %d reached the framework as %.60q", i, got.MsgPack)
				}
				if o, _ := sent[i].Interface().(*value); !bytes.Equal(o.MsgPack, large.MsgPack) {
					t.Error("the request was changed")
				}
			}
			if imports, ok := answer.(*tfprotov6.ImportResourceStateResponse); ok {
				answer = imports.ImportedResources[0]
			}
			for _, o := range objects(answer) {
				if back, _ := o.Interface().(*value); !bytes.Equal(back.MsgPack, large.MsgPack) {
					t.Errorf("the CLI got %.60q back", back.MsgPack)
				}
			}
		})
	}
}

// A protocol that grows has a call that nobody has thought of: either it carries
// a roster, or it is listed as carrying none.
func TestEveryCallIsKnown(t *testing.T) {
	framework := reflect.TypeOf(providerserver.NewProtocol6(provider.New("test", nil))())
	whole := reflect.TypeFor[roster.Server]()
	for _, of := range []reflect.Type{whole, framework} {
		for method := range of.Methods() {
			if slices.Contains(with, method.Name) == slices.Contains(without, method.Name) {
				t.Errorf("%s of %s: pack what it carries, or list it as carrying no roster", method.Name, of)
			}
		}
	}
	if n := len(with) + len(without); n != whole.NumMethod() {
		t.Errorf("%d calls are listed here, and the protocol has %d", n, whole.NumMethod())
	}
}

func TestIncompleteServerIsRefused(t *testing.T) {
	whole := providerserver.NewProtocol6(provider.New("test", nil))()
	if got, err := roster.NewServer(struct{ tfprotov6.ProviderServer }{whole}); err == nil {
		t.Errorf("a server without actions is served as %T", got)
	}
}
