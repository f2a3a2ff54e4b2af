package deepcall

import (
	"context"
	"log/slog"
	"time"
)

// The log has one line for each request, at DEBUG, why one is retried, and how
// far a call of several requests has come, at INFO. It contains no bodies.

func logRequest(ctx context.Context, log *slog.Logger, r *request, took time.Duration, got reply, err error) {
	attrs := []slog.Attr{
		slog.String("endpoint", r.op.Endpoint()),
		slog.Int("agents", len(r.ids)),
		slog.Int("resources", r.calls),
		slog.Int("attempt", r.tries),
		slog.Int("status", got.status),
		slog.String("code", got.code),
		slog.Int64("duration_ms", took.Milliseconds()),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	log.LogAttrs(ctx, slog.LevelDebug, "request", attrs...)
	if got.unaskedN > 0 {
		log.LogAttrs(ctx, slog.LevelWarn, "the answer lists agents that were not asked for; they are ignored",
			slog.Any("agents", got.unasked), slog.Int("more", got.unaskedN-len(got.unasked)))
	}
}

func logRetry(ctx context.Context, log *slog.Logger, r *request, err error, wait time.Duration) {
	log.LogAttrs(ctx, slog.LevelWarn, "retrying",
		slog.String("endpoint", r.op.Endpoint()),
		slog.Int("attempt", r.tries),
		slog.Int64("wait_ms", max(0, wait).Milliseconds()),
		slog.String("reason", err.Error()))
}

// logProgress logs calls that take more than one request.
func logProgress(ctx context.Context, log *slog.Logger, op Operation, p Progress) {
	if p.Requests == 1 && p.Confirmed+p.Failed == p.Total {
		return
	}
	log.LogAttrs(ctx, slog.LevelInfo, "progress",
		slog.String("endpoint", op.Endpoint()),
		slog.Int("confirmed", p.Confirmed),
		slog.Int("failed", p.Failed),
		slog.Int("total", p.Total),
		slog.Int("requests", p.Requests))
}
