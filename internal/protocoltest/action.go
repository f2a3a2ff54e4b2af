package protocoltest

import (
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// The two actions.
const (
	SetAction   = "deepcall_agent_cad_set"
	UnsetAction = "deepcall_agent_cad_unset"
)

// ValidateAction validates an action's configuration.
func (p *Provider) ValidateAction(name string, config Object) Diagnostics {
	p.t.Helper()
	resp, err := p.actions().ValidateActionConfig(p.Context, &tfprotov6.ValidateActionConfigRequest{
		ActionType: name, Config: p.Dynamic(p.Actions[name], config),
	})
	p.Must(err)
	return DiagnosticsOf(resp.Diagnostics)
}

// PlanAction plans an action.
func (p *Provider) PlanAction(name string, config Object) Diagnostics {
	p.t.Helper()
	resp, err := p.actions().PlanAction(p.Context, &tfprotov6.PlanActionRequest{
		ActionType: name, Config: p.Dynamic(p.Actions[name], config),
	})
	p.Must(err)
	return DiagnosticsOf(resp.Diagnostics)
}

// InvokeAction invokes an action, planned or not, which must complete once, and
// returns its progress lines.
func (p *Provider) InvokeAction(name string, config Object) (progress []string, found Diagnostics) {
	p.t.Helper()
	stream, err := p.actions().InvokeAction(p.Context, &tfprotov6.InvokeActionRequest{
		ActionType: name, Config: p.Dynamic(p.Actions[name], config),
	})
	p.Must(err)
	completed := 0
	for event := range stream.Events {
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			completed++
			found = DiagnosticsOf(e.Diagnostics)
		default:
			p.t.Errorf("an event of type %T", e)
		}
	}
	if completed != 1 {
		p.t.Errorf("%s completed %d times", name, completed)
	}
	return progress, found
}

func (p *Provider) actions() tfprotov6.ActionServer {
	p.t.Helper()
	server, ok := p.Server.(tfprotov6.ActionServer)
	if !ok {
		p.t.Fatal("the server has no actions")
	}
	return server
}
