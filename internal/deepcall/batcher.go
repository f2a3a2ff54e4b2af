package deepcall

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// sendFunc makes one exchange with the API.
type sendFunc func(ctx context.Context, op Operation, agentIDs []string) (reply, error)

// batcher runs a scheduler: it owns the lock, the timer and the requests'
// goroutines, and logs what they do.
type batcher struct {
	send sendFunc
	log  *slog.Logger

	mu        sync.Mutex
	scheduler *scheduler
	timer     *time.Timer
}

func newBatcher(c Config, send sendFunc) *batcher {
	return &batcher{send: send, log: c.Logger, scheduler: newScheduler(c)}
}

// do makes a call and waits until it is over.
func (b *batcher) do(ctx context.Context, op Operation, agentIDs []string, report func(Progress)) Result {
	c := newCall(ctx, op)
	b.change(func(s *scheduler) { s.add(c, agentIDs, time.Now()) })
	defer context.AfterFunc(ctx, func() { b.change(func(s *scheduler) { s.abandon(c) }) })()
	for {
		b.mu.Lock()
		events, over := c.events, c.open == 0
		c.events = nil
		b.mu.Unlock()
		for _, p := range events {
			b.logProgress(ctx, op, p)
			if report != nil {
				report(p)
			}
		}
		if over {
			return c.result
		}
		<-c.wake
	}
}

// change changes the scheduler and sends what may be sent then.
func (b *batcher) change(f func(*scheduler)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(b.scheduler)
	if b.timer != nil {
		b.timer.Stop()
	}
	for {
		r, wait := b.scheduler.next(time.Now())
		if r == nil {
			if wait < forever {
				b.timer = time.AfterFunc(wait, func() { b.change(func(*scheduler) {}) })
			}
			return
		}
		// Keeps the first caller's values, for the log, but not its cancellation:
		// other callers may share the request.
		ctx, cancel := context.WithCancel(context.WithoutCancel(r.items[0].call.ctx))
		r.cancel = cancel
		go b.exchange(ctx, r)
	}
}

func (b *batcher) exchange(ctx context.Context, r *request) {
	defer r.cancel()
	got, err := b.send(ctx, r.op, r.ids)
	b.logRequest(ctx, r, got, err)
	b.change(func(s *scheduler) {
		now := time.Now()
		if err == nil {
			s.accept(r, got.verdicts, now)
		} else if s.refuse(r, err, now) {
			b.logRetry(ctx, r, err, s.heldUntil.Sub(now))
		}
	})
}

// The log has one line for each request, at DEBUG, why one is retried, and how
// far a call of several requests has come, at INFO. It contains no bodies.

func (b *batcher) logRequest(ctx context.Context, r *request, got reply, err error) {
	fields := []any{
		"endpoint", r.op.Endpoint(), "agents", len(r.ids), "resources", r.calls, "attempt", r.tries,
		"status", got.status, "code", got.code, "duration_ms", time.Since(r.started).Milliseconds(),
	}
	if err != nil {
		fields = append(fields, "error", err.Error())
	}
	b.log.DebugContext(ctx, "request", fields...)
	if got.unaskedN > 0 {
		b.log.WarnContext(ctx, "the answer lists agents that were not asked for; they are ignored",
			"agents", got.unasked, "more", got.unaskedN-len(got.unasked))
	}
}

func (b *batcher) logRetry(ctx context.Context, r *request, err error, wait time.Duration) {
	b.log.WarnContext(ctx, "retrying",
		"endpoint", r.op.Endpoint(), "attempt", r.tries, "wait_ms", max(0, wait).Milliseconds(), "reason", err.Error())
}

// logProgress logs calls that take more than one request.
func (b *batcher) logProgress(ctx context.Context, op Operation, p Progress) {
	if p.Requests > 1 || p.Confirmed+p.Failed < p.Total {
		b.log.InfoContext(ctx, "progress",
			"endpoint", op.Endpoint(), "confirmed", p.Confirmed, "failed", p.Failed, "total", p.Total, "requests", p.Requests)
	}
}
