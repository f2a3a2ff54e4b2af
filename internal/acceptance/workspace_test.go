//go:build unix

package acceptance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// patience bounds everything that is awaited. It is long, for a slow machine:
// a test that waits for all of it has failed.
const patience = 2 * time.Minute

// workspace is a directory with a configuration, and an environment of its own.
type workspace struct {
	t   *testing.T
	dir string
	env map[string]string
}

// newWorkspace writes the configuration and initialises it. The credentials are
// in the environment.
func newWorkspace(t *testing.T, configuration string) *workspace {
	t.Helper()
	w := &workspace{t: t, dir: t.TempDir(), env: map[string]string{
		"HOME":                t.TempDir(),
		"TF_CLI_CONFIG_FILE":  cliConfig,
		"TF_IN_AUTOMATION":    "1",
		"TF_INPUT":            "0",
		"CHECKPOINT_DISABLE":  "1",
		"DEEPCALL_SSID":       "a-session",
		"TF_CLI_ARGS":         "-no-color",
		"TF_CLI_ARGS_version": "",
	}}
	for _, name := range minimumEnvs {
		if value, ok := os.LookupEnv(name); ok {
			w.env[name] = value
		}
	}
	w.write(configuration)
	w.must("init")
	return w
}

// write replaces the configuration.
func (w *workspace) write(configuration string) {
	w.t.Helper()
	const provider = "terraform {\n  required_providers {\n    deepcall = {\n      source = \"deepcall/deepcall\"\n    }\n  }\n}\n\n"
	if err := os.WriteFile(w.path("main.tf"), []byte(provider+configuration), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *workspace) path(name string) string { return filepath.Join(w.dir, name) }

// outcome is what a command came to.
type outcome struct {
	args string
	exit int
	text string // standard output and standard error, white space and frames made one blank each
	raw  string
}

// command is the CLI, not yet started.
func (w *workspace) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, cli, args...)
	cmd.Dir = w.dir
	for _, name := range slices.Sorted(maps.Keys(w.env)) {
		cmd.Env = append(cmd.Env, name+"="+w.env[name])
	}
	return cmd
}

// run runs the CLI to its end.
func (w *workspace) run(args ...string) outcome {
	w.t.Helper()
	p := w.start(args...)
	return p.wait()
}

// must runs the CLI, which must succeed.
func (w *workspace) must(args ...string) outcome {
	w.t.Helper()
	o := w.run(args...)
	o.exits(w.t, 0)
	return o
}

// apply is without questions.
func (w *workspace) apply(args ...string) outcome {
	w.t.Helper()
	return w.run(append([]string{"apply", "-auto-approve"}, args...)...)
}

// process is a CLI at work.
type process struct {
	w    *workspace
	cmd  *exec.Cmd
	out  bytes.Buffer
	done context.CancelFunc
}

// start starts the CLI in a process group of its own, as a shell would.
func (w *workspace) start(args ...string) *process {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	p := &process{w: w, cmd: w.command(ctx, args...), done: cancel}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	ownGroup(p.cmd)
	if err := p.cmd.Start(); err != nil {
		cancel()
		w.t.Fatal(err)
	}
	return p
}

func (p *process) wait() outcome {
	p.w.t.Helper()
	defer p.done()
	err := p.cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok || ok && exit.ExitCode() < 0 {
		p.w.t.Fatalf("%v: %v\n%s", p.cmd.Args, err, p.out.String())
	}
	return outcome{args: strings.Join(p.cmd.Args[1:], " "), exit: p.cmd.ProcessState.ExitCode(), raw: p.out.String(), text: flat(p.out.String())}
}

// flat undoes the CLI's line breaks and frames.
func flat(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(text)), " ")
}

func (o outcome) exits(t *testing.T, code int) {
	t.Helper()
	if o.exit != code {
		t.Fatalf("%s: exit code %d, want %d\n%s", o.args, o.exit, code, o.raw)
	}
}

func (o outcome) says(t *testing.T, phrases ...string) {
	t.Helper()
	for _, phrase := range phrases {
		if !strings.Contains(o.text, phrase) {
			t.Errorf("%s does not say %q:\n%s", o.args, phrase, o.raw)
		}
	}
}

// held is a resource in the state file.
type held struct {
	agents  []string // sorted
	tainted bool
}

// state reads the state file: the resources by name.
func (w *workspace) state() map[string]held {
	w.t.Helper()
	found := map[string]held{}
	raw, err := os.ReadFile(w.path("terraform.tfstate"))
	if errors.Is(err, os.ErrNotExist) {
		return found
	}
	var file struct {
		Resources []struct {
			Name      string
			Instances []struct {
				IndexKey   any `json:"index_key"`
				Status     string
				Attributes struct {
					AgentIDs []string          `json:"agent_ids"`
					Agents   map[string]string `json:"agents"`
				}
			}
		}
	}
	if err = errors.Join(err, json.Unmarshal(raw, &file)); err != nil {
		w.t.Fatalf("reading the state: %v", err)
	}
	for _, r := range file.Resources {
		for _, i := range r.Instances {
			name := r.Name
			if i.IndexKey != nil {
				name += fmt.Sprintf("[%v]", i.IndexKey)
			}
			agents := slices.Concat(i.Attributes.AgentIDs, slices.Collect(maps.Keys(i.Attributes.Agents)))
			slices.Sort(agents)
			found[name] = held{agents: agents, tainted: i.Status == "tainted"}
		}
	}
	return found
}

// holds checks the state of resource "a", the only one.
func (w *workspace) holds(tainted bool, agents ...string) {
	w.t.Helper()
	slices.Sort(agents)
	state := w.state()
	if got := state["a"]; len(state) > 1 || got.tainted != tainted || !slices.Equal(got.agents, agents) {
		w.t.Errorf("state is %+v, want in it agents %q, tainted: %t", state, agents, tainted)
	}
}
