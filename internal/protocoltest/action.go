package protocoltest

import "github.com/hashicorp/terraform-plugin-go/tfprotov6"

// The two actions.
const (
	SetAction   = "deepcall_agent_cad_set"
	UnsetAction = "deepcall_agent_cad_unset"
)

// ValidateAction validates an action's configuration.
func (p *Provider) ValidateAction(name string, config Object) Diagnostics {
	p.t.Helper()
	request := &tfprotov6.ValidateActionConfigRequest{ActionType: name, Config: p.Dynamic(p.Actions[name], config)}
	return DiagnosticsOf(call(p, p.Server.ValidateActionConfig, request).Diagnostics)
}

// PlanAction plans an action.
func (p *Provider) PlanAction(name string, config Object) Diagnostics {
	p.t.Helper()
	request := &tfprotov6.PlanActionRequest{ActionType: name, Config: p.Dynamic(p.Actions[name], config)}
	return DiagnosticsOf(call(p, p.Server.PlanAction, request).Diagnostics)
}

// InvokeAction invokes an action, planned or not, which must complete once, and
// returns its progress lines.
func (p *Provider) InvokeAction(name string, config Object) (progress []string, found Diagnostics) {
	p.t.Helper()
	request := &tfprotov6.InvokeActionRequest{ActionType: name, Config: p.Dynamic(p.Actions[name], config)}
	completed := 0
	for event := range call(p, p.Server.InvokeAction, request).Events {
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
