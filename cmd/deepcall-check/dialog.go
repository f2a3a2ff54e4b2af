package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Whether the agent has CAD.
const (
	on  = "on"
	off = "off"
)

// dialog tells the user what will be sent, and asks.
type dialog struct {
	out io.Writer
	in  <-chan string // lines; closed at the end of the input
	yes bool
	n   int // requests asked about
}

// newLines reads lines beside the program, so that an interrupt ends a wait for
// one.
func newLines(r io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(r); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return lines
}

func (d *dialog) say(format string, args ...any) { _, _ = fmt.Fprintf(d.out, format, args...) }

// ask returns the answer, and "" when there is none.
func (d *dialog) ask(ctx context.Context, question string) string {
	d.say("%s ", question)
	select {
	case line, open := <-d.in:
		if !open {
			d.say("\n")
		}
		return strings.ToLower(strings.TrimSpace(line))
	case <-ctx.Done():
		d.say("\n")
		return ""
	}
}

// begin says what this is, and decides how the agent is to be left.
func (d *dialog) begin(ctx context.Context, set *settings) error {
	d.say("This enables and disables CAD for agent %q several times, at %s.\n", set.agent, set.base)
	if set.leave == "" {
		if set.leave = d.ask(ctx, "Should the agent have CAD when the check is done? [on/off]"); set.leave != on && set.leave != off {
			return errors.New("nothing was sent: answer on or off, or use the flag -leave")
		}
	}
	d.say("At the end, CAD will be %s for the agent, even if you end the check early with Ctrl-C.\n", set.leave)
	return nil
}

// consents says what a request will be, and asks.
func (d *dialog) consents(ctx context.Context, why, url string, r request) bool {
	d.n++
	d.say("\n%d. %s\n   POST %s\n   %s\n", d.n, why, url, preview(r))
	if d.yes {
		return ctx.Err() == nil
	}
	answer := d.ask(ctx, "   Send it? [y/N]")
	return ctx.Err() == nil && (answer == "y" || answer == "yes")
}

// preview is a body without credentials and with a few of its agents.
func preview(r request) string {
	const most = 5
	for _, value := range []*string{&r.SSID, &r.UserID, &r.Token} {
		if *value != "" {
			*value = "(hidden)"
		}
	}
	if len(r.AgentIDs) <= most {
		return r.encode()
	}
	all := len(r.AgentIDs)
	r.AgentIDs = r.AgentIDs[:most]
	return fmt.Sprintf("%s, …]}  (%d agents)", strings.TrimSuffix(r.encode(), "]}"), all)
}
