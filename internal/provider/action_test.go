package provider_test

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// The actions over the protocol, for CLIs that know none. internal/examples
// invokes them through a CLI that does.

const (
	setAction   = "deepcall_agent_cad_set"
	unsetAction = "deepcall_agent_cad_unset"
)

// actions returns the action side of the server, and the type of an action's
// configuration.
func (p *protocol) actions(name string) (tfprotov6.ActionServer, tftypes.Type) {
	p.t.Helper()
	schema, err := p.Server.GetProviderSchema(p.Context, &tfprotov6.GetProviderSchemaRequest{})
	p.Must(err)
	action, ok := schema.ActionSchemas[name]
	if !ok {
		p.t.Fatalf("the provider has no action %s", name)
	}
	return asActionServer(p.t, p.Server), action.Schema.ValueType()
}

func asActionServer(t testing.TB, server tfprotov6.ProviderServer) tfprotov6.ActionServer {
	t.Helper()
	actions, ok := server.(tfprotov6.ActionServer)
	if !ok {
		t.Fatal("the server has no actions")
	}
	return actions
}

func (p *protocol) validateAction(name string, config object) diagnostics {
	p.t.Helper()
	server, of := p.actions(name)
	resp, err := server.ValidateActionConfig(p.Context, &tfprotov6.ValidateActionConfigRequest{ActionType: name, Config: p.Dynamic(of, config)})
	p.Must(err)
	return diagnosticsOf(resp.Diagnostics)
}

// invoke plans the action and then invokes it, as a CLI does.
func (p *protocol) invoke(name string, config object) (progress []string, found diagnostics) {
	p.t.Helper()
	if diags := p.planAction(name, config); diags != nil {
		p.t.Fatalf("planning %s:\n%s", name, diags)
	}
	return p.invokeUnplanned(name, config)
}

func (p *protocol) planAction(name string, config object) diagnostics {
	p.t.Helper()
	server, of := p.actions(name)
	resp, err := server.PlanAction(p.Context, &tfprotov6.PlanActionRequest{ActionType: name, Config: p.Dynamic(of, config)})
	p.Must(err)
	return diagnosticsOf(resp.Diagnostics)
}

func (p *protocol) invokeUnplanned(name string, config object) (progress []string, found diagnostics) {
	p.t.Helper()
	server, of := p.actions(name)
	stream, err := server.InvokeAction(p.Context, &tfprotov6.InvokeActionRequest{ActionType: name, Config: p.Dynamic(of, config)})
	p.Must(err)
	completed := 0
	for event := range stream.Events {
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			completed++
			found = diagnosticsOf(e.Diagnostics)
		default:
			p.t.Errorf("an event of type %T", e)
		}
	}
	equal(p.t, "completions", completed, 1)
	return progress, found
}

func TestActionSets(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, object{"batch_size": 2})
	progress, found := p.invoke(setAction, object{"agent_ids": []string{"1", "14", "27", "31", "42"}})
	said(t, found)
	equal(t, "progress", progress, []string{
		"CAD enabled for 2 of 5 agents", "CAD enabled for 4 of 5 agents", "CAD enabled for 5 agents",
	})
	sent(t, api, "setCad 1 14", "setCad 27 31", "setCad 42")
}

func TestActionUnsets(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	api.Enable("1", "14", "27")
	p := connect(t, api, nil)
	progress, found := p.invoke(unsetAction, object{"agent_ids": []string{"1", "14"}})
	said(t, found)
	equal(t, "progress", progress, []string{"CAD disabled for 2 agents"})
	sent(t, api, "unsetCad 1 14")
	equal(t, "agents with CAD", api.Enabled(), []string{"27"})
}

// Any agent that is not confirmed fails the action, in the resource's words.
func TestActionRefused(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	api.Refuse("Invalid AgentID", "13")
	p := connect(t, api, nil)
	config := object{"agent_ids": []string{"1", "13"}}
	progress, found := p.invoke(setAction, config)
	equal(t, "progress", progress, []string{"CAD enabled for 1 of 2 agents, 1 failed"})
	equal(t, "said", found.String(), `ERROR at "agent_ids": Agents refused

CAD was not enabled for 1 of 2 agents: Invalid AgentID.

Agents: 13

Check that these IDs exist in the DeepCall account, correct or remove them, then invoke the action again.
`)
}

func TestActionTriesAgain(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	api.Fail(deepcalltest.Status(503, nil, ""))
	p := connect(t, api, nil)
	progress, found := p.invoke(setAction, object{"agent_ids": []string{"1"}})
	said(t, found)
	equal(t, "progress", progress, []string{
		"CAD enabled for 0 of 1 agent; trying again: HTTP 503 Service Unavailable", "CAD enabled for 1 agent",
	})
}

func TestActionAtAServerWithoutUnset(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t, deepcalltest.WithoutUnset())
	p := connect(t, api, nil)
	_, found := p.invoke(unsetAction, object{"agent_ids": []string{"1"}})
	said(t, found, "ERROR Endpoint unsetCad not found")
	sent(t, api, "unsetCad 1")
}

// A run that has enabled CAD does not disable it, and an action that did not do
// what it was for has failed.
func TestActionUnsetsNothingThatTheRunSets(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	_, found := p.invoke(setAction, object{"agent_ids": []string{"1"}})
	said(t, found)
	_, found = p.invoke(unsetAction, object{"agent_ids": []string{"1", "14"}})
	said(t, found, "ERROR CAD left enabled")
	sent(t, api, "setCad 1", "unsetCad 14")
}

func TestActionInterrupted(t *testing.T) {
	t.Parallel()
	api := startForAMinute(t)
	api.Fail(nil, deepcalltest.Hang())
	p := connect(t, api, object{"batch_size": 1})
	ctx, interrupt := context.WithCancel(t.Context())
	p.Context = ctx
	go func() {
		if err := api.Wait(2, time.Minute); err != nil {
			t.Error(err)
		}
		interrupt()
	}()
	_, found := p.invoke(setAction, object{"agent_ids": []string{"1", "14", "27"}})
	said(t, found, "ERROR Operation interrupted")
	sent(t, api, "setCad 1", "setCad 14")
}

func TestActionTimesOut(t *testing.T) {
	t.Parallel()
	api := startForAMinute(t)
	api.FailWhen(func(deepcalltest.Request) deepcalltest.Fault { return deepcalltest.Hang() })
	p := connect(t, api, nil)
	_, found := p.invoke(setAction, object{"agent_ids": []string{"1"}, "timeouts": object{"invoke": "50ms"}})
	said(t, found, "ERROR Operation timed out")
}

func TestActionOfAProviderNotConfigured(t *testing.T) {
	t.Parallel()
	p := startProtocol(t)
	_, found := p.invoke(setAction, object{"agent_ids": []string{"1"}})
	said(t, found, "ERROR Provider not configured")
}

func TestActionBadInput(t *testing.T) {
	t.Parallel()
	p := startProtocol(t)
	for _, name := range []string{setAction, unsetAction} {
		for about, ids := range map[string][]string{"none": {}, "empty": {""}, "padded": {" 1"}, "control character": {"1\t2"}} {
			if found := p.validateAction(name, object{"agent_ids": ids}); !found.HaveError() {
				t.Errorf("%s takes agent IDs that are %s", name, about)
			}
		}
		said(t, p.validateAction(name, object{"agent_ids": []string{"1"}}))
	}
}

// A stop waits until the action has reported that it was interrupted.
func TestStopWaitsForActions(t *testing.T) {
	t.Parallel()
	api := startForAMinute(t)
	api.Fail(deepcalltest.Hang())
	p := connect(t, api, nil)
	reported := make(chan diagnostics, 1)
	go func() {
		_, found := p.invoke(setAction, object{"agent_ids": []string{"1", "2"}})
		reported <- found
	}()
	if err := api.Wait(1, time.Minute); err != nil {
		t.Fatal(err)
	}
	_, err := p.Server.StopProvider(context.WithoutCancel(t.Context()), &tfprotov6.StopProviderRequest{})
	p.Must(err)
	select {
	case found := <-reported:
		said(t, found, "ERROR Operation interrupted")
	case <-time.After(time.Second):
		t.Error("the stop did not wait for the action")
	}
	_, found := p.invoke(setAction, object{"agent_ids": []string{"3"}})
	said(t, found, "ERROR Operation interrupted")
}

// Core validates an action with unknown values where it has a variable.
func TestActionChecksAgain(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	for summary, config := range map[string]object{
		"ERROR Invalid agent ID":   {"agent_ids": []string{" 1"}},
		"ERROR No agents":          {"agents": map[string]string{}},
		"ERROR Agents given twice": {"agent_ids": []string{"1"}, "agents": map[string]string{"1": ""}},
		"ERROR Invalid duration":   {"agents": map[string]string{"1": ""}, "timeouts": object{"invoke": "-1s"}},
		"ERROR Invalid label":      {"agents": map[string]any{"1": nil}},
	} {
		said(t, p.planAction(setAction, config), summary)
		_, found := p.invokeUnplanned(setAction, config)
		said(t, found, summary)
	}
	said(t, p.planAction(setAction, object{}), "ERROR No agents")
	said(t, p.planAction(setAction, object{"agent_ids": unknown{}}))
	said(t, p.planAction(unsetAction, object{"agent_ids": numbered(1, 2001)}), "WARNING Large set")
	sent(t, api)
	_, found := p.invoke(setAction, object{"agents": map[string]string{"1": "Ada"}})
	said(t, found)
	sent(t, api, "setCad 1")
}
