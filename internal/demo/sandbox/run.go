package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// longest is how long a command may take before it is ended, and patience how
// long it then has to end by itself.
const (
	longest  = 2 * time.Minute
	patience = 10 * time.Second
)

// Command is one run of the CLI.
type Command struct {
	Folder string    // where it runs
	Env    []string  // on top of the sandbox's own, as "NAME=value"
	Args   []string  // the subcommand and its arguments
	Output io.Writer // gets what the CLI prints while it prints it; may be nil
	Color  bool
}

// Result is what came of a Command.
type Result struct {
	ExitCode int
	Output   string // standard output and error as they came
}

// Run runs the CLI and waits for it. The end of ctx does not end the command: a
// CLI that is interrupted leaves its provider running, so it is let finish, for
// two minutes at most. An error says that the CLI could not be run, or did not
// end; an exit code other than 0 is a result.
func (s *Sandbox) Run(ctx context.Context, c Command) (Result, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longest)
	defer cancel()

	var printed bytes.Buffer
	output := io.Writer(&printed)
	if c.Output != nil {
		output = io.MultiWriter(&printed, c.Output)
	}
	cmd := exec.CommandContext(ctx, s.cli, c.Args...) //nolint:gosec // G204: it is the caller's to say which CLI
	cmd.Dir = c.Folder
	cmd.Env = append(s.environment(c.Color), c.Env...)
	cmd.Stdout, cmd.Stderr = output, output
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = patience

	err := cmd.Run()
	result := Result{ExitCode: cmd.ProcessState.ExitCode(), Output: printed.String()}
	var exited *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return result, fmt.Errorf("%s did not end within %s", s.line(c), longest)
	case errors.As(err, &exited) && exited.Exited():
		return result, nil
	case err != nil:
		return result, fmt.Errorf("%s: %w", s.line(c), err)
	}
	return result, nil
}

// Lock writes the lock file of the configuration in a folder. Without one, init
// warns that it has checksums for this platform alone, which is true of any
// unpacked mirror and of no interest here.
func (s *Sandbox) Lock(ctx context.Context, folder string) error {
	c := Command{Folder: folder, Args: []string{"providers", "lock", "-fs-mirror=" + s.mirror()}}
	done, err := s.Run(ctx, c)
	if err == nil && done.ExitCode != 0 {
		err = fmt.Errorf("%s: exit code %d\n%s", s.line(c), done.ExitCode, done.Output)
	}
	return err
}

// Name is what people call the CLI: "terraform" or "tofu".
func (s *Sandbox) Name() string {
	return strings.TrimSuffix(filepath.Base(s.cli), ".exe")
}

func (s *Sandbox) line(c Command) string {
	return strings.Join(append([]string{s.Name()}, c.Args...), " ")
}

// environment is the caller's, without what would change the CLI or the
// provider, and with a home and a folder for temporary files of its own.
func (s *Sandbox) environment(color bool) []string {
	var env []string
	for _, e := range os.Environ() {
		if !foreign(e) {
			env = append(env, e)
		}
	}
	env = append(env,
		"TF_CLI_CONFIG_FILE="+s.settings(),
		"TF_IN_AUTOMATION=1", // no advice on what to type next
		"TF_INPUT=0",
		"CHECKPOINT_DISABLE=1",
	)
	if !color {
		env = append(env, "TF_CLI_ARGS=-no-color")
	}
	if runtime.GOOS == "windows" {
		return append(env, "USERPROFILE="+s.home(), "APPDATA="+s.home(), "TMP="+s.temp(), "TEMP="+s.temp())
	}
	return append(env, "HOME="+s.home(), "TMPDIR="+s.temp())
}

// foreign tells whether a variable is a setting of the CLI, of the provider or
// of the places where they look for settings.
func foreign(variable string) bool {
	for _, prefix := range []string{"TF_", "TOFU_", "TERRAFORM_", "DEEPCALL_", "CHECKPOINT_", "XDG_"} {
		if strings.HasPrefix(strings.ToUpper(variable), prefix) {
			return true
		}
	}
	return false
}
