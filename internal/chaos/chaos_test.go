// Package chaos runs random histories against the provider, and checks after
// every step what must hold whatever happens. Terraform's core is modeled, too: it
// would take minutes for what takes milliseconds here.
//
// A history is one configuration with its state and its server:
//
//	history_test.go   what users do next, and what must hold at the end
//	run_test.go       a run of Terraform: how it is called, how it may end
//	plan_test.go      its plan
//	apply_test.go     its apply, resource by resource, side by side
//	faults_test.go    how the API misbehaves meanwhile
//	check_test.go     what must hold after each run
package chaos_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// TestChaos runs random histories against the provider: runs of Terraform that
// change a configuration, ignore some of its changes, import, destroy, replace,
// invoke actions, are interrupted or killed, while the API misbehaves. What must
// hold after every step is in check_test.go; at the end of a history the faults
// stop, and one more apply must bring configuration, state and server together.
//
// CHAOS_RUNS is the number of histories, CHAOS_SEED the seed of the first; the
// others follow it. A failure names the seed of its history. Half of the
// histories send one request at a time, and replay but for what runs into a
// timeout; in the others the order of concurrent requests is the machine's, so
// give those several tries.
func TestChaos(t *testing.T) {
	histories := fromEnv(t, "CHAOS_RUNS", 300)
	first := fromEnv(t, "CHAOS_SEED", rand.Uint64N(1e9)+1) //nolint:gosec // G404: any will do.
	t.Logf("%d histories from seed %d on", histories, first)

	// Most of a history is waiting for timeouts, so a few share a core.
	seeds := make(chan uint64)
	var workers sync.WaitGroup
	for range 12 * runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for seed := range seeds {
				runHistory(&seeded{TB: t, seed: seed})
			}
		})
	}
	for n := range histories {
		if t.Failed() {
			break
		}
		seeds <- first + n
	}
	close(seeds)
	workers.Wait()
}

// runHistory ends early, as its own goroutine, where the history fails.
func runHistory(t *seeded) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		newHistory(t).run()
	}()
	<-done
}

func fromEnv(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s=%s is not a number", name, text)
	}
	return n
}

// seeded is a test that says with every failure how to see it again.
type seeded struct {
	testing.TB
	seed uint64
	log  strings.Builder // what has happened so far
}

func (s *seeded) Errorf(format string, args ...any) {
	s.Helper()
	s.TB.Errorf("%s\n\n%s\nreplay: make chaos RUNS=1 SEED=%d", fmt.Sprintf(format, args...), s.log.String(), s.seed)
}

func (s *seeded) Fatalf(format string, args ...any) {
	s.Helper()
	s.Errorf(format, args...)
	runtime.Goexit()
}

func (s *seeded) note(format string, args ...any) {
	fmt.Fprintf(&s.log, format+"\n", args...)
}
