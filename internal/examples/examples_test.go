// Package examples checks that the documentation's samples work: every file below
// examples/ and every block of HCL in the guides is formatted as the CLI would
// format it, and what stands alone is planned, applied, planned again and
// destroyed, by a real CLI, against a stand-in for the API.
//
// In the guides, a block with required_providers stands alone. Any other is a
// fragment, unless its first line names a file ("# main.tf"): such blocks of one
// guide belong together.
package examples

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/clitest"
	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// root is the repository's, seen from here.
const root = "../.."

var box *clitest.Box

func TestMain(m *testing.M) { clitest.Main(m, &box) }

// trial is a workspace to try a sample in, and its server.
type trial struct {
	*clitest.Test
	t   *testing.T
	api *deepcalltest.Server
}

func newTrial(t *testing.T) *trial {
	t.Helper()
	b := &trial{box.Test(t), t, deepcalltest.Start(t)}
	b.Env["DEEPCALL_BASE_URL"], b.Env["DEEPCALL_USER_ID"], b.Env["DEEPCALL_TOKEN"] = b.api.URL(), "made-up", "made-up"
	return b
}

// sends compares whether a step has sent anything to what is said of it, and logs
// and forgets that.
func (b *trial) sends(anything bool, step string) {
	b.t.Helper()
	var calls []string
	for _, r := range b.api.Requests() {
		calls = append(calls, fmt.Sprintf("%s of %d agents", r.Endpoint, len(r.AgentIDs)))
	}
	b.api.ResetRequests()
	if b.t.Logf("%s sent %q", step, calls); len(calls) > 0 != anything {
		b.t.Errorf("%s sent %q; something is expected: %t", step, calls, anything)
	}
}

func TestExamples(t *testing.T) {
	t.Run("are formatted", func(t *testing.T) {
		b := newTrial(t)
		must(t, os.CopyFS(b.Path("examples"), os.DirFS(filepath.Join(root, "examples"))))
		for _, block := range blocksInGuides(t) {
			name := fmt.Sprintf("%s-line-%d", filepath.Base(block.document), block.line)
			if block.configuresCLI() {
				b.configures(name, block.text)
			} else {
				b.Write(name+".tf", block.text)
			}
		}
		b.Exits(0, "fmt", "-check", "-diff", "-recursive") // also finds what is not HCL
	})
	samples := modules{}
	samplesInExamples(t, samples)
	samplesInGuides(t, samples)
	for name, s := range samples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newTrial(t).run(s)
		})
	}
	t.Run("examples/resources/deepcall_agent_cad/import.sh", func(t *testing.T) {
		t.Parallel()
		newTrial(t).runImportCommand("examples/resources/deepcall_agent_cad/")
	})
}

// configures tries a configuration of the CLI itself, which has a syntax of its
// own.
func (b *trial) configures(name, text string) {
	b.t.Helper()
	other := box.Test(b.t)
	other.Env["TF_CLI_CONFIG_FILE"] = other.Path("cli.tfrc")
	other.Write("cli.tfrc", text)
	if r := other.Run("version"); r.ExitCode != 0 || strings.Contains(r.Output, "Error:") {
		b.t.Errorf("%s: the CLI does not accept this configuration:\n%s", name, r.Output)
	}
}

// read reads a file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	must(t, err)
	return string(text)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
