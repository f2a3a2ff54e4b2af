package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// providerData is what the resource and the actions get from the provider.
type providerData struct {
	client            *deepcall.Client
	baseURL           string
	credentialsFrom   string
	credentialsExpire bool
}

const defaultTimeout = 20 * time.Minute

// begin bounds an operation that sends requests.
func begin(ctx context.Context, timeout func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), diags *diag.Diagnostics) (context.Context, context.CancelFunc) {
	d, found := timeout(ctx, defaultTimeout)
	diags.Append(found...)
	return context.WithTimeout(withSubsystem(ctx), d)
}
