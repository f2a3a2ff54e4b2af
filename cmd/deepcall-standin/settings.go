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
It keeps the agents in memory and prints a line for each request. Credentials
reach it unencrypted, so use made-up ones; it listens on loopback addresses only.
It rejects what a web page in a browser could send: requests with another Host,
an Origin, or a Content-Type other than application/json. Stop it with Ctrl-C.

Example:

  deepcall-standin -ssid demo -refuse 'Invalid AgentID=13,15' -latency 200ms

Flags:

`

const usageControl = `
While it runs, you can query and control it:

  curl URL/_standin/agents              agents with CAD on
  curl URL/_standin/requests            requests, without credentials
  curl -X POST 'URL/_standin/refuse?agent=13&message=Invalid+Type'
                                        refuse an agent from now on
  curl -X POST 'URL/_standin/accept?agent=13'
                                        accept it again

URL is the address without the prefix.
`

// settings are the program's arguments.
type settings struct {
	listen, prefix string
	credentials    deepcalltest.Credentials
	refusals       []refusal
	latency        time.Duration
	noUnset        bool
	maxAgents      int
}

// refusal is a message and the agents that are refused with it.
type refusal struct {
	message string
	agents  []string
}

// parse reads the arguments. What is wrong with them it has already printed; the
// error is flag.ErrHelp when help was asked for.
func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("deepcall-standin", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		_, _ = io.WriteString(stderr, usage)
		flags.PrintDefaults()
		_, _ = io.WriteString(stderr, usageControl)
	}
	flags.StringVar(&s.listen, "listen", "127.0.0.1:8080", "loopback `address` to listen on; port 0 picks a free port")
	flags.StringVar(&s.prefix, "prefix", "", "`path` in front of /api/v2/Agent, such as /deepcall")
	flags.StringVar(&s.credentials.SSID, "ssid", "", "accept this `session ID`; without -ssid and -token, any credentials are accepted")
	flags.StringVar(&s.credentials.UserID, "user-id", "", "accept this `user ID`, together with -token")
	flags.StringVar(&s.credentials.Token, "token", "", "accept this `token`, together with -user-id")
	flags.Func("refuse", "refuse agents with a message, given as `'MESSAGE=ID,ID'`; may be repeated", s.refuse)
	flags.DurationVar(&s.latency, "latency", 0, "delay each request by this `duration`, such as 200ms")
	flags.BoolVar(&s.noUnset, "no-unset", false, "respond to unsetCad with HTTP 404, like a server without it")
	flags.IntVar(&s.maxAgents, "max-agents", 0, "respond with HTTP 413 to requests for more than this `number` of agents; 0 means no limit")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if err := s.check(flags.Args()); err != nil {
		_, _ = fmt.Fprintln(stderr, "deepcall-standin:", err)
		return s, err
	}
	return s, nil
}

// refuse adds what a flag -refuse says. The message ends at the last "=".
func (s *settings) refuse(text string) error {
	at := strings.LastIndex(text, "=")
	if at <= 0 || at == len(text)-1 {
		return errors.New("want MESSAGE=ID,ID")
	}
	one := refusal{message: text[:at]}
	for id := range strings.SplitSeq(text[at+1:], ",") {
		if id = strings.TrimSpace(id); id == "" {
			return errors.New("an agent ID is empty")
		}
		one.agents = append(one.agents, id)
	}
	s.refusals = append(s.refusals, one)
	return nil
}

func (s *settings) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q; -h lists the flags", rest[0])
	case (s.credentials.UserID == "") != (s.credentials.Token == ""):
		return errors.New("-user-id and -token go together")
	case s.latency < 0:
		return fmt.Errorf("-latency %s is negative", s.latency)
	case s.maxAgents < 0:
		return fmt.Errorf("-max-agents %d is negative", s.maxAgents)
	}
	return nil
}

func (s *settings) options() []deepcalltest.Option {
	options := []deepcalltest.Option{
		deepcalltest.WithControl(),
		deepcalltest.WithAddr(s.listen),
		deepcalltest.WithPrefix(s.prefix),
		deepcalltest.WithLatency(s.latency),
		deepcalltest.WithMaxAgents(s.maxAgents),
		deepcalltest.WithCredentials(s.credentials),
	}
	if s.noUnset {
		options = append(options, deepcalltest.WithoutUnset())
	}
	return options
}
