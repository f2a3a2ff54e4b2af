//go:build unix

package acceptance_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/clitest"
	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// A scenario is commands, what they send, and what they leave in state. Every agent
// in state must have CAD, unless others have switched it off.

// command is one call of the CLI and what comes of it.
type command struct {
	config string // "": as it was
	args   string // "": apply -auto-approve
	off    string // agents that others switch off before
	refuse string // agents that the server refuses meanwhile
	fails  string // agents whose requests fail as a whole meanwhile

	hangs int                          // the request, counted from 1, from which on none is answered; 0: all are
	stop  func(*clitest.Process) error // ends the command when that request has arrived

	exit       int
	set, unset string // the agents that each endpoint was asked for, and no others
	state      string // see inventory; "": as it was
	empty      bool   // the state
	says       string // phrases, with " ... " between them
}

const (
	applies  = "apply -auto-approve "
	destroys = "destroy -auto-approve "
	detailed = "plan -detailed-exitcode"
)

// soon is how long a command may take to end from when a request hangs.
const soon = 20 * time.Second

// runAll runs scenarios in parallel. forms change their configurations.
func runAll(t *testing.T, group string, scenarios map[string][]command, forms ...func(string) string) {
	t.Helper()
	for name, commands := range scenarios {
		t.Run(group+"/"+name, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(commands[0].config, "action \"") && !box.Version.HasActions() {
				t.Skipf("proves nothing: %s knows no actions", box.Version.Line)
			}
			s := &runner{api: deepcalltest.Start(t)}
			s.Test = newWorkspace(t, s.api.URL(), "")
			for _, c := range commands {
				for _, change := range forms {
					c.config = change(c.config)
				}
				s.command(t, c)
			}
		})
	}
}

// runner runs the commands of one scenario.
type runner struct {
	*clitest.Test
	api   *deepcalltest.Server
	state string
	off   []string
}

func (s *runner) command(t *testing.T, c command) {
	t.Helper()
	if c.config != "" {
		s.Write("main.tf", c.config)
	}
	if c.args == "" {
		c.args = applies
	}
	s.api.Disable(strings.Fields(c.off)...)
	s.off = append(s.off, strings.Fields(c.off)...)
	s.api.Refuse("Invalid AgentID", strings.Fields(c.refuse)...)
	s.api.FailFor(deepcalltest.Code(1014, "Invalid token"), strings.Fields(c.fails)...)
	r := s.run(t, c)
	must(t, r.Check(c.exit))
	r.Says(t, strings.Split(c.says, " ... ")...)
	s.api.Accept(strings.Fields(c.refuse)...)
	s.api.FailFor(nil)

	if c.state != "" || c.empty {
		s.state = c.state
	}
	state := s.State()
	set, unset := askedOf(s.api, "setCad"), slices.Compact(askedOf(s.api, "unsetCad")) // two resources may each let one agent go
	got := [...]string{inventory(state), strings.Join(set, " "), strings.Join(unset, " ")}
	if want := [...]string{s.state, c.set, c.unset}; got != want {
		t.Errorf("%s: state, setCad and unsetCad are %q, want %q", c.args, got, want)
	}
	for _, id := range off(state, s.api) {
		if !slices.Contains(s.off, id) {
			t.Errorf("%s: agent %s is in state, and off", c.args, id)
		}
	}
	s.api.ResetRequests()
}

// run runs a command, which must end soon after its requests begin to hang.
func (s *runner) run(t *testing.T, c command) clitest.Result {
	t.Helper()
	if c.hangs == 0 {
		return s.Run(strings.Fields(c.args)...)
	}
	s.api.Fail(make([]deepcalltest.Fault, c.hangs-1)...)
	s.api.FailWhen(func(deepcalltest.Request) deepcalltest.Fault { return deepcalltest.Hang() })
	p := s.Start(strings.Fields(c.args)...)
	must(t, s.api.Wait(c.hangs, clitest.Patience))
	began := time.Now()
	if c.stop != nil {
		must(t, c.stop(p))
	}
	r := s.Wait(p)
	if took := time.Since(began); took > soon {
		t.Errorf("%s took %v to end", c.args, took)
	}
	return r
}
