package provider_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
	"github.com/deepcall/terraform-provider-deepcall/internal/provider"
	"github.com/deepcall/terraform-provider-deepcall/internal/roster"
)

// unpacking is a server whose framework meets every element of what comes in,
// as a framework without a roster server does. Only what the provider itself has
// packed is unpacked.
type unpacking struct{ roster.Server }

// echo answers with the state that it was sent.
type echo struct{ roster.Server }

func (echo) UpgradeResourceState(_ context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &tfprotov6.DynamicValue{MsgPack: req.RawState.JSON}}, nil
}

func (u unpacking) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp, err := u.Server.ApplyResourceChange(ctx, req)
	unpack, _ := roster.NewServer(echo(u), "agent_ids", "agents")
	state, _ := unpack.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{RawState: &tfprotov6.RawState{JSON: resp.NewState.MsgPack}})
	resp.NewState = state.UpgradedState
	return resp, err
}

// A CLI is told the same with packing and without.
func TestPackingChangesNoAnswer(t *testing.T) {
	t.Parallel()
	agents := func(of map[string]any) object { return object{"agents": of, "unset_on_removal": false} }
	ids := func(of ...any) object { return object{"agent_ids": of, "unset_on_removal": false} }
	priors := map[string]object{
		"nothing": nil, "a set": set.with([]string{"1", "14"}), "a map": labelled.with([]string{"1", "14"}), "an empty set": ids(), "an empty map": agents(nil),
	}
	configs := map[string]object{
		"another set": ids("1", "15"), "a set with a refused agent": ids("1", "13"), "a set with an unknown element": ids("1", unknown{}),
		"a set with null": ids("1", nil), "a set of null": ids(nil), "an unknown set": {"agent_ids": unknown{}, "unset_on_removal": false},
		"another map":                agents(map[string]any{"1": "Agent 1", "14": "Mina"}),
		"a map with a refused agent": agents(map[string]any{"1": "Agent 1", "13": ""}), "a map with an unknown label": agents(map[string]any{"1": unknown{}}),
		"a map with a null label": agents(map[string]any{"1": nil}), "an unknown map": {"agents": unknown{}, "unset_on_removal": false},
		"both": {"agents": map[string]any{"1": ""}, "agent_ids": []any{"1"}},
	}
	for before, o := range priors {
		configs[before] = o
	}
	for before, prior := range priors {
		for after, config := range configs {
			t.Run("from "+before+" to "+after, func(t *testing.T) {
				t.Parallel()
				api := deepcalltest.Start(t)
				api.Refuse("Invalid AgentID", "13")
				bare, ok := providerserver.NewProtocol6(provider.New("test", nil))().(roster.Server)
				if !ok {
					t.Fatal("the framework's server is incomplete")
				}
				packed := connect(t, api, nil)
				unpacked := startProtocol(t)
				unpacked.Server = unpacking{bare}
				unpacked.Configure(packed.Configured)
				if got, want := answers(packed, prior, config), answers(unpacked, prior, config); !reflect.DeepEqual(got, want) {
					t.Errorf("with packing:\n%+v\nwithout:\n%+v", got, want)
				}
			})
		}
	}
}

// answers asks for everything about a change.
func answers(p *protocol, prior, config object) (told []any) {
	p.t.Helper()
	tell := func(state object, diags diagnostics) { told = append(told, state, diags) }
	if config != nil {
		tell(nil, p.Validate(config))
	}
	tell(p.Read(prior))
	to, diags := p.Plan(prior, config)
	tell(to.State, diags)
	if to.State["agent_ids"] != any(unknown{}) && !diags.HaveError() {
		tell(p.Apply(prior, to, config))
	}
	return append(told, to.Private, to.Replace)
}
