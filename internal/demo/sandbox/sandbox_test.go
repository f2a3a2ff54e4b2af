package sandbox

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func open(t *testing.T, cli string) *Sandbox {
	t.Helper()
	provider := filepath.Join(t.TempDir(), "provider")
	if err := os.WriteFile(provider, []byte("a program"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := New(cli, provider)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Remove(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// A caller's settings would change what a CLI does, and a caller's credentials
// where a request goes.
func TestEnvironmentHidesTheCallers(t *testing.T) {
	for _, name := range []string{"TF_LOG", "TF_CLI_ARGS_plan", "TOFU_X", "DEEPCALL_SSID", "CHECKPOINT_X", "XDG_CONFIG_HOME"} {
		t.Setenv(name, "the caller's")
	}
	home := "HOME"
	if runtime.GOOS == "windows" {
		home = "USERPROFILE"
	}
	t.Setenv(home, "/the caller's")
	s := open(t, "terraform")

	env := s.environment(false)
	for _, e := range env {
		if strings.HasSuffix(e, "=the caller's") {
			t.Errorf("%s gets through", e)
		}
	}
	// Of a variable that stands twice, the last one counts.
	if ours := slices.Index(env, home+"="+s.home()); ours < slices.Index(env, home+"=/the caller's") || ours < 0 {
		t.Errorf("the home is the caller's, or comes before it: %q", env)
	}
	if !slices.Contains(env, "TF_CLI_ARGS=-no-color") || slices.Contains(s.environment(true), "TF_CLI_ARGS=-no-color") {
		t.Error("colours are not as asked for")
	}
	if path := os.Getenv("PATH"); !slices.Contains(env, "PATH="+path) {
		t.Error("PATH is missing")
	}
}

func TestRun(t *testing.T) {
	s := open(t, FindCLI(t))
	folder, err := s.Folder()
	if err != nil {
		t.Fatal(err)
	}

	ended, end := context.WithCancel(t.Context())
	end()
	var seen strings.Builder
	r, err := s.Run(ended, Command{Folder: folder, Args: []string{"version"}, Output: &seen})
	if err != nil || r.ExitCode != 0 || !strings.Contains(r.Output, " v1.") || seen.String() != r.Output {
		t.Errorf("an ended context ends the command: %+v, %v; seen %q", r, err, seen.String())
	}

	if r, err := s.Run(t.Context(), Command{Folder: folder, Args: []string{"apply", "no-such-plan"}}); err != nil || r.ExitCode != 1 {
		t.Errorf("a failing command: %+v, %v; want exit code 1 and no error", r, err)
	}

	missing := open(t, filepath.Join(folder, "none"))
	if _, err := missing.Run(t.Context(), Command{Folder: folder, Args: []string{"version"}}); err == nil || !strings.HasPrefix(err.Error(), "none version: ") {
		t.Errorf("a CLI that is not there: %v", err)
	}
}

func TestNewLeavesNothingWhenItFails(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	if _, err := New("terraform", filepath.Join(dir, "none")); err == nil {
		t.Error("a provider that is not there was put into the mirror")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v %v", left, err)
	}
}
