package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// providerData is what the resource and the actions get from the provider.
type providerData struct {
	config          deepcall.Config
	credentialsFrom string // names attributes or variables
	run             *runMemory
	client          *deepcall.Client // nil while the provider block has unknown values
}

// dataOf is what the framework hands on, which is nothing until the provider is
// configured.
func dataOf(handedOn any) *providerData {
	if p, ok := handedOn.(*providerData); ok {
		return p
	}
	return &providerData{run: newRunMemory(noMaxRemovals)}
}

const defaultTimeout = 20 * time.Minute

// timeoutOf is the operation's timeout of those in the attribute.
func timeoutOf(timeouts types.Object, operation string) (time.Duration, diag.Diagnostic) {
	value, _ := timeouts.Attributes()[operation].(types.String)
	return duration(path.Root("timeouts").AtName(operation), value, defaultTimeout)
}

// begin bounds an operation that sends requests. With an error among diags, it
// is not to go on.
func (p *providerData) begin(ctx context.Context, timeouts types.Object, operation string, diags *diag.Diagnostics) (context.Context, context.CancelFunc) {
	if p.client == nil {
		diags.Append(notConfigured)
	}
	timeout, problem := timeoutOf(timeouts, operation)
	diags.Append(problem)
	return context.WithTimeout(withSubsystem(ctx), timeout)
}

// outcome is what came of one call.
type outcome struct {
	operation deepcall.Operation
	asked     int // agents
	deepcall.Result
}

// done reports whether every agent was confirmed, or kept by the same run.
func (o outcome) done() bool { return len(o.Confirmed)+len(o.Kept) == o.asked }

// send calls the API, unless for nobody, and remembers what it has enabled and
// disabled.
func (p *providerData) send(ctx context.Context, operation deepcall.Operation, ids []string, progress func(deepcall.Progress)) outcome {
	o := outcome{operation: operation, asked: len(ids)}
	if o.asked > 0 {
		o.Result = p.client.Do(ctx, operation, ids, progress)
		p.run.confirm(operation, o.Confirmed)
	}
	return o
}
