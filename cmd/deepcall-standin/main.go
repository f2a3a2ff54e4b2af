// Command deepcall-standin serves a stand-in for the DeepCall Agent API on a
// loopback port, for trying the provider without an account.
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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run serves until the context ends, and returns the program's exit status: 0,
// 1 when it cannot serve, 2 when the arguments are wrong.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}

	ready := make(chan struct{}) // requests are printed below the greeting
	server, err := deepcalltest.New(append(set.options(), deepcalltest.WithLog(func(r deepcalltest.Request) {
		<-ready
		_, _ = fmt.Fprintln(stdout, line(r))
	}))...)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "deepcall-standin:", err)
		return 1
	}
	for id, message := range set.refused {
		server.Refuse(message, id)
	}
	_, _ = fmt.Fprintf(stdout, greeting, server.URL(), deepcalltest.AgentsPath)
	close(ready)

	<-ctx.Done()
	server.Close()
	_, _ = fmt.Fprintln(stdout, "stopped")
	return 0
}
