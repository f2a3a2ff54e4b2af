// Package provider is the DeepCall provider as Terraform sees it: the provider
// block, the resource and the actions, on the plugin framework.
package provider

import (
	"context"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// Option changes a provider for a test.
type Option func(*deepCall)

// WithBackoff replaces the wait before retry 1, 2, ….
func WithBackoff(backoff func(retry int) time.Duration) Option {
	return func(p *deepCall) { p.backoff = backoff }
}

// New returns the provider. version goes into its user agent.
func New(version string, options ...Option) provider.Provider {
	p := &deepCall{version: version}
	for _, o := range options {
		o(p)
	}
	return p
}

type deepCall struct {
	version string
	backoff func(retry int) time.Duration // nil: the client's own
}

var _ provider.ProviderWithActions = (*deepCall)(nil)

// providerModel is the provider block.
type providerModel struct {
	BaseURL               types.String `tfsdk:"base_url"`
	SSID                  types.String `tfsdk:"ssid"`
	UserID                types.String `tfsdk:"user_id"`
	Token                 types.String `tfsdk:"token"`
	RequestTimeout        types.String `tfsdk:"request_timeout"`
	MaxRetries            types.Number `tfsdk:"max_retries"`
	BatchSize             types.Number `tfsdk:"batch_size"`
	MaxConcurrentRequests types.Number `tfsdk:"max_concurrent_requests"`
}

func (p *deepCall) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "deepcall"
	resp.Version = p.version
}

func (p *deepCall) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	notEmpty := stringvalidator.LengthAtLeast(1)
	resp.Schema = schema.Schema{
		MarkdownDescription: "Switches CAD on, and off, for agents of the cloud-telephony service DeepCall.",
		Attributes: map[string]schema.Attribute{
			"base_url": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Where requests go: `/api/v2/Agent/setCad` is appended to it, and a path prefix is kept. " +
					"Plain `http` is taken for a loopback host only, because every request carries the credentials. " +
					"Environment: `DEEPCALL_BASE_URL`. Default: `https://v4-api.deepcall.com`.",
				Validators: []validator.String{baseURLValidator{}},
			},
			"ssid": schema.StringAttribute{
				Optional:  true,
				Sensitive: true,
				MarkdownDescription: "Session ID that authenticates every request. It belongs to a login and expires. " +
					"Not beside `user_id` and `token`. Environment: `DEEPCALL_SSID`.",
				Validators: []validator.String{
					notEmpty,
					stringvalidator.ConflictsWith(path.MatchRoot("user_id"), path.MatchRoot("token")),
				},
			},
			"user_id": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "User ID that authenticates every request together with `token`. " +
					"Environment: `DEEPCALL_USER_ID`.",
				Validators: []validator.String{notEmpty},
			},
			"token": schema.StringAttribute{
				Optional:  true,
				Sensitive: true,
				MarkdownDescription: "Token that authenticates every request together with `user_id`. It lasts. " +
					"Environment: `DEEPCALL_TOKEN`.",
				Validators: []validator.String{notEmpty},
			},
			"request_timeout": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "How long one HTTP request may take, its answer included, as a Go duration such as `90s`. " +
					"One that takes longer counts as unanswered and is tried again. Default: `60s`.",
				Validators: []validator.String{durationValidator{}},
			},
			"max_retries": schema.NumberAttribute{
				Optional: true,
				MarkdownDescription: "How often a request is tried again after a failure that may pass (no whole answer, HTTP 429, 500, 502, " +
					"503 and 504, codes 1501 and 1032), with growing waits. `0` tries once. Default: `4`.",
				Validators: []validator.Number{countValidator{least: 0}},
			},
			"batch_size": schema.NumberAttribute{
				Optional: true,
				MarkdownDescription: "Most agents in one request. The API documents no limit; an answer of HTTP 413 halves it for the run. " +
					"Default: `500`.",
				Validators: []validator.Number{countValidator{least: 1}},
			},
			"max_concurrent_requests": schema.NumberAttribute{
				Optional: true,
				MarkdownDescription: "Most requests in flight at a time, over all resources of this provider block. What waits " +
					"rides together in the next request, so more than one is rarely needed. Default: `1`.",
				Validators: []validator.Number{countValidator{least: 1}},
			},
		},
	}
}

func (p *deepCall) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if config.hasUnknown() {
		// A plan sends nothing, so it needs no client; the apply has the values.
		return
	}
	s, diags := config.settings(os.Getenv)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	data := s.providerData(userAgent(p.version, req.TerraformVersion, os.Getenv("TF_APPEND_USER_AGENT")), p.backoff)
	resp.ResourceData, resp.ActionData = data, data
}

func (p *deepCall) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &agentCAD{} }}
}

func (p *deepCall) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (p *deepCall) Actions(context.Context) []func() action.Action {
	return []func() action.Action{
		func() action.Action { return &agentCADAction{operation: deepcall.Set} },
		func() action.Action { return &agentCADAction{operation: deepcall.Unset} },
	}
}
