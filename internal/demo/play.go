package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/deepcall/terraform-provider-deepcall/internal/clitest"
	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// stage is where the story is played.
type stage struct {
	narrator
	*clitest.Workspace
	api  *deepcalltest.Server
	box  *clitest.Box
	main string // what main.tf holds
	seen int    // requests told of so far
}

// play tells the story and checks it. The error is what was not as announced, or
// ctx's when it ends first.
func play(ctx context.Context, tell narrator, api *deepcalltest.Server, cli, provider string) (err error) {
	box, err := clitest.New(ctx, cli, provider)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, box.Close()) }()
	w, err := box.Workspace()
	if err != nil {
		return err
	}
	w.Env["DEEPCALL_USER_ID"], w.Env["DEEPCALL_TOKEN"] = credentials.UserID, credentials.Token
	if tell.color {
		delete(w.Env, "TF_CLI_ARGS") // it says -no-color
	}
	s := &stage{narrator: tell, Workspace: w, api: api, box: box}

	s.title("The DeepCall provider at work")
	s.say(box.Version.Line + ` uses the provider that was just built. A stand-in on this
machine answers in DeepCall's place; nothing leaves the machine. All files are in
a folder that is removed at the end. Lines with this mark are the demo's, the
others are the CLI's own.`)
	for i, step := range story {
		s.title(fmt.Sprintf("%d of %d: %s", i+1, len(story), step.title))
		if err := s.play(ctx, step); err != nil {
			return fmt.Errorf("in step %d, %w", i+1, err)
		}
	}
	s.title("All as announced")
	s.say(fmt.Sprintf(`%d commands led to %d requests. The token was in each request, and nowhere in
what the CLI printed or in the state. All of this was checked on the way.
To try a configuration of your own: go run ./cmd/deepcall-standin -h`, len(story), s.seen))
	return nil
}

func (s *stage) play(ctx context.Context, step step) error {
	s.say(step.text)
	if step.server != nil {
		step.server(s.api)
	}
	if step.agents != "" {
		if err := s.configure(ctx, configuration(s.api.URL(), strings.Fields(step.agents), step.more)); err != nil {
			return err
		}
	}
	s.print(bold, "$ "+s.box.Version.Command()+" "+step.args)
	s.Echo = s.out
	r, err := s.Run(ctx, strings.Fields(step.args)...)
	if err != nil {
		return err
	}
	got, err := s.outcome(r)
	if err != nil {
		return err
	}
	s.gap()
	s.ledger(got)
	if err := step.check(got); err != nil {
		return err
	}
	if step.after != "" {
		s.say(step.after)
	}
	return nil
}

// configure writes main.tf and shows what is new.
func (s *stage) configure(ctx context.Context, text string) error {
	s.file(s.main, text)
	first := s.main == ""
	s.main = text
	if err := s.Write("main.tf", text); err != nil || !first {
		return err
	}
	// Without a lock file, init warns that it has checksums for this platform
	// alone, which is true of any unpacked mirror and of no interest here.
	locked, err := s.Run(ctx, "providers", "lock", "-fs-mirror="+s.box.Mirror())
	return errors.Join(err, locked.Check(0))
}

// outcome is what a step has led to.
type outcome struct {
	clitest.Result
	received []deepcalltest.Request
	on       []string // agents with CAD
	listed   []string // agents in state
	state    string
}

func (s *stage) outcome(r clitest.Result) (outcome, error) {
	got := outcome{Result: r, received: s.api.Requests()[s.seen:], on: s.api.Enabled()}
	s.seen += len(got.received)
	text, _ := os.ReadFile(s.Path("terraform.tfstate")) // there is none before the first apply
	got.state = string(text)
	resources, err := s.State()
	for _, r := range resources {
		got.listed = append(got.listed, r.Agents...)
	}
	return got, err
}

// ledger says what the last command has led to.
func (s *stage) ledger(got outcome) {
	row := func(name string, value any) { s.say(fmt.Sprintf("%-20s %v", name, value)) }
	row("exit code", got.ExitCode)
	if len(got.received) == 0 {
		row("the server received", "nothing")
	}
	for _, r := range got.received {
		row("the server received", call(r))
		row("and answered", answer(r))
	}
	row("CAD is on for", list(got.on))
	row("the state lists", list(got.listed))
}

// check compares an outcome with what was announced. The error names every
// difference.
func (s step) check(got outcome) error {
	var wrong []error
	compare := func(what string, got, want any) {
		if got != want {
			wrong = append(wrong, fmt.Errorf("%s: %v; announced: %v", what, got, want))
		}
	}
	compare("exit code", got.ExitCode, s.exit)
	for _, phrase := range s.says {
		if !strings.Contains(got.Text(), phrase) {
			wrong = append(wrong, fmt.Errorf("the CLI did not say %q", phrase))
		}
	}
	var sent []string
	for _, r := range got.received {
		sent = append(sent, call(r))
		if r.Credentials != credentials {
			wrong = append(wrong, errors.New("a request came with other credentials than were given"))
		}
	}
	compare("requests", strings.Join(sent, "; "), s.sends)
	want := list(strings.Fields(s.on))
	compare("agents with CAD", list(got.on), want)
	compare("agents in state", list(got.listed), want)
	if strings.Contains(got.Output+got.state, credentials.Token) {
		wrong = append(wrong, errors.New("the token is in the CLI's output or in the state"))
	}
	if len(wrong) > 0 {
		return fmt.Errorf("not as announced:\n%w", errors.Join(wrong...))
	}
	return nil
}

// call is a request as it is announced.
func call(r deepcalltest.Request) string {
	return r.Endpoint + " for " + list(slices.Sorted(slices.Values(r.AgentIDs)))
}

func answer(r deepcalltest.Request) string {
	var parts []string
	if len(r.Confirmed) > 0 {
		parts = append(parts, "success for "+list(r.Confirmed))
	}
	for _, id := range r.AgentIDs {
		if message, refused := r.Refused[id]; refused {
			parts = append(parts, fmt.Sprintf("%q for agent %s", message, id))
		}
	}
	return strings.Join(parts, ", ")
}

func list(ids []string) string {
	switch len(ids) {
	case 0:
		return "no agent"
	case 1:
		return "agent " + ids[0]
	}
	return "agents " + strings.Join(ids, ", ")
}
