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
// goroutines.
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
			logProgress(ctx, b.log, op, p)
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
		r, due := b.scheduler.next(time.Now())
		if r == nil {
			if !due.IsZero() {
				b.timer = time.AfterFunc(time.Until(due), func() { b.change(func(*scheduler) {}) })
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
	logRequest(ctx, b.log, r, got, err)
	b.change(func(s *scheduler) {
		now := time.Now()
		if err == nil {
			s.accept(r, got.verdicts, now)
		} else if s.refuse(r, err, now) {
			logRetry(ctx, b.log, r, err, s.heldUntil.Sub(now))
		}
	})
}
