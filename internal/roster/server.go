package roster

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
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
func pass[Request, Answer any](ctx context.Context, s *server, req *Request, call func(context.Context, *Request) (*Answer, error)) (*Answer, error) {
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
		switch value := field.Interface().(type) {
		case *tfprotov6.DynamicValue:
			field.Set(reflect.ValueOf(rewrite(value)))
		case []*tfprotov6.ImportedResource:
			for _, imported := range value {
				rewriteObjects(imported, rewrite)
			}
		}
	}
}

// attributes are the names of an object's attributes that hold rosters.
type attributes []string

// pack replaces the rosters of an object on its way to the framework: a set by a
// set of one element, a map by a map of one label. That one string is the
// elements as Terraform encoded them, unknown and null ones included. A roster
// that is null or unknown as a whole stays as it is.
func (a attributes) pack(value *tfprotov6.DynamicValue) *tfprotov6.DynamicValue {
	return a.rewrite(value, func(raw msgpack.RawMessage) any {
		switch {
		case isArray(raw[0]):
			return []string{Key + string(raw)}
		case isMap(raw[0]):
			return map[string]string{Key: Key + string(raw)}
		default:
			return raw
		}
	})
}

// unpack puts back the rosters that pack or the provider packed.
func (a attributes) unpack(value *tfprotov6.DynamicValue) *tfprotov6.DynamicValue {
	return a.rewrite(value, func(raw msgpack.RawMessage) any {
		var text string
		switch raw[0] {
		case msgpcode.FixedArrayLow | 1:
			var ids []string
			if msgpack.Unmarshal(raw, &ids) == nil {
				text = ids[0]
			}
		case msgpcode.FixedMapLow | 1:
			var labels map[string]string
			if msgpack.Unmarshal(raw, &labels) == nil {
				text = labels[Key]
			}
		}
		if encoded, ok := collectionIn(text); ok {
			return msgpack.RawMessage(encoded)
		}
		return raw
	})
}

// rewrite returns the object with its rosters replaced by what the function makes
// of them, and everything else as it was. Like Terraform, it sorts attributes by
// name. What cannot be read as an object is returned as it is, for the framework
// to reject.
func (a attributes) rewrite(value *tfprotov6.DynamicValue, replace func(msgpack.RawMessage) any) *tfprotov6.DynamicValue {
	var object map[string]msgpack.RawMessage
	// Not Unmarshal, whose decoders are shared and keep what a false length made
	// them allocate.
	if value == nil || msgpack.NewDecoder(bytes.NewReader(value.MsgPack)).Decode(&object) != nil || object == nil {
		return value
	}
	rewritten := make(map[string]any, len(object))
	for name, raw := range object {
		rewritten[name] = raw
		if raw != nil && slices.Contains(a, name) { // nil is null
			rewritten[name] = replace(raw)
		}
	}
	var encoded bytes.Buffer
	_ = msgpack.NewEncoder(&encoded).EncodeMapSorted(rewritten) // writing to a buffer cannot fail
	return &tfprotov6.DynamicValue{MsgPack: encoded.Bytes()}
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
	return pass(ctx, s, req, s.Server.ImportResourceState)
}
