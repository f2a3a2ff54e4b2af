// Command demo shows the provider at work: it runs a real CLI against a stand-in
// of the DeepCall API, explains what happens and why, and checks everything that
// it announces. It needs no account and no network, and leaves nothing behind.
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

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

func main() {
	// A reader that goes away (SIGPIPE) ends the demo as an interrupt does, so
	// that it cleans up.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run runs the demo and returns the program's exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	cli := flags.String("cli", "", "`path` of a Terraform or OpenTofu binary")
	provider := flags.String("provider", "", "`path` of the provider binary")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil || *cli == "" || *provider == "" || flags.NArg() > 0 {
		_, _ = fmt.Fprintln(stderr, "usage: demo -cli PATH -provider PATH")
		return 2
	}

	p := printer{out: stdout, color: wantsColor(stdout)}
	credentials := deepcalltest.Credentials{UserID: "demo-user", Token: "demo-token-7c1f"} //nolint:gosec // G101: made up
	api, err := deepcalltest.New(deepcalltest.WithCredentials(credentials))
	if err == nil {
		defer api.Close()
		err = show(ctx, p, api, credentials, *cli, *provider)
	}
	switch {
	case errors.Is(err, context.Canceled):
		p.title("Interrupted; everything is cleaned up.")
		return 130
	case err != nil:
		p.say(red, "FAILED "+err.Error())
		return 1
	}
	return 0
}
