package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

const usage = `deepcall-standin serves a stand-in for the DeepCall Agent API (setCad, unsetCad)
on this machine, so that the Terraform provider can be tried without an account.
It keeps the agents in memory, accepts any credentials, and prints a line for
each request. Credentials reach it unencrypted, so use made-up ones; it listens
on loopback addresses only. It rejects what a web page in a browser could send:
requests with another Host, an Origin, or a Content-Type other than
application/json. While it runs, curl URL/_standin/agents lists the agents with
CAD on. Stop it with Ctrl-C.

Example:

  deepcall-standin -refuse 'Invalid AgentID=13,15' -latency 200ms

Flags:

`

// settings are the program's arguments.
type settings struct {
	listen    string
	refused   map[string]string // message by agent
	latency   time.Duration
	noUnset   bool
	maxAgents int
}

// parse reads the arguments. What is wrong with them it has already printed; the
// error is flag.ErrHelp when help was asked for.
func parse(args []string, stderr io.Writer) (settings, error) {
	s := settings{refused: map[string]string{}}
	flags := flag.NewFlagSet("deepcall-standin", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		_, _ = io.WriteString(stderr, usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&s.listen, "listen", "127.0.0.1:8080", "loopback `address` to listen on; port 0 picks a free port")
	flags.Func("refuse", "refuse agents with a message, given as `'MESSAGE=ID,ID'`; may be repeated", s.refuse)
	flags.DurationVar(&s.latency, "latency", 0, "delay each request by this `duration`, such as 200ms")
	flags.BoolVar(&s.noUnset, "no-unset", false, "respond to unsetCad with HTTP 404, like a server without it")
	flags.IntVar(&s.maxAgents, "max-agents", 0, "respond with HTTP 413 to requests for more than this `number` of agents; 0 means no limit")
	err := flags.Parse(args)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q; -h lists the flags", flags.Arg(0))
		_, _ = fmt.Fprintln(stderr, "deepcall-standin:", err)
	}
	return s, err
}

// refuse adds what a flag -refuse says. The message ends at the last "=".
func (s *settings) refuse(text string) error {
	at := strings.LastIndex(text, "=")
	if at <= 0 || at == len(text)-1 {
		return errors.New("want MESSAGE=ID,ID")
	}
	for id := range strings.SplitSeq(text[at+1:], ",") {
		if id = strings.TrimSpace(id); id == "" {
			return errors.New("an agent ID is empty")
		}
		s.refused[id] = text[:at]
	}
	return nil
}

func (s settings) options() []deepcalltest.Option {
	options := []deepcalltest.Option{
		deepcalltest.WithAddr(s.listen),
		deepcalltest.WithLatency(s.latency),
		deepcalltest.WithMaxAgents(s.maxAgents),
	}
	if s.noUnset {
		options = append(options, deepcalltest.WithoutUnset())
	}
	return options
}
