package deepcall

import (
	"context"
	"log/slog"
	"time"
)

// The log has one line for each request, at DEBUG, why it is tried again, and
// how far a call of several requests has come, at INFO. It holds no body.

func (c *Client) logRequest(ctx context.Context, f *flight, took time.Duration, got received, err error) {
	attrs := []slog.Attr{
		slog.String("endpoint", string(f.endpoint)),
		slog.Int("agents", len(f.agentIDs)),
		slog.Int("resources", f.jobs),
		slog.Int("attempt", f.tries),
		slog.Int("status", got.status),
		slog.String("code", got.code),
		slog.Int64("duration_ms", took.Milliseconds()),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	c.log.LogAttrs(ctx, slog.LevelDebug, "request", attrs...)
	if err != nil {
		return
	}
	asked := make(map[string]struct{}, len(f.agentIDs))
	for _, id := range f.agentIDs {
		asked[id] = struct{}{}
	}
	for id := range got.of {
		if _, ok := asked[id]; !ok {
			c.log.LogAttrs(ctx, slog.LevelWarn, "the answer lists an agent that was not asked for; it is left out",
				slog.String("agent", c.redact.clean(id, bodyPiece)))
		}
	}
}

func (c *Client) logAgain(ctx context.Context, f *flight, err error, wait time.Duration) {
	c.log.LogAttrs(ctx, slog.LevelWarn, "trying again",
		slog.String("endpoint", string(f.endpoint)),
		slog.Int("attempt", f.tries),
		slog.Int64("wait_ms", max(0, wait).Milliseconds()),
		slog.String("reason", err.Error()))
}

// logProgress speaks of calls that one request does not end.
func (c *Client) logProgress(ctx context.Context, to endpoint, p Progress, started time.Time) {
	done := p.Confirmed + p.Failed
	if p.Requests == 1 && done == p.Total {
		return
	}
	attrs := []slog.Attr{
		slog.String("endpoint", string(to)),
		slog.Int("confirmed", p.Confirmed),
		slog.Int("failed", p.Failed),
		slog.Int("total", p.Total),
		slog.Int("requests", p.Requests),
	}
	if left := p.Total - done; done > 0 && left > 0 {
		estimate := time.Since(started) * time.Duration(left) / time.Duration(done)
		attrs = append(attrs, slog.String("time_left", estimate.Round(time.Second/10).String()))
	}
	c.log.LogAttrs(ctx, slog.LevelInfo, "progress", attrs...)
}
