package clitest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
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

func TestVersion(t *testing.T) {
	for said, want := range map[string]string{
		"Terraform v1.5.7\non linux_amd64": "Terraform v1.5.7: terraform, ephemeral false, mocks false, actions false",
		"Terraform v1.11.4":                "Terraform v1.11.4: terraform, ephemeral true, mocks true, actions false",
		"Terraform v1.14.0-rc1":            "Terraform v1.14.0-rc1: terraform, ephemeral true, mocks true, actions true",
		"OpenTofu v1.10.0":                 "OpenTofu v1.10.0: tofu, ephemeral false, mocks true, actions false",
		"OpenTofu v1.14.6":                 "OpenTofu v1.14.6: tofu, ephemeral true, mocks true, actions false",
	} {
		v := must(parseVersion(said))(t)
		got := fmt.Sprintf("%s: %s, ephemeral %t, mocks %t, actions %t", v.Line, v.Command(), v.HasEphemeral(), v.HasMocks(), v.HasActions())
		if got != want {
			t.Errorf("got %q, want %q", got, want)
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
