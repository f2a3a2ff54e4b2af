package rehearsal

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/clitest"
	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// A snapshot is a pre-release, which only its exact version asks for.
const configuration = `terraform {
  required_providers {
    deepcall = {
      source  = "deepcall/deepcall"
      version = "= %s"
    }
  }
}

provider "deepcall" {}

resource "deepcall_agent_cad" "rehearsal" {
  agent_ids        = ["1", "14"]
  unset_on_removal = true
}
`

// install has a CLI install the release from a mirror of archives, as the guide
// on machines without a network has it, and use it against a stand-in for the API.
// It returns what the CLI calls itself.
func (r release) install(t *testing.T, cli string) string {
	t.Helper()
	archive, mirror := r.file(own+".zip"), t.TempDir()
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		folder := filepath.Join(mirror, registry, "deepcall", "deepcall")
		must(t, os.MkdirAll(folder, 0o700))
		must(t, os.Link(archive, filepath.Join(folder, filepath.Base(archive))))
	}
	box, err := clitest.NewFrom(t.Context(), cli, clitest.FromMirror(mirror))
	must(t, err)
	t.Cleanup(func() { must(t, box.Close()) })
	api := deepcalltest.Start(t)
	w := box.Test(t)
	w.Env["DEEPCALL_BASE_URL"], w.Env["DEEPCALL_SSID"] = api.URL(), "of-no-worth"
	w.Write("main.tf", fmt.Sprintf(configuration, r.version))
	for _, step := range []struct {
		exitCode int
		args     string
		enabled  string // agents with CAD afterwards
	}{
		{0, "init", ""},
		{2, "plan -detailed-exitcode -out=saved.tfplan", ""}, // 2: there are changes
		{0, "apply saved.tfplan", "1 14"},
		{0, "plan -detailed-exitcode", "1 14"},
		{0, "destroy -auto-approve", ""},
	} {
		w.Exits(step.exitCode, strings.Fields(step.args)...)
		if enabled := strings.Join(api.Enabled(), " "); enabled != step.enabled {
			t.Fatalf("after %s, CAD is on for the agents %q, want %q", step.args, enabled, step.enabled)
		}
	}
	sent := ""
	for _, r := range api.Requests() {
		product, _, _ := strings.Cut(r.Header.Get("User-Agent"), " ")
		sent += fmt.Sprintf("%s %s %d, ", product, r.Endpoint, r.Status)
	}
	if want := fmt.Sprintf("%[1]s/%[2]s setCad 200, %[1]s/%[2]s unsetCad 200, ", project, r.version); sent != want {
		t.Fatalf("the API received %q, want %q", sent, want)
	}
	return box.Version.Line
}
