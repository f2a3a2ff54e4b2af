package deepcall

import (
	"context"
	"log/slog"
	"time"
)

// The log has one line for each request, at DEBUG, why one is retried, and how
// far a call of several requests has come, at INFO. It contains no bodies.

func logRequest(ctx context.Context, log *slog.Logger, r *request, got reply, err error) {
	fields := []any{
		"endpoint", r.op.Endpoint(), "agents", len(r.ids), "resources", r.calls, "attempt", r.tries,
		"status", got.status, "code", got.code, "duration_ms", time.Since(r.started).Milliseconds(),
	}
	if err != nil {
		fields = append(fields, "error", err.Error())
	}
	log.DebugContext(ctx, "request", fields...)
	if got.unaskedN > 0 {
		log.WarnContext(ctx, "the answer lists agents that were not asked for; they are ignored",
			"agents", got.unasked, "more", got.unaskedN-len(got.unasked))
	}
}

func logRetry(ctx context.Context, log *slog.Logger, r *request, err error, wait time.Duration) {
	log.WarnContext(ctx, "retrying",
		"endpoint", r.op.Endpoint(), "attempt", r.tries, "wait_ms", max(0, wait).Milliseconds(), "reason", err.Error())
}

// logProgress logs calls that take more than one request.
func logProgress(ctx context.Context, log *slog.Logger, op Operation, p Progress) {
	if p.Requests > 1 || p.Confirmed+p.Failed < p.Total {
		log.InfoContext(ctx, "progress",
			"endpoint", op.Endpoint(), "confirmed", p.Confirmed, "failed", p.Failed, "total", p.Total, "requests", p.Requests)
	}
}
