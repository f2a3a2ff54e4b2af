package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
	"github.com/deepcall/terraform-provider-deepcall/internal/protocoltest"
)

// The actions over the protocol, for CLIs that know none. internal/examples
// invokes them through a CLI that does.

const (
	setAction   = protocoltest.SetAction
	unsetAction = protocoltest.UnsetAction
)

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
			progress: []string{"CAD enabled for 0 of 1 agent; retrying: HTTP 503 Service Unavailable", "CAD enabled for 1 agent"},
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
			said(t, p.PlanAction(c.action, c.config))
			progress, found := p.InvokeAction(c.action, c.config)
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
	_, found := p.InvokeAction(setAction, object{"agent_ids": []string{"1"}})
	said(t, found)
	_, found = p.InvokeAction(unsetAction, object{"agent_ids": []string{"1", "14"}})
	said(t, found, "ERROR CAD left enabled")
	sent(t, api, "setCad 1", "unsetCad 14")
}

// A stop ends what is invoked after it, too, until the next run: under a
// debugger, one process serves them all.
func TestStopLastsForARun(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	if _, err := p.Server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
		t.Fatal(err)
	}
	config := object{"agent_ids": []string{"1"}}
	_, found := p.InvokeAction(setAction, config)
	said(t, found, "ERROR Operation interrupted")
	sent(t, api)

	said(t, p.Configure(p.Configured))
	_, found = p.InvokeAction(setAction, config)
	said(t, found)
	sent(t, api, "setCad 1")
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
		{"ERROR Conflicting agent lists", object{"agent_ids": []string{"1"}, "agents": map[string]string{"1": ""}}},
		{"ERROR Invalid agent ID", object{"agent_ids": []string{" 1"}}},
		{"ERROR Invalid label", object{"agents": map[string]any{"1": nil}}},
		{"ERROR Invalid duration", object{"agents": map[string]string{"1": ""}, "timeouts": object{"invoke": "-1s"}}},
	} {
		found := p.ValidateAction(unsetAction, c.config)
		said(t, found, c.summary)
		if text := found.String(); strings.Contains(text, "state") {
			t.Errorf("an action has no state:\n%s", text)
		}
		said(t, p.PlanAction(setAction, c.config), c.summary)
		_, found = p.InvokeAction(setAction, c.config)
		said(t, found, c.summary)
	}
	for _, config := range []object{{"agent_ids": unknown{}}, {"agent_ids": []string{"1"}, "timeouts": object{"invoke": unknown{}}}} {
		said(t, p.ValidateAction(setAction, config))
		said(t, p.PlanAction(setAction, config))
	}
	said(t, p.PlanAction(unsetAction, object{"agent_ids": numbered(1, 2001)}), "WARNING Large set")
	sent(t, api)

	_, found := startProtocol(t).InvokeAction(setAction, object{"agent_ids": []string{"1"}})
	said(t, found, "ERROR Provider not configured")
}
