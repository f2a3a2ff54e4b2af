package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// providerData is what the resource and the actions get from the provider.
type providerData struct {
	run               *runMemory
	client            *deepcall.Client // nil while the provider block has unknown values
	baseURL           string
	credentialsFrom   string
	credentialsExpire bool
}

// canSend reports whether the provider is configured with known values.
func (p *providerData) canSend() bool { return p != nil && p.client != nil }

// send calls the API and remembers what it has enabled and disabled.
func (p *providerData) send(ctx context.Context, operation deepcall.Operation, ids []string, progress func(deepcall.Progress)) deepcall.Result {
	result := p.client.Do(ctx, operation, ids, progress)
	if operation == deepcall.Set {
		p.run.confirm(result.Confirmed)
	} else {
		p.run.disable(result.Confirmed)
	}
	return result
}

const defaultTimeout = 20 * time.Minute

// begin bounds an operation that sends requests.
func begin(ctx context.Context, timeout func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), diags *diag.Diagnostics) (context.Context, context.CancelFunc) {
	d, found := timeout(ctx, defaultTimeout)
	diags.Append(found...)
	return context.WithTimeout(withSubsystem(ctx), d)
}
