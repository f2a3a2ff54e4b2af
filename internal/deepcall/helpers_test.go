package deepcall

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// names are prefix0, prefix1, …
func names(prefix string, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprint(prefix, i)
	}
	return ids
}

func wantIDs(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("%s: %.200q (%d), want %.200q (%d)", what, got, len(got), want, len(want))
	}
}

// background makes a call and returns a function that waits for its result and
// says how long it took.
func background(ctx context.Context, b *batcher, op Operation, ids ...string) func() (Result, time.Duration) {
	var r Result
	var took time.Duration
	over, started := make(chan struct{}), time.Now()
	go func() {
		defer close(over)
		r = b.do(ctx, op, ids, nil)
		took = time.Since(started)
	}()
	return func() (Result, time.Duration) {
		<-over
		return r, took
	}
}

func wantSizes(t testing.TB, n *network, want ...int) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	got := []int{}
	for _, r := range n.requests {
		got = append(got, len(r.ids))
	}
	if !slices.Equal(got, want) {
		t.Errorf("agents in the requests: %v, want %v", got, want)
	}
}

func wantAll(t testing.TB, r Result, ids ...string) {
	t.Helper()
	wantIDs(t, "confirmed", r.Confirmed, ids...)
	for _, f := range r.Failures {
		t.Errorf("failure: %v (%d agents, %d not tried)", f.Err, len(f.AgentIDs), len(f.NotTried))
	}
}

// wantFailure checks that there is one failure, that its text contains words,
// and which agents it counts.
func wantFailure(t testing.TB, r Result, words string, sent, notTried []string) {
	t.Helper()
	if len(r.Failures) != 1 {
		t.Fatalf("%d failures, want one: %v", len(r.Failures), r.Failures)
	}
	f := r.Failures[0]
	if !strings.Contains(f.Err.Error(), words) {
		t.Errorf("failure %q, want %q in it", f.Err, words)
	}
	wantIDs(t, "failed", f.AgentIDs, sent...)
	wantIDs(t, "not tried", f.NotTried, notTried...)
}

// bubble runs f with virtual time, and checks the rules of every exchange.
func bubble(t *testing.T, n *network, f func(*testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f(t)
		n.check(t)
	})
}
