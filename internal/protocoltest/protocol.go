// Package protocoltest speaks to the provider as a CLI does, over Terraform's
// protocol but in the same process: for what a CLI does not let a test see, such
// as warnings, and for what would take a CLI too long.
package protocoltest

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
	"github.com/deepcall/terraform-provider-deepcall/internal/provider"
	"github.com/deepcall/terraform-provider-deepcall/internal/roster"
)

// AgentCAD is the one resource type.
const AgentCAD = "deepcall_agent_cad"

// NewServer returns the provider as a CLI is served by it, with retries that
// do not wait.
func NewServer() (tfprotov6.ProviderServer, error) {
	atOnce := func(int) time.Duration { return 0 }
	return provider.Server(provider.New("test", atOnce))
}

// Provider is one process of the provider, so to speak. Its methods are the calls
// that core makes, and fail the test where the server itself does.
type Provider struct {
	t       testing.TB
	Context context.Context // of every call; a test may replace it
	Version string          // of the CLI, as the provider is told
	Server  roster.Server
	Block   tftypes.Type // of the provider block
	CAD     tftypes.Type // of the resource
	Actions map[string]tftypes.Type

	Configured Object // the provider block, as it was last configured
}

// Start returns a provider that is not configured.
func Start(t testing.TB) *Provider {
	t.Helper()
	p := &Provider{t: t, Context: t.Context(), Version: "1.11.4", Actions: map[string]tftypes.Type{}}
	p.start()
	schema := call(p, p.Server.GetProviderSchema, &tfprotov6.GetProviderSchemaRequest{})
	if len(schema.Diagnostics) > 0 {
		t.Fatalf("the schema is not one:\n%s", DiagnosticsOf(schema.Diagnostics))
	}
	p.Block = schema.Provider.ValueType()
	p.CAD = schema.ResourceSchemas[AgentCAD].ValueType()
	for name, action := range schema.ActionSchemas {
		p.Actions[name] = action.Schema.ValueType()
	}
	return p
}

func (p *Provider) start() {
	p.t.Helper()
	server, err := NewServer()
	p.Must(err)
	whole, ok := server.(roster.Server)
	if !ok {
		p.t.Fatal("the server has no actions")
	}
	p.Server = whole
}

// Connect returns a provider that is configured for api, with these settings
// beside the address and an ssid.
func Connect(t testing.TB, api *deepcalltest.Server, settings Object) *Provider {
	t.Helper()
	p := Start(t)
	p.Configured = Object{"base_url": api.URL(), "ssid": "s3cret"}
	maps.Copy(p.Configured, settings)
	p.NewRun()
	return p
}

// Planned is a planned state with what the provider wants back beside it.
type Planned struct {
	State   Object // nil: destroyed
	Private []byte
	Replace []string // paths that ask for a replacement
}

// DestroyHalf is what core hands to the destroy half of a replacement, of which
// to is the plan of the create half: its private data.
func (to Planned) DestroyHalf() Planned { return Planned{Private: to.Private} }

// call makes a call, which must not fail.
func call[Q, A any](p *Provider, rpc func(context.Context, *Q) (*A, error), request *Q) *A {
	p.t.Helper()
	answer, err := rpc(p.Context, request)
	p.Must(err)
	return answer
}

// ValidateBlock validates a provider block.
func (p *Provider) ValidateBlock(config Object) Diagnostics {
	p.t.Helper()
	request := &tfprotov6.ValidateProviderConfigRequest{Config: p.Dynamic(p.Block, config)}
	return DiagnosticsOf(call(p, p.Server.ValidateProviderConfig, request).Diagnostics)
}

// Configure hands over the provider block.
func (p *Provider) Configure(config Object) Diagnostics {
	p.t.Helper()
	p.Configured = config
	request := &tfprotov6.ConfigureProviderRequest{TerraformVersion: p.Version, Config: p.Dynamic(p.Block, config)}
	return DiagnosticsOf(call(p, p.Server.ConfigureProvider, request).Diagnostics)
}

// Validate validates a resource.
func (p *Provider) Validate(config Object) Diagnostics {
	p.t.Helper()
	request := &tfprotov6.ValidateResourceConfigRequest{TypeName: AgentCAD, Config: p.Dynamic(p.CAD, config)}
	return DiagnosticsOf(call(p, p.Server.ValidateResourceConfig, request).Diagnostics)
}

// Plan plans a change from prior, nil for a create, to config, nil for a
// destroy.
func (p *Provider) Plan(prior, config Object) (Planned, Diagnostics) {
	p.t.Helper()
	proposed := maps.Clone(config) // with what it leaves to the provider as it was before
	if config != nil && config["unset_on_removal"] == nil {
		proposed["unset_on_removal"] = prior["unset_on_removal"]
	}
	resp := call(p, p.Server.PlanResourceChange, &tfprotov6.PlanResourceChangeRequest{
		TypeName: AgentCAD, PriorState: p.Dynamic(p.CAD, prior), Config: p.Dynamic(p.CAD, config),
		ProposedNewState: p.Dynamic(p.CAD, proposed),
	})
	next := Planned{State: p.Object(resp.PlannedState), Private: resp.PlannedPrivate}
	for _, path := range resp.RequiresReplace {
		next.Replace = append(next.Replace, dotted(path))
	}
	return next, DiagnosticsOf(resp.Diagnostics)
}

// Apply returns the new state, nil where there is none.
func (p *Provider) Apply(prior Object, to Planned, config Object) (Object, Diagnostics) {
	p.t.Helper()
	resp := call(p, p.Server.ApplyResourceChange, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: AgentCAD, PriorState: p.Dynamic(p.CAD, prior), Config: p.Dynamic(p.CAD, config),
		PlannedState: p.Dynamic(p.CAD, to.State), PlannedPrivate: to.Private,
	})
	return p.Object(resp.NewState), DiagnosticsOf(resp.Diagnostics)
}

// NewRun puts a new provider, configured as the last one, in its place: a CLI
// starts one for each command, and what a run has set counts within it.
func (p *Provider) NewRun() {
	p.t.Helper()
	p.start()
	if diags := p.Configure(p.Configured); diags != nil {
		p.t.Fatalf("configuring the provider:\n%s", diags)
	}
}

// PlanAndApply is, in a run of its own, plan, which must find nothing wrong,
// and apply of what it planned. It returns the diagnostics of apply.
func (p *Provider) PlanAndApply(prior, config Object) (Object, Diagnostics) {
	p.t.Helper()
	p.NewRun()
	to, diags := p.Plan(prior, config)
	if diags.HaveError() {
		p.t.Fatalf("planning failed:\n%s", diags)
	}
	return p.Apply(prior, to, config)
}

// Read refreshes a resource.
func (p *Provider) Read(state Object) (Object, Diagnostics) {
	p.t.Helper()
	resp := call(p, p.Server.ReadResource, &tfprotov6.ReadResourceRequest{TypeName: AgentCAD, CurrentState: p.Dynamic(p.CAD, state)})
	return p.Object(resp.NewState), DiagnosticsOf(resp.Diagnostics)
}

// ImportState returns nil where the import failed.
func (p *Provider) ImportState(id string) (state Object, diags Diagnostics) {
	p.t.Helper()
	resp := call(p, p.Server.ImportResourceState, &tfprotov6.ImportResourceStateRequest{TypeName: AgentCAD, ID: id})
	for _, imported := range resp.ImportedResources {
		state = p.Object(imported.State)
	}
	return state, DiagnosticsOf(resp.Diagnostics)
}

// Must fails the test for an error of the server.
func (p *Provider) Must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("the provider's server failed: %v", err)
	}
}

// Diagnostic is one error or warning as the CLI receives it.
type Diagnostic struct {
	Severity        string // ERROR or WARNING
	Path            string // with dots; "" without an attribute
	Summary, Detail string
}

// Diagnostics are those of one call.
type Diagnostics []Diagnostic

// DiagnosticsOf reads what came over the protocol.
func DiagnosticsOf(found []*tfprotov6.Diagnostic) (out Diagnostics) {
	for _, d := range found {
		out = append(out, Diagnostic{d.Severity.String(), dotted(d.Attribute), d.Summary, d.Detail})
	}
	return out
}

// HaveError tells whether one of them is an error.
func (d Diagnostics) HaveError() bool { return len(d.Errors()) > 0 }

// Errors are the summaries of the errors.
func (d Diagnostics) Errors() (summaries []string) {
	for _, d := range d {
		if d.Severity == "ERROR" {
			summaries = append(summaries, d.Summary)
		}
	}
	return summaries
}

// String is the whole text, as the golden files have it.
func (d Diagnostics) String() string {
	var b strings.Builder
	for i, d := range d {
		if i > 0 {
			b.WriteString("\n----\n")
		}
		fmt.Fprintf(&b, "%s at %q: %s\n\n%s\n", d.Severity, d.Path, d.Summary, d.Detail)
	}
	return b.String()
}

func dotted(path *tftypes.AttributePath) string {
	var names []string
	for _, step := range path.Steps() {
		names = append(names, fmt.Sprint(reflect.ValueOf(step)))
	}
	return strings.Join(names, ".")
}
