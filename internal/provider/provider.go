// Package provider is the DeepCall provider as Terraform sees it: the provider
// block, the resource and the actions, on the plugin framework.
package provider

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// New returns the provider. version goes into its user agent; a test may give the
// wait before retry 1, 2, ….
func New(version string, backoff func(retry int) time.Duration) provider.Provider {
	return &deepCall{version, backoff}
}

type deepCall struct {
	version string
	backoff func(retry int) time.Duration // nil: the client's own
}

var (
	_ provider.ProviderWithActions        = (*deepCall)(nil)
	_ provider.ProviderWithValidateConfig = (*deepCall)(nil)
)

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
	MaxRemovals           types.Number `tfsdk:"max_removals"`
}

func (p *deepCall) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "deepcall"
	resp.Version = p.version
}

func (p *deepCall) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Use the DeepCall provider to enable CAD, a per-agent setting of the DeepCall cloud telephony service, for a list of " +
			"agents, and to disable it again.",
		Attributes: map[string]schema.Attribute{
			"base_url": text("Base URL of the DeepCall API. A path prefix is kept, and the provider appends `/api/v2/Agent/setCad` or `/api/v2/Agent/unsetCad`. `http` is " +
				"accepted only for loopback hosts, because every request carries the credentials. " +
				"Environment: `DEEPCALL_BASE_URL`. Default: `https://v4-api.deepcall.com`."),
			"ssid": secret("Session ID used to authenticate. It belongs to a login and expires. Conflicts with `user_id` and `token`. " +
				"Environment: `DEEPCALL_SSID`."),
			"user_id": text("User ID used to authenticate, together with `token`. Environment: `DEEPCALL_USER_ID`."),
			"token": secret("Token used to authenticate, together with `user_id`. Unlike a session ID, it does not expire. " +
				"Environment: `DEEPCALL_TOKEN`."),
			"request_timeout": text("Timeout for one HTTP request, including its response, as a Go duration such as `90s`. " +
				"A request that times out is retried. Default: `60s`."),
			"max_retries": number("Maximum number of retries for a request that failed for a temporary reason: no complete response, HTTP 429, " +
				"500, 502, 503, or 504, or code 1501 or 1032. `0` disables retries. Default: `4`."),
			"batch_size": number("Maximum number of agents per request. Default: `500`."),
			"max_concurrent_requests": number("Maximum number of requests in flight at the same time, across all resources of this provider block. " +
				"Agents that are waiting share the next request, so `1` is usually enough. Default: `1`."),
			"max_removals": number("Maximum number of agents that one run may send to `unsetCad` through this provider block. A plan that exceeds " +
				"it fails, which protects against a truncated list of agents. Actions count, too. `0` allows none. No limit by default."),
		},
	}
}

// text, secret and number are optional, as all attributes of the block are.
func text(description string) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description}
}

func secret(description string) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: description}
}

func number(description string) schema.NumberAttribute {
	return schema.NumberAttribute{Optional: true, MarkdownDescription: description}
}

// ValidateConfig checks the block alone, as far as it is known.
func (p *deepCall) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	noEnvironment := func(string) string { return "" }
	var block providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &block)...)
	block.config(noEnvironment, &resp.Diagnostics)
	ssid, userID, token := block.found(noEnvironment)
	for _, c := range []credential{ssid, userID, token} {
		if isKnown(c.value) {
			resp.Diagnostics.Append(c.check())
		}
	}
	if isKnown(ssid.value) && (isKnown(userID.value) || isKnown(token.value)) {
		resp.Diagnostics.Append(diag.WithPath(path.Root("ssid"), conflictingCredentials("`ssid`", "`user_id` or `token`")))
	}
}

func (p *deepCall) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var block providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &block)...)
	config := block.config(os.Getenv, &resp.Diagnostics)
	credentials, from, problem := block.credentials(os.Getenv)
	resp.Diagnostics.Append(problem)
	if resp.Diagnostics.HasError() {
		return
	}
	config.Credentials, config.Logger, config.Backoff = credentials, slog.New(tflogHandler{}), p.backoff
	config.UserAgent = userAgent(p.version, req.TerraformVersion, os.Getenv("TF_APPEND_USER_AGENT"))
	data := &providerData{config: config, credentialsFrom: from, run: newRunMemory(config.MaxRemovals)}
	if req.Config.Raw.IsFullyKnown() { // a plan sends nothing, so it needs no client; the apply has the values
		data.client = deepcall.New(config)
	}
	resp.ResourceData, resp.ActionData = data, data
}

func (p *deepCall) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &agentCAD{} }}
}

func (p *deepCall) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (p *deepCall) Actions(context.Context) []func() action.Action {
	return []func() action.Action{
		newAction("deepcall_agent_cad_set", deepcall.Set, "Enables"),
		newAction("deepcall_agent_cad_unset", deepcall.Unset, "Disables"),
	}
}
