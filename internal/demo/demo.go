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

// demo is a demo under way.
type demo struct {
	printer
	*clitest.Workspace
	api    *deepcalltest.Server
	box    *clitest.Box
	secret string // the token
	main   string // what main.tf holds
	seen   int    // requests reported so far
}

// show runs the steps and checks them. The error is what was not as announced, or
// ctx's when it ends first.
func show(ctx context.Context, p printer, api *deepcalltest.Server, c deepcalltest.Credentials, cli, provider string) (err error) {
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
	if p.color {
		delete(w.Env, "TF_CLI_ARGS") // it says -no-color
	}
	d := &demo{printer: p, Workspace: w, api: api, box: box, secret: c.Token}

	d.title("The DeepCall provider at work")
	d.say(plain, box.Version.Line+` uses the provider that was just built. A stand-in on this
machine answers in DeepCall's place; nothing leaves the machine. All files are in
a folder that is removed at the end. Lines with this mark are the demo's, the
others are the CLI's own.`)
	for i, step := range steps {
		d.title(fmt.Sprintf("%d of %d: %s", i+1, len(steps), step.title))
		if err := d.show(ctx, step); err != nil {
			return fmt.Errorf("in step %d, %w", i+1, err)
		}
	}
	d.title("All as announced")
	d.say(plain, fmt.Sprintf(`%d commands led to %d requests. The token was in each request, and nowhere in
what the CLI printed or in the state. All of this was checked on the way.
To try a configuration of your own: go run ./cmd/deepcall-standin -h`, len(steps), d.seen))
	return nil
}

// show runs a step and compares what came of it with what is announced. The error
// names every difference.
func (d *demo) show(ctx context.Context, step step) error {
	d.say(plain, step.text)
	if step.server != nil {
		step.server(d.api)
	}
	if step.agents != "" {
		if err := d.configure(ctx, configuration(d.api.URL(), strings.Fields(step.agents), step.more)); err != nil {
			return err
		}
	}
	d.say(bold, "$ "+d.box.Version.Command()+" "+step.args)
	d.Echo = d.out
	r, err := d.Run(ctx, strings.Fields(step.args)...)
	if err != nil {
		return err
	}
	facts, err := d.facts(step, r)
	if err != nil {
		return err
	}
	wrong := ""
	_, _ = fmt.Fprintln(d.out)
	for _, f := range facts {
		if f.found != "" {
			d.say(plain, fmt.Sprintf("%-20s %s", f.name, f.found))
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
	state, _ := os.ReadFile(d.Path("terraform.tfstate")) // there is none before the first apply
	if strings.Contains(r.Output+string(state), d.secret) {
		wrong += "\nthe token is in the CLI's output or in the state"
	}
	if wrong != "" {
		return errors.New("not as announced:" + wrong)
	}
	if step.after != "" {
		d.say(plain, step.after)
	}
	return nil
}

// configure writes main.tf and shows what is new.
func (d *demo) configure(ctx context.Context, text string) error {
	d.file(d.main, text)
	first := d.main == ""
	d.main = text
	if err := d.Write("main.tf", text); err != nil || !first {
		return err
	}
	// Without a lock file, init warns that it has checksums for this platform
	// alone, which is true of any unpacked mirror and of no interest here.
	locked, err := d.Run(ctx, "providers", "lock", "-fs-mirror="+d.box.Mirror())
	return errors.Join(err, locked.Check(0))
}

// fact is a line of what came of a command, beside what was announced of it,
// if anything was.
type fact struct{ name, found, announced string }

func (d *demo) facts(step step, r clitest.Result) ([]fact, error) {
	state, err := d.State()
	var listed []string
	for _, r := range state {
		listed = append(listed, r.Agents...)
	}
	var sent, answers []string
	for _, r := range d.api.Requests()[d.seen:] {
		sent = append(sent, r.Endpoint+" for "+list(slices.Sorted(slices.Values(r.AgentIDs))))
		answers = append(answers, answer(r))
	}
	d.seen += len(sent)
	on := list(strings.Fields(step.on))
	return []fact{
		{"exit code", fmt.Sprint(r.ExitCode), fmt.Sprint(step.exit)},
		{"the server received", cmp.Or(strings.Join(sent, "; "), "nothing"), cmp.Or(step.sends, "nothing")},
		{"and answered", strings.Join(answers, "; "), ""},
		{"CAD is on for", list(d.api.Enabled()), on},
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
