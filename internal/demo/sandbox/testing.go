package sandbox

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// FindCLI is the CLI to test with: the one that TF_ACC_TERRAFORM_PATH names, or
// terraform or tofu on PATH. A test without a CLI fails.
func FindCLI(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal(`no CLI to test with: run "make test", set TF_ACC_TERRAFORM_PATH, or put terraform or tofu on PATH`)
	return ""
}

// BuildProvider builds the provider from the sources, for as long as the test
// runs, and returns the binary's path.
func BuildProvider(t testing.TB) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "terraform-provider-deepcall")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "github.com/deepcall/terraform-provider-deepcall") //nolint:gosec // G204: builds into a folder of the test's
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the provider: %v\n%s", err, out)
	}
	return binary
}
