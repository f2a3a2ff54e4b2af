package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

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
// on machines without a network has it, and use it against a stand-in of the API.
// It returns what the CLI calls itself.
func install(ctx context.Context, cli string, r release, dir string) (name string, err error) {
	archive := r.file(own + ".zip")
	mirror, err := os.MkdirTemp(dir, "mirror-")
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		folder := filepath.Join(mirror, registry, "deepcall", "deepcall")
		err = errors.Join(err, os.MkdirAll(folder, 0o700), os.Link(archive, filepath.Join(folder, filepath.Base(archive))))
	}
	if err != nil {
		return "", err
	}
	box, err := clitest.NewFrom(ctx, cli, clitest.FromMirror(mirror))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, box.Close()) }()
	w, err := box.Workspace()
	if err != nil {
		return "", err
	}
	return box.Version.Line, use(ctx, w, r.version)
}

// use goes from init to destroy, and compares what the API received.
func use(ctx context.Context, w *clitest.Workspace, version string) error {
	api, err := deepcalltest.New()
	if err != nil {
		return err
	}
	defer api.Close()
	w.Env["DEEPCALL_BASE_URL"], w.Env["DEEPCALL_SSID"] = api.URL(), "of-no-worth"
	if err := w.Write("main.tf", fmt.Sprintf(configuration, version)); err != nil {
		return err
	}
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
		result, err := w.Run(ctx, strings.Fields(step.args)...)
		if err := errors.Join(err, result.Check(step.exitCode)); err != nil {
			return err
		}
		if enabled := strings.Join(api.Enabled(), " "); enabled != step.enabled {
			return fmt.Errorf("after %s, CAD is on for the agents %q, want %q", step.args, enabled, step.enabled)
		}
	}
	sent := ""
	for _, r := range api.Requests() {
		product, _, _ := strings.Cut(r.Header.Get("User-Agent"), " ")
		sent += fmt.Sprintf("%s %s %d, ", product, r.Endpoint, r.Status)
	}
	if want := fmt.Sprintf("%[1]s/%[2]s setCad 200, %[1]s/%[2]s unsetCad 200, ", project, version); sent != want {
		return fmt.Errorf("the API received %q, want %q", sent, want)
	}
	return nil
}
