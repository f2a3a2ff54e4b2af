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
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/clitest"
	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

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

// sends runs a command that succeeds, and compares whether it has sent anything
// to what is said of it.
func (b *trial) sends(anything bool, args ...string) clitest.Result {
	b.t.Helper()
	r := b.Exits(0, args...)
	if sent := b.api.Requests(); len(sent) > 0 != anything {
		b.t.Errorf("%s sent %d requests; some are expected: %t", r.Args, len(sent), anything)
	}
	b.api.ResetRequests()
	return r
}

func TestFormat(t *testing.T) {
	b := newTrial(t)
	must(t, os.CopyFS(b.Path("examples"), os.DirFS("../../examples")))
	for _, block := range blocksInGuides(t) {
		name := fmt.Sprintf("%s-line-%d", path.Base(block.document), block.line)
		if strings.HasPrefix(block.text, "provider_installation {") {
			b.configures(name, block.text)
		} else {
			b.Write(name+".tf", block.text)
		}
	}
	b.Exits(0, "fmt", "-check", "-diff", "-recursive") // also finds what is not HCL
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

func TestExamples(t *testing.T) {
	for name, s := range samples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newTrial(t).run(s)
		})
	}
}

// header is what a sample leaves to the page around it.
const header = `terraform {
  required_providers {
    deepcall = {
      source = "deepcall/deepcall"
    }
  }
}
`

// secret stands in the place of an ephemeral resource, whose provider would need
// a server of its own. The samples are formatted: a block ends at its margin.
const secret = `
variable "secret" {
  type      = object({ data = map(string) })
  default   = { data = { user_id = "made-up", token = "made-up" } }
  ephemeral = true
}
`

var (
	vault     = regexp.MustCompile(`(?s)\n(?:ephemeral "\w+" "\w+" \{\n.*?\n\}|provider "vault" \{\}| {4}vault = \{\n.*?\n {4}\})\n`)
	ephemeral = regexp.MustCompile(`\bephemeral\.\w+\.\w+`)
)

// run tries a sample as far as the CLI knows what is in it.
func (b *trial) run(s sample) {
	text := strings.Join(slices.Collect(maps.Values(s)), "\n")
	has := func(begin string) bool {
		return regexp.MustCompile(`(?m)^ *` + begin).MatchString(text)
	}
	for block, known := range map[string]bool{
		`action "`:        box.Version.HasActions(), // internal/docs compares those with the schema
		`ephemeral "`:     box.Version.HasEphemeral(),
		`mock_provider "`: box.Version.HasMocks(),
	} {
		if has(block) && !known {
			b.t.Skipf(`%s does not know %s..."`, box.Version.Line, block)
		}
	}
	for name, content := range s {
		b.Write(name, ephemeral.ReplaceAllString(vault.ReplaceAllString(content, "\n"), "var.secret"))
	}
	if has(`ephemeral "`) {
		b.Write("secret.tf", secret)
	}
	if !has("required_providers {") {
		b.Write("header.tf", header)
	}
	b.Exits(0, "init")
	b.Exits(0, "validate")
	invocations := regexp.MustCompile(`apply (-invoke=\S+)`).FindAllStringSubmatch(text, -1)
	for _, invocation := range invocations {
		b.sends(true, "apply", "-auto-approve", invocation[1])
	}
	switch {
	case has(`mock_provider "`):
		b.runTests(s)
	case has(`resource "`):
		b.liveOnce(!has("import {") && (has(`resource "deepcall_`) || has("action_trigger {")))
	case len(invocations) == 0:
		b.t.Error("nothing in it can be tried")
	}
	if has(`action "`) && len(invocations) == 0 && !has("action_trigger {") {
		b.t.Error("nothing runs its action")
	}
}

var destroyed = regexp.MustCompile(`Destroy complete! Resources: [1-9]\d* destroyed`)

// liveOnce plans, applies, plans again and destroys.
func (b *trial) liveOnce(applySends bool) {
	b.sends(false, "plan", "-out=plan")
	b.sends(applySends, "apply", "plan")
	b.sends(false, "plan", "-detailed-exitcode")
	if r := b.Exits(0, "destroy", "-auto-approve"); !destroyed.MatchString(r.Output) {
		b.t.Errorf("nothing was destroyed:\n%s", r.Output)
	}
}

// runTests runs a module's tests: as they are shown, with a mocked provider, and
// with the provider itself.
func (b *trial) runTests(s sample) {
	b.sends(false, "test")
	for name, text := range s {
		b.Write(name, strings.ReplaceAll(text, `mock_provider "deepcall"`, `provider "deepcall"`))
	}
	b.sends(true, "test")
}

// The import command of the resource's page works beside the resources there.
func TestImportCommand(t *testing.T) {
	b := newTrial(t)
	const folder = "examples/resources/deepcall_agent_cad/"
	b.Write("main.tf", header+read(t, folder+"resource.tf"))
	b.Exits(0, "init")
	command := regexp.MustCompile(`^(?:#.*\n)*terraform import (\S+) (\S+)\n$`).FindStringSubmatch(read(t, folder+"import.sh"))
	if command == nil {
		t.Fatal("import.sh is not one command")
	}
	b.sends(false, "import", command[1], command[2]).Says(t, "Imported without verification")
	if got := strings.Join(b.State()[command[1]].Agents, ","); got != command[2] {
		t.Errorf("imported %s, but the state has %s", command[2], got)
	}
}
