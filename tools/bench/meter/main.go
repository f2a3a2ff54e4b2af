// Command meter stands in a provider's place: it runs the true provider and, when
// that has ended, notes what it took. It holds no more memory than it must,
// because Linux counts what a process held before exec to its peak.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// The environment that the program is told its work by.
const (
	providerVariable = "DEEPCALL_BENCH_PROVIDER" // the true provider's path
	usageVariable    = "DEEPCALL_BENCH_USAGE"    // the file to append a line to
)

func main() {
	if err := run(os.Getenv(providerVariable), os.Getenv(usageVariable), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "meter:", err)
		os.Exit(1)
	}
}

// run appends "CPU PEAK" to the file usage: the provider's user and system time in
// nanoseconds and the most memory that it held, in kibibytes (on Linux).
func run(provider, usage string, args []string) error {
	if provider == "" || usage == "" {
		return errors.New(providerVariable + " and " + usageVariable + " must be set")
	}
	// An interrupt is for the provider to handle; it is still counted after it.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)

	command := exec.Command(provider, args...) //nolint:noctx,gosec // the CLI ends it, and the benchmark names it
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := command.Run()
	state := command.ProcessState
	if state == nil {
		return err
	}
	used, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.New("this system does not say what a process took")
	}
	line := fmt.Sprintln((state.UserTime() + state.SystemTime()).Nanoseconds(), used.Maxrss)
	return errors.Join(err, appendTo(usage, line))
}

// appendTo writes the line in one piece: providers may end at the same time.
func appendTo(name, line string) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // the benchmark names it
	if err != nil {
		return err
	}
	_, err = f.WriteString(line)
	return errors.Join(err, f.Close())
}
