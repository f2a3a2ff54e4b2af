package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
	"github.com/deepcall/terraform-provider-deepcall/internal/demo/sandbox"
)

// stage is where the story is played.
type stage struct {
	narrator
	api    *deepcalltest.Server
	box    *sandbox.Sandbox
	folder string
	main   string // what main.tf holds
	seen   int    // requests told of so far
}

// play tells the story and checks it. The error is what was not as announced, or
// ctx's when it ends first.
func play(ctx context.Context, tell narrator, api *deepcalltest.Server, cli, provider string) (err error) {
	box, err := sandbox.New(cli, provider)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, box.Remove()) }()
	folder, err := box.Folder()
	if err != nil {
		return err
	}
	s := &stage{narrator: tell, api: api, box: box, folder: folder}

	if err := s.opening(ctx); err != nil {
		return err
	}
	for i, step := range story {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.title(fmt.Sprintf("%d of %d: %s", i+1, len(story), step.title))
		if err := s.play(ctx, step); err != nil {
			return fmt.Errorf("in step %d, %w", i+1, err)
		}
	}
	s.closing()
	return nil
}

func (s *stage) opening(ctx context.Context) error {
	version, err := s.box.Run(ctx, sandbox.Command{Folder: s.folder, Args: []string{"version"}})
	if err != nil {
		return err
	}
	name, _, _ := strings.Cut(version.Output, "\n")
	s.title("The DeepCall provider at work")
	s.say(fmt.Sprintf(`%s uses the provider that was just built. A stand-in on this
machine answers in DeepCall's place; nothing leaves the machine. All files are in
a folder that is removed at the end. Lines with this mark are the demo's, the
others are the CLI's own.`, name))
	return nil
}

func (s *stage) closing() {
	s.title("All as announced")
	s.say(fmt.Sprintf(`%d commands led to %d requests. The token was in each request, and nowhere in
what the CLI printed or in the state. All of this was checked on the way.
To try a configuration of your own: go run ./cmd/deepcall-standin -h`, len(story), s.seen))
}

func (s *stage) play(ctx context.Context, step step) error {
	s.say(step.text)
	if step.server != nil {
		step.server(s.api)
	}
	if step.config != nil {
		if err := s.write(ctx, *step.config); err != nil {
			return err
		}
	}
	s.print(bold, "$ "+strings.Join(append([]string{s.box.Name()}, step.args...), " "))

	ran, err := s.box.Run(ctx, sandbox.Command{
		Folder: s.folder,
		Env:    []string{"DEEPCALL_USER_ID=" + credentials.UserID, "DEEPCALL_TOKEN=" + credentials.Token},
		Args:   step.args,
		Output: s.out,
		Color:  s.color,
	})
	if ctx.Err() != nil {
		return ctx.Err() // the signal may have reached the CLI too: what it did then is no matter
	}
	if err != nil {
		return err
	}
	st, err := readState(s.folder)
	if err != nil {
		return err
	}
	got := outcome{ran.ExitCode, ran.Output, s.api.Requests()[s.seen:], s.api.Enabled(), st}
	s.seen += len(got.received)

	s.gap()
	s.ledger(got)
	if err := step.want.check(got); err != nil {
		return err
	}
	if step.after != "" {
		s.say(step.after)
	}
	return nil
}

// write puts a configuration into main.tf and shows what is new.
func (s *stage) write(ctx context.Context, c configuration) error {
	before := s.main
	s.main = c.file(s.api.URL())
	if err := os.WriteFile(filepath.Join(s.folder, "main.tf"), []byte(s.main), 0o600); err != nil {
		return fmt.Errorf("writing the configuration: %w", err)
	}
	if before != "" {
		s.change(before, s.main)
		return nil
	}
	s.file(s.main)
	return s.box.Lock(ctx, s.folder)
}
