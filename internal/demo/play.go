package main

import (
	"cmp"
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
	api    *deepcalltest.Server
	box    *clitest.Box
	secret string // the token
	main   string // what main.tf holds
	seen   int    // requests told of so far
}

// play tells the story and checks it. The error is what was not as announced, or
// ctx's when it ends first.
func play(ctx context.Context, tell narrator, api *deepcalltest.Server, c deepcalltest.Credentials, cli, provider string) (err error) {
	box, err := clitest.New(ctx, cli, provider)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, box.Close()) }()
	w, err := box.Workspace()
	if err != nil {
		return err
	}
	w.Env["DEEPCALL_USER_ID"], w.Env["DEEPCALL_TOKEN"] = c.UserID, c.Token
	if tell.color {
		delete(w.Env, "TF_CLI_ARGS") // it says -no-color
	}
	s := &stage{narrator: tell, Workspace: w, api: api, box: box, secret: c.Token}

	s.title("The DeepCall provider at work")
	s.say(plain, box.Version.Line+` uses the provider that was just built. A stand-in on this
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
	s.say(plain, fmt.Sprintf(`%d commands led to %d requests. The token was in each request, and nowhere in
what the CLI printed or in the state. All of this was checked on the way.
To try a configuration of your own: go run ./cmd/deepcall-standin -h`, len(story), s.seen))
	return nil
}

// play tells a step, and compares what it has led to with what is announced. The
// error names every difference.
func (s *stage) play(ctx context.Context, step step) error {
	s.say(plain, step.text)
	if step.server != nil {
		step.server(s.api)
	}
	if step.agents != "" {
		if err := s.configure(ctx, configuration(s.api.URL(), strings.Fields(step.agents), step.more)); err != nil {
			return err
		}
	}
	s.say(bold, "$ "+s.box.Version.Command()+" "+step.args)
	s.Echo = s.out
	r, err := s.Run(ctx, strings.Fields(step.args)...)
	if err != nil {
		return err
	}
	facts, err := s.facts(step, r)
	if err != nil {
		return err
	}
	wrong := ""
	_, _ = fmt.Fprintln(s.out)
	for _, f := range facts {
		if f.found != "" {
			s.say(plain, fmt.Sprintf("%-20s %s", f.name, f.found))
		}
		if f.announced != "" && f.found != f.announced {
			wrong += fmt.Sprintf("\n%s: %s; announced: %s", f.name, f.found, f.announced)
		}
	}
	for _, phrase := range step.says {
		if !strings.Contains(r.Text(), phrase) {
			wrong += fmt.Sprintf("\nthe CLI did not say %q", phrase)
		}
	}
	state, _ := os.ReadFile(s.Path("terraform.tfstate")) // there is none before the first apply
	if strings.Contains(r.Output+string(state), s.secret) {
		wrong += "\nthe token is in the CLI's output or in the state"
	}
	if wrong != "" {
		return errors.New("not as announced:" + wrong)
	}
	if step.after != "" {
		s.say(plain, step.after)
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

// fact is a line of what a command has led to, beside what was announced of it,
// if anything was.
type fact struct{ name, found, announced string }

func (s *stage) facts(step step, r clitest.Result) ([]fact, error) {
	state, err := s.State()
	var listed []string
	for _, r := range state {
		listed = append(listed, r.Agents...)
	}
	var sent, answers []string
	for _, r := range s.api.Requests()[s.seen:] {
		sent = append(sent, r.Endpoint+" for "+list(slices.Sorted(slices.Values(r.AgentIDs))))
		answers = append(answers, answer(r))
	}
	s.seen += len(sent)
	on := list(strings.Fields(step.on))
	return []fact{
		{"exit code", fmt.Sprint(r.ExitCode), fmt.Sprint(step.exit)},
		{"the server received", cmp.Or(strings.Join(sent, "; "), "nothing"), cmp.Or(step.sends, "nothing")},
		{"and answered", strings.Join(answers, "; "), ""},
		{"CAD is on for", list(s.api.Enabled()), on},
		{"the state lists", list(listed), on},
	}, err
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
