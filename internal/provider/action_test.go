package provider_test

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// The actions over the protocol, for CLIs that know none. internal/examples
// invokes them through a CLI that does.

const (
	setAction   = "deepcall_agent_cad_set"
	unsetAction = "deepcall_agent_cad_unset"
)

// action returns the action side of the server, and the encoded configuration.
func (p *protocol) action(name string, config object) (tfprotov6.ActionServer, *tfprotov6.DynamicValue) {
	p.t.Helper()
	schema, err := p.Server.GetProviderSchema(p.Context, &tfprotov6.GetProviderSchemaRequest{})
	p.Must(err)
	action, found := schema.ActionSchemas[name]
	server, ok := p.Server.(tfprotov6.ActionServer)
	if !found || !ok {
		p.t.Fatalf("the provider has no action %s", name)
	}
	return server, p.Dynamic(action.Schema.ValueType(), config)
}

func (p *protocol) validateAction(name string, config object) diagnostics {
	p.t.Helper()
	server, encoded := p.action(name, config)
	resp, err := server.ValidateActionConfig(p.Context, &tfprotov6.ValidateActionConfigRequest{ActionType: name, Config: encoded})
	p.Must(err)
	return diagnosticsOf(resp.Diagnostics)
}

func (p *protocol) planAction(name string, config object) diagnostics {
	p.t.Helper()
	server, encoded := p.action(name, config)
	resp, err := server.PlanAction(p.Context, &tfprotov6.PlanActionRequest{ActionType: name, Config: encoded})
	p.Must(err)
	return diagnosticsOf(resp.Diagnostics)
}

// invoke does not plan the action before, as a CLI does.
func (p *protocol) invoke(name string, config object) (progress []string, found diagnostics) {
	p.t.Helper()
	server, encoded := p.action(name, config)
	stream, err := server.InvokeAction(p.Context, &tfprotov6.InvokeActionRequest{ActionType: name, Config: encoded})
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

// Any agent that is not confirmed fails the action; its error, in the golden
// file, gives no advice about resources.
func TestActions(t *testing.T) {
	t.Parallel()
	g := readGolden(t, "actions")
	for _, c := range []struct {
		name     string
		server   []deepcalltest.Option
		before   func(*deepcalltest.Server)
		action   string
		config   object
		progress []string
		sends    []string
	}{
		{
			name: "set", action: setAction, config: object{"agent_ids": []string{"1", "14", "27", "31", "42"}},
			progress: []string{"CAD enabled for 2 of 5 agents", "CAD enabled for 4 of 5 agents", "CAD enabled for 5 agents"},
			sends:    []string{"setCad 1 14", "setCad 27 31", "setCad 42"},
		},
		{
			name: "unset", action: unsetAction, config: object{"agents": map[string]string{"1": "Ada", "14": ""}},
			progress: []string{"CAD disabled for 2 agents"}, sends: []string{"unsetCad 1 14"},
		},
		{
			name: "one is refused", before: func(api *deepcalltest.Server) { api.Refuse("Invalid AgentID", "13") },
			action: setAction, config: object{"agent_ids": []string{"1", "13"}},
			progress: []string{"CAD enabled for 1 of 2 agents, 1 failed"}, sends: []string{"setCad 1 13"},
		},
		{
			name: "tried again", before: next(deepcalltest.Status(503, nil, "")), action: setAction, config: object{"agent_ids": []string{"1"}},
			progress: []string{"CAD enabled for 0 of 1 agent; trying again: HTTP 503 Service Unavailable", "CAD enabled for 1 agent"},
			sends:    []string{"setCad 1", "setCad 1"},
		},
		{
			name: "no such endpoint", server: []deepcalltest.Option{deepcalltest.WithoutUnset()},
			action: unsetAction, config: object{"agent_ids": []string{"1"}},
			progress: []string{"CAD disabled for 0 of 1 agent, 1 failed"}, sends: []string{"unsetCad 1"},
		},
		{
			name: "out of time", before: always(deepcalltest.Hang()), action: setAction,
			config: object{"agent_ids": []string{"1"}, "timeouts": object{"invoke": "500ms"}}, sends: []string{"setCad 1"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			api := startForAMinute(t, c.server...)
			if c.before != nil {
				c.before(api)
			}
			p := connect(t, api, object{"batch_size": 2})
			said(t, p.planAction(c.action, c.config))
			progress, found := p.invoke(c.action, c.config)
			equal(t, "progress", progress, c.progress)
			sent(t, api, c.sends...)
			g.compare(t, c.name, ports.ReplaceAllString(found.String(), "127.0.0.1:PORT"))
		})
	}
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

// A stop waits until the action has reported that it was interrupted.
func TestActionInterrupted(t *testing.T) {
	t.Parallel()
	api := startForAMinute(t)
	api.Fail(nil, deepcalltest.Hang())
	p := connect(t, api, object{"batch_size": 1})
	reported := make(chan diagnostics, 1)
	go func() {
		_, found := p.invoke(setAction, object{"agent_ids": []string{"1", "14", "27"}})
		reported <- found
	}()
	if err := api.Wait(2, time.Minute); err != nil {
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
	sent(t, api, "setCad 1", "setCad 14")
}

// Core validates an action with unknown values where it has a variable, so the
// configuration is checked each time.
func TestBadActions(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	for _, c := range []struct {
		summary string
		config  object
	}{
		{"ERROR No agents", object{}},
		{"ERROR No agents", object{"agent_ids": []string{}}},
		{"ERROR No agents", object{"agents": map[string]string{}}},
		{"ERROR Agents given twice", object{"agent_ids": []string{"1"}, "agents": map[string]string{"1": ""}}},
		{"ERROR Invalid agent ID", object{"agent_ids": []string{" 1"}}},
		{"ERROR Invalid label", object{"agents": map[string]any{"1": nil}}},
		{"ERROR Invalid duration", object{"agents": map[string]string{"1": ""}, "timeouts": object{"invoke": "-1s"}}},
	} {
		said(t, p.validateAction(unsetAction, c.config), c.summary)
		said(t, p.planAction(setAction, c.config), c.summary)
		_, found := p.invoke(setAction, c.config)
		said(t, found, c.summary)
	}
	for _, config := range []object{{"agent_ids": unknown{}}, {"agent_ids": []string{"1"}, "timeouts": object{"invoke": unknown{}}}} {
		said(t, p.validateAction(setAction, config))
		said(t, p.planAction(setAction, config))
	}
	said(t, p.planAction(unsetAction, object{"agent_ids": numbered(1, 2001)}), "WARNING Large set")
	sent(t, api)

	_, found := startProtocol(t).invoke(setAction, object{"agent_ids": []string{"1"}})
	said(t, found, "ERROR Provider not configured")
}
