// Package examples holds the documentation to its word: every file below
// examples/ and every block of HCL in the guides is formatted as the CLI would
// format it, and what stands alone is planned, applied, planned again and
// destroyed, by a real CLI, against a stand-in of the API.
//
// In the guides, a block fenced as "terraform" stands alone. One fenced as "hcl"
// is a fragment, unless its first line names a file ("# main.tf"): such blocks of
// one guide belong together.
package examples

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/demo/sandbox"
)

// root is the repository's, seen from here.
const root = "../.."

// sample is a configuration that the documentation shows.
type sample struct {
	name  string            // where it stands
	files map[string]string // what it consists of, by path
}

func TestExamples(t *testing.T) {
	w := newWorkshop(t)
	t.Run("are formatted", func(t *testing.T) {
		folder, err := filepath.Abs(filepath.Join(root, "examples"))
		if err != nil {
			t.Fatal(err)
		}
		w.formatted(t, folder)
	})
	t.Run("in guides are formatted", func(t *testing.T) {
		folder := w.folder(t)
		for _, b := range blocksInGuides(t) {
			if name := fmt.Sprintf("%s-line-%d", filepath.Base(b.document), b.line); b.configuresCLI() {
				w.configures(t, name, b.text)
			} else {
				write(t, filepath.Join(folder, name+b.extension()), b.text)
			}
		}
		w.formatted(t, folder)
	})
	for _, s := range append(samplesInExamples(t), samplesInGuides(t)...) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			w.run(t, s)
		})
	}
	t.Run("examples/resources/deepcall_agent_cad/import.sh", func(t *testing.T) {
		t.Parallel()
		w.runImportCommand(t, filepath.Join(root, "examples", "resources", "deepcall_agent_cad"))
	})
}

// formatted also finds what is no HCL at all.
func (w *workshop) formatted(t *testing.T, folder string) {
	t.Helper()
	if r := w.cli(t, sandbox.Command{Folder: folder, Args: []string{"fmt", "-check", "-diff", "-recursive"}}); r.ExitCode != 0 {
		t.Errorf("not as the CLI would format it:\n%s", r.Output)
	}
}

// configures tries a configuration of the CLI itself, which has a syntax of its
// own.
func (w *workshop) configures(t *testing.T, name, text string) {
	t.Helper()
	folder := w.folder(t)
	write(t, filepath.Join(folder, "cli.tfrc"), text)
	env := []string{"TF_CLI_CONFIG_FILE=" + filepath.Join(folder, "cli.tfrc")}
	if r := w.cli(t, sandbox.Command{Folder: folder, Env: env, Args: []string{"version"}}); r.ExitCode != 0 || strings.Contains(r.Output, "Error:") {
		t.Errorf("%s: the CLI does not take this configuration:\n%s", name, r.Output)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
