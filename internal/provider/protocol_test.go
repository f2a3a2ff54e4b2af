package provider

import (
	"bytes"
	"context"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// recorder is a server that keeps what it receives and answers with the state
// that it was sent.
type recorder struct {
	frameworkServer
	received []*tfprotov6.DynamicValue
}

func (r *recorder) keep(values ...*tfprotov6.DynamicValue) {
	r.received = append(r.received, values...)
}

func (r *recorder) ValidateResourceConfig(_ context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	r.keep(req.Config)
	return nil, nil
}

func (r *recorder) ReadResource(_ context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	r.keep(req.CurrentState)
	return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState}, nil
}

func (r *recorder) PlanResourceChange(_ context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	r.keep(req.Config, req.PriorState, req.ProposedNewState)
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: req.ProposedNewState}, nil
}

func (r *recorder) ApplyResourceChange(_ context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	r.keep(req.Config, req.PriorState, req.PlannedState)
	return &tfprotov6.ApplyResourceChangeResponse{NewState: req.PlannedState}, nil
}

func (r *recorder) ValidateActionConfig(_ context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	r.keep(req.Config)
	return nil, nil
}

func (r *recorder) PlanAction(_ context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	r.keep(req.Config)
	return nil, nil
}

func (r *recorder) InvokeAction(_ context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	r.keep(req.Config)
	return nil, nil
}

// However many agents there are, the framework is handed one element, by every
// request that carries them; and the CLI gets all of them back.
func TestPackingServerPacksEveryRequest(t *testing.T) {
	ctx := t.Context()
	large := encodeRosters(t, plainSet(agentIDs(1000)...).raw, plainMap(labelsOf(1000)).raw)
	packed := pack(large).MsgPack
	if ids, agents := onlyElement(t, packed); !ids || !agents {
		t.Fatalf("packed into one element: agent_ids %t, agents %t", ids, agents)
	}
	for name, call := range map[string]struct {
		carries int
		call    func(tfprotov6.ProviderServer) *tfprotov6.DynamicValue
	}{
		"ValidateResourceConfig": {1, func(s tfprotov6.ProviderServer) *tfprotov6.DynamicValue {
			_, _ = s.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{Config: large})
			return large
		}},
		"ReadResource": {1, func(s tfprotov6.ProviderServer) *tfprotov6.DynamicValue {
			resp, _ := s.ReadResource(ctx, &tfprotov6.ReadResourceRequest{CurrentState: large})
			return resp.NewState
		}},
		"PlanResourceChange": {3, func(s tfprotov6.ProviderServer) *tfprotov6.DynamicValue {
			resp, _ := s.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{Config: large, PriorState: large, ProposedNewState: large})
			return resp.PlannedState
		}},
		"ApplyResourceChange": {3, func(s tfprotov6.ProviderServer) *tfprotov6.DynamicValue {
			resp, _ := s.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{Config: large, PriorState: large, PlannedState: large})
			return resp.NewState
		}},
		"ValidateActionConfig": {1, func(s tfprotov6.ProviderServer) *tfprotov6.DynamicValue {
			_, _ = asActionServer(s).ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{Config: large})
			return large
		}},
		"PlanAction": {1, func(s tfprotov6.ProviderServer) *tfprotov6.DynamicValue {
			_, _ = asActionServer(s).PlanAction(ctx, &tfprotov6.PlanActionRequest{Config: large})
			return large
		}},
		"InvokeAction": {1, func(s tfprotov6.ProviderServer) *tfprotov6.DynamicValue {
			_, _ = asActionServer(s).InvokeAction(ctx, &tfprotov6.InvokeActionRequest{Config: large})
			return large
		}},
	} {
		t.Run(name, func(t *testing.T) {
			next := &recorder{}
			back := call.call(packRosters(next))
			if len(next.received) != call.carries {
				t.Fatalf("the framework received %d values, want %d", len(next.received), call.carries)
			}
			for i, value := range next.received {
				if !bytes.Equal(value.MsgPack, packed) {
					t.Errorf("value %d reached the framework unpacked", i)
				}
			}
			if !bytes.Equal(back.MsgPack, large.MsgPack) {
				t.Error("the CLI got another state back")
			}
		})
	}
}

// onlyElement reports whether either roster of an encoded object has one element.
func onlyElement(t testing.TB, encoded []byte) (ids, agents bool) {
	t.Helper()
	of := tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		agentIDsAttribute: setOfStrings, agentsAttribute: mapOfStrings, "triggers": mapOfStrings,
	}}
	object, err := (tfprotov6.DynamicValue{MsgPack: encoded}).Unmarshal(of)
	if err != nil {
		t.Fatal(err)
	}
	var attributes, labels map[string]tftypes.Value
	var set []tftypes.Value
	_ = object.As(&attributes)
	_ = attributes[agentIDsAttribute].As(&set)
	_ = attributes[agentsAttribute].As(&labels)
	return len(set) == 1, len(labels) == 1
}

// What stands before the framework's server must have all that it has, or the
// CLI is told that there are no actions.
func TestServerIsComplete(t *testing.T) {
	packing, bare := Server(rosterProvider{})(), providerserver.NewProtocol6(rosterProvider{})()
	if _, ok := packing.(packingServer); !ok {
		t.Fatalf("the framework's server is served as it is: %T", packing)
	}
	for method := range reflect.TypeOf(bare).Methods() {
		if _, ok := reflect.TypeOf(packing).MethodByName(method.Name); !ok {
			t.Errorf("no method %s", method.Name)
		}
	}
	incomplete := struct{ tfprotov6.ProviderServer }{bare}
	if got := packRosters(incomplete); got != tfprotov6.ProviderServer(incomplete) {
		t.Errorf("an incomplete server was wrapped: %T", got)
	}
}

// A CLI is told the same with packing and without.
func TestPackingServerChangesNoAnswer(t *testing.T) {
	of := rosterSchema.Type().TerraformType(t.Context())
	none, err := tfprotov6.NewDynamicValue(of, tftypes.NewValue(of, nil))
	if err != nil {
		t.Fatal(err)
	}
	unknown := any(tftypes.UnknownValue)
	set := func(ids ...any) *tfprotov6.DynamicValue { return rosterObject(t, plainSet(ids...), agentMapValue{}) }
	agents := func(of labels) *tfprotov6.DynamicValue { return rosterObject(t, agentSetValue{}, plainMap(of)) }
	values := map[string]*tfprotov6.DynamicValue{
		"nothing": &none, "a set": set("1", "14"), "another set": set("1", "15"), "an empty set": set(),
		"a set with a refused agent": set("1", "refused"), "a set with an unknown element": set("1", unknown), "a set with null": set("1", nil),
		"an unknown set": rosterObject(t, agentSetValue{raw: tftypes.NewValue(setOfStrings, unknown)}, agentMapValue{}),
		"a map":          agents(labels{"1": "Ravi", "14": "Asha"}), "another map": agents(labels{"1": "Ravi", "14": "Mina"}), "an empty map": agents(nil),
		"a map with a refused agent": agents(labels{"1": "Ravi", "refused": ""}), "a map with an unknown label": agents(labels{"1": unknown}),
		"a map with a null label": agents(labels{"1": nil}),
	}
	for before, prior := range values {
		for after, config := range values {
			t.Run("from "+before+" to "+after, func(t *testing.T) {
				packing := answers(t, Server(rosterProvider{})(), prior, config)
				bare := answers(t, providerserver.NewProtocol6(rosterProvider{})(), prior, config)
				if !reflect.DeepEqual(packing, bare) {
					t.Errorf("with packing:\n%+v\nwithout:\n%+v", packing, bare)
				}
			})
		}
	}
}

// answer is what a CLI is told; its states are decoded, as their order on the
// wire is nobody's business.
type answer struct {
	state tftypes.Value
	rest  any
}

// answers asks the server all there is to ask about a change.
func answers(t testing.TB, server tfprotov6.ProviderServer, prior, config *tfprotov6.DynamicValue) (told []answer) {
	t.Helper()
	tell := func(state **tfprotov6.DynamicValue, rest any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		var a answer
		if state != nil && *state != nil {
			if a.state, err = (*state).Unmarshal(rosterSchema.Type().TerraformType(t.Context())); err != nil {
				t.Fatal(err)
			}
			*state = nil
		}
		a.rest = rest
		told = append(told, a)
	}
	ctx := t.Context()
	validated, err := server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: "roster", Config: config})
	tell(nil, validated, err)
	read, err := server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: "roster", CurrentState: prior, Private: []byte(`{"key":"e30="}`)})
	tell(&read.NewState, read, err)
	plan, err := server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{TypeName: "roster", PriorState: prior, Config: config, ProposedNewState: config})
	planned := plan.PlannedState
	tell(&plan.PlannedState, plan, err)
	applied, err := server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{TypeName: "roster", PriorState: prior, Config: config, PlannedState: planned})
	tell(&applied.NewState, applied, err)
	return told
}

// What an agent costs does not depend on how many there are. Allocations stand
// for time here: the framework's walks and comparisons make some at every step.
func TestPlanAllocatesByTheAgent(t *testing.T) {
	server := Server(rosterProvider{})()
	allocations := func(n int) float64 {
		ids := agentIDs(n)
		prior, config := rosterObject(t, plainSet(ids...), agentMapValue{}), rosterObject(t, plainSet(ids[1:]...), agentMapValue{})
		return testing.AllocsPerRun(3, func() {
			_, _ = server.PlanResourceChange(context.Background(), &tfprotov6.PlanResourceChangeRequest{
				TypeName: "roster", PriorState: prior, Config: config, ProposedNewState: config,
			})
		})
	}
	few, many := allocations(500), allocations(2000)
	if perAgent := (many - few) / 1500; perAgent > 20 {
		t.Errorf("a plan allocates %.0f times with 500 agents, %.0f times with 2,000: %.1f times for each more", few, many, perAgent)
	}
}

// asActionServer is what the serving code asserts too.
func asActionServer(s tfprotov6.ProviderServer) tfprotov6.ActionServer {
	actions, ok := s.(tfprotov6.ActionServer)
	if !ok {
		panic("the server has no actions")
	}
	return actions
}
