package provider

import (
	"context"
	"log/slog"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// subsystem is the name of the client's log: its lines carry
// @module=deepcall.deepcall, and TF_LOG_PROVIDER_DEEPCALL sets their level.
const subsystem = "deepcall"

func withSubsystem(ctx context.Context) context.Context {
	return tflog.NewSubsystem(ctx, subsystem, tflog.WithLevelFromEnv("TF_LOG_PROVIDER", "DEEPCALL"), tflog.WithRootFields())
}

// tflogHandler writes what the client logs to the log in the context of each line,
// which withSubsystem has prepared.
type tflogHandler struct{}

func (tflogHandler) Enabled(context.Context, slog.Level) bool { return true } // tflog decides

func (tflogHandler) Handle(ctx context.Context, r slog.Record) error {
	fields := make(map[string]any, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		fields[a.Key] = a.Value.Any()
		return true
	})
	switch {
	case r.Level >= slog.LevelWarn:
		tflog.SubsystemWarn(ctx, subsystem, r.Message, fields)
	case r.Level >= slog.LevelInfo:
		tflog.SubsystemInfo(ctx, subsystem, r.Message, fields)
	default:
		tflog.SubsystemDebug(ctx, subsystem, r.Message, fields)
	}
	return nil
}

// The client neither groups nor presets attributes.
func (h tflogHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h tflogHandler) WithGroup(string) slog.Handler      { return h }
