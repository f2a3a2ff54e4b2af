package examples

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
	"github.com/deepcall/terraform-provider-deepcall/internal/demo/sandbox"
)

// workshop is where samples are tried: a CLI with the provider in its mirror.
type workshop struct {
	box   *sandbox.Sandbox
	knows features
}

// features are what only newer CLIs know. OpenTofu, up to 1.12 at least, knows no
// actions.
type features struct{ ephemeral, mocks, actions bool }

func newWorkshop(t *testing.T) *workshop {
	t.Helper()
	box, err := sandbox.New(sandbox.FindCLI(t), sandbox.BuildProvider(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.Remove(); err != nil {
			t.Error(err)
		}
	})
	w := &workshop{box: box}
	said := w.cli(t, sandbox.Command{Folder: w.folder(t), Args: []string{"version"}}).Output
	if w.knows, err = featuresOf(said); err != nil {
		t.Fatal(err)
	}
	return w
}

var versionLine = regexp.MustCompile(`^(Terraform|OpenTofu) v1\.(\d+)\.`)

func featuresOf(said string) (features, error) {
	m := versionLine.FindStringSubmatch(said)
	if m == nil {
		return features{}, fmt.Errorf("neither Terraform 1 nor OpenTofu 1: it calls itself %q", said)
	}
	minor, err := strconv.Atoi(m[2])
	if err != nil {
		return features{}, err
	}
	if m[1] == "OpenTofu" {
		return features{ephemeral: minor >= 11, mocks: minor >= 8}, nil
	}
	return features{ephemeral: minor >= 10, mocks: minor >= 7, actions: minor >= 14}, nil
}

func (w *workshop) folder(t *testing.T) string {
	t.Helper()
	folder, err := w.box.Folder()
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// cli runs a command and fails the test if it cannot be run.
func (w *workshop) cli(t *testing.T, c sandbox.Command) sandbox.Result {
	t.Helper()
	r, err := w.box.Run(t.Context(), c)
	if err != nil {
		t.Fatalf("%v\n%s", err, r.Output)
	}
	return r
}

// bench is one sample's folder and server.
type bench struct {
	*workshop
	api    *deepcalltest.Server
	folder string
	env    []string
}

func (w *workshop) bench(t *testing.T) *bench {
	t.Helper()
	api := deepcalltest.Start(t)
	return &bench{w, api, w.folder(t), []string{
		"DEEPCALL_BASE_URL=" + api.URL(), "DEEPCALL_USER_ID=made-up", "DEEPCALL_TOKEN=made-up",
	}}
}

// must runs a command that is to succeed and returns what it printed.
func (b *bench) must(t *testing.T, args ...string) string {
	t.Helper()
	r := b.cli(t, sandbox.Command{Folder: b.folder, Env: b.env, Args: args})
	if r.ExitCode != 0 {
		t.Fatalf("%s: exit code %d\n%s", strings.Join(args, " "), r.ExitCode, r.Output)
	}
	return r.Output
}

// received tells and forgets what the server has received.
func (b *bench) received() (calls []string) {
	for _, r := range b.api.Requests() {
		calls = append(calls, fmt.Sprintf("%s of %d agents", r.Endpoint, len(r.AgentIDs)))
	}
	b.api.ResetRequests()
	return calls
}
