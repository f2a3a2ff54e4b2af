package clitest

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// openBox makes a box whose provider is no program.
func openBox(t *testing.T) *Box {
	t.Helper()
	provider := filepath.Join(t.TempDir(), "provider")
	succeeds(t, os.WriteFile(provider, []byte("no program"), 0o600))
	b := must(New(t.Context(), must(FindCLI())(t), provider))(t)
	t.Cleanup(func() { succeeds(t, b.Close()) })
	return b
}

// The caller's settings would change what a CLI does, and the caller's
// credentials where a request goes.
func TestEnvironmentHidesTheCallers(t *testing.T) {
	for _, name := range []string{"TF_LOG", "TF_CLI_ARGS_plan", "TOFU_X", "DEEPCALL_SSID", "XDG_CONFIG_HOME", "HTTPS_PROXY", "HOME", "USERPROFILE"} {
		t.Setenv(name, "the caller's")
	}
	b := openBox(t)
	for name, value := range b.environment() {
		if value == "the caller's" {
			t.Errorf("%s gets through", name)
		}
	}
	if got := b.environment()["PATH"]; got != os.Getenv("PATH") {
		t.Errorf("PATH is %q", got)
	}
}

func TestRun(t *testing.T) {
	w := openBox(t).Test(t)
	var echo strings.Builder
	w.Echo = &echo
	if r := w.Exits(0, "version"); !strings.Contains(r.Output, " v1.") || echo.String() != r.Output {
		t.Errorf("printed %q and echoed %q", r.Output, echo.String())
	}
	w.Exits(1, "apply", "no-such-plan")

	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := w.Workspace.Run(ended, "version"); err == nil {
		t.Error("a command ran although its context had ended")
	}
	w.cli = w.Path("none")
	if _, err := w.Workspace.Run(t.Context(), "version"); err == nil {
		t.Error("a CLI that does not exist was run")
	}
}

func TestNewLeavesNothingWhenItFails(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	if _, err := New(t.Context(), "terraform", filepath.Join(dir, "none")); err == nil {
		t.Error("a provider that does not exist was put into the mirror")
	}
	if _, err := NewFrom(t.Context(), "go", FromMirror(dir)); err == nil || !strings.Contains(err.Error(), "neither Terraform nor OpenTofu") {
		t.Errorf("another program than a CLI: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v %v", left, err)
	}
}

func TestVersion(t *testing.T) {
	for said, want := range map[string]struct {
		version                   Version
		ephemeral, mocks, actions bool
	}{
		"Terraform v1.5.7\non linux_amd64": {Version{"Terraform v1.5.7", false, 1, 5}, false, false, false},
		"Terraform v1.11.4":                {Version{"Terraform v1.11.4", false, 1, 11}, true, true, false},
		"Terraform v1.14.0-rc1":            {Version{"Terraform v1.14.0-rc1", false, 1, 14}, true, true, true},
		"OpenTofu v1.10.0":                 {Version{"OpenTofu v1.10.0", true, 1, 10}, false, true, false},
		"OpenTofu v1.14.6":                 {Version{"OpenTofu v1.14.6", true, 1, 14}, true, true, false},
	} {
		v, err := parseVersion(said)
		if err != nil || v != want.version || v.HasEphemeral() != want.ephemeral || v.HasMocks() != want.mocks || v.HasActions() != want.actions {
			t.Errorf("%q: %+v, %v; ephemeral %t, mocks %t, actions %t", said, v, err, v.HasEphemeral(), v.HasMocks(), v.HasActions())
		}
	}
	if _, err := parseVersion("Packer v1.9.0"); err == nil {
		t.Error("Packer passes as a CLI")
	}
}

func TestText(t *testing.T) {
	r := Result{Output: "\x1b[31m│\x1b[0m \x1b[1mError: Agents\n\x1b[31m│\x1b[0m   refused"}
	if got := r.Text(); got != "Error: Agents refused" {
		t.Errorf("text %q", got)
	}
}

func TestState(t *testing.T) {
	w := openBox(t).Test(t)
	if got := w.State(); len(got) > 0 {
		t.Errorf("before the first apply: %v", got)
	}
	w.Write("terraform.tfstate", `{"resources": [
		{"type": "deepcall_agent_cad", "name": "a", "instances": [
			{"status": "tainted", "attributes": {"agent_ids": ["14", "1"], "agents": null}},
			{"deposed": "1a2b3c4d", "attributes": {"agents": {"27": "Asha", "13": "Ravi"}}}]}]}`)
	want := map[string]Resource{
		"deepcall_agent_cad.a":           {Agents: []string{"1", "14"}, Tainted: true},
		"deepcall_agent_cad.a (deposed)": {Agents: []string{"13", "27"}},
	}
	if got := w.State(); !reflect.DeepEqual(got, want) {
		t.Errorf("state %+v, want %+v", got, want)
	}
	w.Write("terraform.tfstate", "{")
	if _, err := w.Workspace.State(); err == nil {
		t.Error("a broken state was read")
	}
}
