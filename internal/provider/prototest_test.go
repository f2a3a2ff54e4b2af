package provider_test

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
	"github.com/deepcall/terraform-provider-deepcall/internal/provider"
)

// agentCAD is the one resource type.
const agentCAD = "deepcall_agent_cad"

// newServer returns the provider as a CLI is served by it, with retries that
// do not wait.
func newServer() (tfprotov6.ProviderServer, error) {
	atOnce := provider.WithBackoff(func(int) time.Duration { return 0 })
	return provider.Server(provider.New("test", atOnce))
}

// protocol speaks to a provider as a CLI does, in this process: for what a CLI
// does not let a test see, such as warnings.
type protocol struct {
	t      testing.TB
	ctx    context.Context // of every call; a test may replace it
	server tfprotov6.ProviderServer
	block  tftypes.Type // of the provider block
	cad    tftypes.Type // of the resource

	configured object // the provider block
}

func startProtocol(t testing.TB) *protocol {
	t.Helper()
	server, err := newServer()
	p := &protocol{t: t, ctx: t.Context(), server: server}
	p.must(err)
	schema, err := server.GetProviderSchema(p.ctx, &tfprotov6.GetProviderSchemaRequest{})
	p.must(err)
	if len(schema.Diagnostics) > 0 {
		t.Fatalf("the schema is not one:\n%s", diagnosticsOf(schema.Diagnostics))
	}
	p.block = schema.Provider.ValueType()
	p.cad = schema.ResourceSchemas[agentCAD].ValueType()
	return p
}

// connect returns a provider that is configured for api, with these settings
// beside the address and an ssid.
func connect(t testing.TB, api *deepcalltest.Server, settings object) *protocol {
	t.Helper()
	p := startProtocol(t)
	block := object{"base_url": api.URL(), "ssid": "s3cret"}
	maps.Copy(block, settings)
	if diags := p.configure(block); diags != nil {
		t.Fatalf("configuring the provider:\n%s", diags)
	}
	return p
}

// planned is a planned state with what the provider wants back beside it.
type planned struct {
	state   object // nil: destroyed
	private []byte
	replace []string // paths that ask for a replacement
}

func (p *protocol) validateBlock(config object) diagnostics {
	p.t.Helper()
	resp, err := p.server.ValidateProviderConfig(p.ctx, &tfprotov6.ValidateProviderConfigRequest{Config: p.dynamic(p.block, config)})
	p.must(err)
	return diagnosticsOf(resp.Diagnostics)
}

func (p *protocol) configure(config object) diagnostics {
	p.t.Helper()
	p.configured = config
	resp, err := p.server.ConfigureProvider(p.ctx, &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.11.4", Config: p.dynamic(p.block, config),
	})
	p.must(err)
	return diagnosticsOf(resp.Diagnostics)
}

func (p *protocol) validate(config object) diagnostics {
	p.t.Helper()
	resp, err := p.server.ValidateResourceConfig(p.ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: agentCAD, Config: p.dynamic(p.cad, config),
	})
	p.must(err)
	return diagnosticsOf(resp.Diagnostics)
}

// plan plans a change from prior, nil for a create, to config, nil for a
// destroy.
func (p *protocol) plan(prior, config object) (planned, diagnostics) {
	p.t.Helper()
	resp, err := p.server.PlanResourceChange(p.ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: agentCAD, PriorState: p.dynamic(p.cad, prior), Config: p.dynamic(p.cad, config),
		ProposedNewState: p.dynamic(p.cad, proposed(prior, config)),
	})
	p.must(err)
	next := planned{state: p.object(resp.PlannedState), private: resp.PlannedPrivate}
	for _, path := range resp.RequiresReplace {
		next.replace = append(next.replace, dotted(path))
	}
	return next, diagnosticsOf(resp.Diagnostics)
}

// proposed is config with what it leaves to the provider as it was before.
func proposed(prior, config object) object {
	if config == nil {
		return nil
	}
	next := maps.Clone(config)
	if next["unset_on_removal"] == nil {
		next["unset_on_removal"] = prior["unset_on_removal"]
	}
	return next
}

// apply returns the new state, nil where there is none.
func (p *protocol) apply(prior object, to planned, config object) (object, diagnostics) {
	p.t.Helper()
	resp, err := p.server.ApplyResourceChange(p.ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: agentCAD, PriorState: p.dynamic(p.cad, prior), Config: p.dynamic(p.cad, config),
		PlannedState: p.dynamic(p.cad, to.state), PlannedPrivate: to.private,
	})
	p.must(err)
	return p.object(resp.NewState), diagnosticsOf(resp.Diagnostics)
}

// newRun puts a new provider, configured as the last one, in its place: a CLI
// starts one for each command, and what a run has set counts within it.
func (p *protocol) newRun() {
	p.t.Helper()
	server, err := newServer()
	p.must(err)
	p.server = server
	if diags := p.configure(p.configured); diags != nil {
		p.t.Fatalf("configuring the provider:\n%s", diags)
	}
}

// planAndApply is, in a run of its own, plan, which must find nothing wrong,
// and apply of what it planned. It returns the diagnostics of apply.
func (p *protocol) planAndApply(prior, config object) (object, diagnostics) {
	p.t.Helper()
	p.newRun()
	to, diags := p.plan(prior, config)
	if diags.haveError() {
		p.t.Fatalf("planning failed:\n%s", diags)
	}
	return p.apply(prior, to, config)
}

func (p *protocol) read(state object) (object, diagnostics) {
	p.t.Helper()
	resp, err := p.server.ReadResource(p.ctx, &tfprotov6.ReadResourceRequest{TypeName: agentCAD, CurrentState: p.dynamic(p.cad, state)})
	p.must(err)
	return p.object(resp.NewState), diagnosticsOf(resp.Diagnostics)
}

// importState returns nil where the import failed.
func (p *protocol) importState(id string) (object, diagnostics) {
	p.t.Helper()
	resp, err := p.server.ImportResourceState(p.ctx, &tfprotov6.ImportResourceStateRequest{TypeName: agentCAD, ID: id})
	p.must(err)
	if len(resp.ImportedResources) == 0 {
		return nil, diagnosticsOf(resp.Diagnostics)
	}
	return p.object(resp.ImportedResources[0].State), diagnosticsOf(resp.Diagnostics)
}

// upgrade reads a state as it stands in a state file.
func (p *protocol) upgrade(version int64, json string) (object, diagnostics) {
	p.t.Helper()
	resp, err := p.server.UpgradeResourceState(p.ctx, &tfprotov6.UpgradeResourceStateRequest{
		TypeName: agentCAD, Version: version, RawState: &tfprotov6.RawState{JSON: []byte(json)},
	})
	p.must(err)
	return p.object(resp.UpgradedState), diagnosticsOf(resp.Diagnostics)
}

func (p *protocol) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("the provider's server failed: %v", err)
	}
}

// diagnostic is one error or warning as the CLI receives it.
type diagnostic struct {
	severity        string // ERROR or WARNING
	path            string // with dots; "" without an attribute
	summary, detail string
}

type diagnostics []diagnostic

func diagnosticsOf(found []*tfprotov6.Diagnostic) (out diagnostics) {
	for _, d := range found {
		out = append(out, diagnostic{d.Severity.String(), dotted(d.Attribute), d.Summary, d.Detail})
	}
	return out
}

func (d diagnostics) haveError() bool {
	return slices.ContainsFunc(d, func(d diagnostic) bool { return d.severity == "ERROR" })
}

// summaries are "ERROR Agents refused" and the like.
func (d diagnostics) summaries() (out []string) {
	for _, d := range d {
		out = append(out, d.severity+" "+d.summary)
	}
	return out
}

// String is the whole text, as the golden files have it.
func (d diagnostics) String() string {
	var b strings.Builder
	for i, d := range d {
		if i > 0 {
			b.WriteString("\n----\n")
		}
		fmt.Fprintf(&b, "%s at %q: %s\n\n%s\n", d.severity, d.path, d.summary, d.detail)
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
