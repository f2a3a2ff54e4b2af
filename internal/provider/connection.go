package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// connection is what the resource and the actions work with. It is nil until
// the provider is configured with known values.
type connection struct {
	client            *deepcall.Client
	baseURL           string
	credentialsFrom   string
	credentialsExpire bool
}

const defaultTimeout = 20 * time.Minute

// begin bounds an operation that sends requests.
func (c *connection) begin(ctx context.Context, timeout func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), diags *diag.Diagnostics) (context.Context, context.CancelFunc) {
	if c == nil {
		diags.Append(notConfigured())
		return ctx, func() {}
	}
	d, found := timeout(ctx, defaultTimeout)
	diags.Append(found...)
	return context.WithTimeout(withSubsystem(ctx), d)
}
