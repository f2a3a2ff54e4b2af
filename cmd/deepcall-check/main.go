// Command deepcall-check tries, with a real account and one agent that its user
// names, what the provider assumes about the DeepCall Agent API and no document
// says. Its report can be attached to an issue as it is.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// The program's exit statuses.
const (
	exitHolds  = 0 // every assumption holds or could not be told
	exitNotRun = 1 // the check could not run, or not leave the agent as wanted
	exitFails  = 2 // an assumption does not hold
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	code := run(ctx, os.Args[1:], os.LookupEnv, os.Stdin, os.Stdout, os.Stderr)
	os.Exit(code)
}

// run returns the exit status. The report goes to stdout, the dialog to stderr.
func run(ctx context.Context, args []string, env func(string) (string, bool), stdin io.Reader, stdout, stderr io.Writer) int {
	set, err := parse(args, env, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return exitHolds
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "deepcall-check:", err)
		return exitNotRun
	}
	code, err := check(ctx, set, &dialog{out: stderr, in: newLines(stdin), yes: set.yes}, stdout)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "deepcall-check:", err)
	}
	return code
}

// check tries the assumptions and writes the report.
func check(ctx context.Context, set settings, d *dialog, stdout io.Writer) (int, error) {
	file := io.WriteCloser(nil)
	if set.jsonFile != "" { // before anything is sent, which could not be reported
		f, err := os.OpenFile(set.jsonFile, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return exitNotRun, err
		}
		defer func() { _ = f.Close() }() // closed before unless something else failed
		file = f
	}
	if err := d.begin(ctx, &set); err != nil {
		return exitNotRun, err
	}
	c := newChecker(set, d)
	stopped := c.run(ctx)

	if err := c.report.write(stdout, set); err != nil {
		return exitNotRun, err
	}
	if file != nil {
		if err := errors.Join(c.report.encode(file), file.Close()); err != nil {
			return exitNotRun, err
		}
	}
	if c.report.fails() {
		return exitFails, stopped
	}
	if stopped != nil {
		return exitNotRun, stopped
	}
	return exitHolds, nil
}
