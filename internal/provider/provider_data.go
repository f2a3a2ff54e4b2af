package provider

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

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

// timeoutsAttribute has a timeout for each operation, given with what it does:
// "creating the resource".
func timeoutsAttribute(description string, operations map[string]string) schema.Attribute {
	attributes := map[string]schema.Attribute{}
	for operation, doing := range operations {
		attributes[operation] = schema.StringAttribute{
			Optional: true, MarkdownDescription: "Timeout for " + doing + ", including retries. Default: `20m`.",
		}
	}
	return schema.SingleNestedAttribute{Optional: true, MarkdownDescription: description, Attributes: attributes}
}

// timeoutOf is the operation's timeout of those in the attribute.
func timeoutOf(timeouts types.Object, operation string, diags *diag.Diagnostics) time.Duration {
	value, _ := timeouts.Attributes()[operation].(types.String)
	return duration(path.Root("timeouts").AtName(operation), value, defaultTimeout, diags)
}

// begin bounds an operation that sends requests. With an error among diags, it
// is not to go on.
func (p *providerData) begin(ctx context.Context, timeouts types.Object, operation string, diags *diag.Diagnostics) (context.Context, context.CancelFunc) {
	if p.client == nil {
		diags.AddError("Provider not configured",
			"The provider block still had an unknown value when a request was due. Use values that are known before the resources of this provider are applied.")
	}
	ctx = tflog.NewSubsystem(ctx, subsystem, tflog.WithLevelFromEnv("TF_LOG_PROVIDER", "DEEPCALL"), tflog.WithRootFields())
	return context.WithTimeout(ctx, timeoutOf(timeouts, operation, diags))
}

// outcome is what came of one call.
type outcome struct {
	operation deepcall.Operation
	asked     []string // agents
	deepcall.Result
}

// failed returns the agents that were neither confirmed nor kept by the same run.
func (o outcome) failed() []string { return without(o.asked, slices.Concat(o.Confirmed, o.Kept)) }

// send calls the API, unless for nobody, and remembers what it has enabled and
// disabled.
func (p *providerData) send(ctx context.Context, operation deepcall.Operation, ids []string, progress func(deepcall.Progress)) outcome {
	o := outcome{operation: operation, asked: ids}
	if len(ids) > 0 {
		o.Result = p.client.Do(ctx, operation, ids, progress)
		p.run.confirm(operation, o.Confirmed)
	}
	return o
}

// applied is what one apply did to a resource.
type applied struct {
	step           step
	prior, planned agentList
	set, unset     outcome
}

// finish reports what was not confirmed, and returns what state is to list.
func (p *providerData) finish(a applied, diags *diag.Diagnostics) agentList {
	recorded := a.prior.record(a.planned, a.set.Confirmed, a.unset.failed())
	if a.step == creating && len(recorded.ids) == 0 {
		a.step.inState = emptyState
	}
	if kept := a.unset.Kept; len(kept) > 0 {
		diags.AddAttributeWarning(a.planned.path(), "CAD left enabled", fmt.Sprintf("CAD was left enabled for %s, because this run enabled it, "+
			"through another resource, an action, or the replacement of this object: %s", agents(len(kept)), listIDs(kept)))
	}
	diags.Append(p.report(a.step, a.planned.path(), len(recorded.ids), a.set, a.unset)...)
	return recorded
}

// subsystem is the name of the client's log: its lines carry
// @module=deepcall.deepcall, and TF_LOG_PROVIDER_DEEPCALL sets their level.
const subsystem = "deepcall"

// tflogHandler writes what the client logs to the log in the context of each line,
// which begin has prepared.
type tflogHandler struct{}

func (tflogHandler) Enabled(context.Context, slog.Level) bool { return true } // tflog decides

func (tflogHandler) Handle(ctx context.Context, r slog.Record) error {
	fields := make(map[string]any, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		fields[a.Key] = a.Value.Any()
		return true
	})
	log := tflog.SubsystemDebug
	switch {
	case r.Level >= slog.LevelWarn:
		log = tflog.SubsystemWarn
	case r.Level >= slog.LevelInfo:
		log = tflog.SubsystemInfo
	}
	log(ctx, subsystem, r.Message, fields)
	return nil
}

// The client neither groups nor presets attributes.
func (h tflogHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h tflogHandler) WithGroup(string) slog.Handler      { return h }
