package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// agents are enabled and disabled again in the course of an installation.
var agents = []string{"1", "14"}

var credentials = deepcalltest.Credentials{UserID: "rehearsal", Token: "a-token-of-no-worth"} //nolint:gosec // G101: made up

// mirrors are the two forms of a mirror in the file system, for both registries.
type mirrors struct {
	dir     string
	version string
}

// newMirrors offers a release in a mirror of archives, as the guide on machines
// without a network has it, and in one of unpacked files.
func newMirrors(dir string, r release) (mirrors, error) {
	m := mirrors{dir, r.version}
	own := platform{runtime.GOOS, runtime.GOARCH}
	files, err := unzip(r.archive(own))
	if err != nil {
		return m, err
	}
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		address := filepath.Join(registry, "deepcall", "deepcall")
		archive := filepath.Join(m.of("packed"), address, filepath.Base(r.archive(own)))
		if err := copyFile(r.archive(own), archive); err != nil {
			return m, err
		}
		unpacked := filepath.Join(m.of("unpacked"), address, r.version, own.String())
		if err := os.MkdirAll(unpacked, 0o700); err != nil {
			return m, err
		}
		for _, f := range files {
			if err := os.WriteFile(filepath.Join(unpacked, f.name), f.content, f.mode.Perm()); err != nil {
				return m, err
			}
		}
	}
	return m, nil
}

func (m mirrors) of(form string) string { return filepath.Join(m.dir, form) }

// install has a CLI install the release and use it against a stand-in of the
// API. It returns what the CLI calls itself.
func (m mirrors) install(ctx context.Context, path string) (name string, err error) {
	api, err := deepcalltest.New(deepcalltest.WithCredentials(credentials))
	if err != nil {
		return "", fmt.Errorf("starting the stand-in of the API: %w", err)
	}
	defer api.Close()
	folder, err := os.MkdirTemp(m.dir, "work-")
	if err != nil {
		return "", err
	}
	packed, err := m.cli(path, filepath.Join(folder, "packed"), m.of("packed"), api)
	if err != nil {
		return "", err
	}
	unpacked, err := m.cli(path, filepath.Join(folder, "unpacked"), m.of("unpacked"), api)
	if err != nil {
		return "", err
	}

	version, err := unpacked.run(ctx, 0, "version")
	if err != nil {
		return "", err
	}
	name, _, _ = strings.Cut(version, "\n")
	if _, err := packed.run(ctx, 0, "init"); err != nil {
		return "", err
	}
	return name, m.use(ctx, unpacked, api)
}

// use goes from init to destroy, and holds what the API received against it.
func (m mirrors) use(ctx context.Context, c cli, api *deepcalltest.Server) error {
	const noChanges, changes = 0, 2 // of plan -detailed-exitcode
	for _, step := range []struct {
		exitCode int
		args     string
		enabled  []string // agents with CAD afterwards
	}{
		{0, "init", nil},
		{changes, "plan -detailed-exitcode -out=saved.tfplan", nil},
		{0, "apply saved.tfplan", agents},
		{noChanges, "plan -detailed-exitcode", agents},
		{0, "destroy -auto-approve", nil},
	} {
		if _, err := c.run(ctx, step.exitCode, strings.Fields(step.args)...); err != nil {
			return err
		}
		if enabled := api.Enabled(); !slices.Equal(enabled, step.enabled) {
			return fmt.Errorf("after %s, CAD is on for the agents %q, want %q", step.args, enabled, step.enabled)
		}
	}

	var sent []string
	for _, r := range api.Requests() {
		sent = append(sent, r.Endpoint)
		if product, _, _ := strings.Cut(r.Header.Get("User-Agent"), " "); product != project+"/"+m.version {
			return fmt.Errorf("the provider calls itself %q in its requests, want %s", product, project+"/"+m.version)
		}
		if r.Status != http.StatusOK {
			return fmt.Errorf("%s was answered with HTTP %d", r.Endpoint, r.Status)
		}
	}
	if want := []string{"setCad", "unsetCad"}; !slices.Equal(sent, want) {
		return fmt.Errorf("the provider sent %q, want %q", sent, want)
	}
	return nil
}

// cli is a CLI in a folder of its own, which knows one mirror and nothing else.
type cli struct {
	path, folder string
	env          []string
}

func (m mirrors) cli(path, folder, mirror string, api *deepcalltest.Server) (cli, error) {
	if err := os.MkdirAll(filepath.Join(folder, "home"), 0o700); err != nil {
		return cli{}, err
	}
	settings := filepath.Join(folder, "cli.tfrc")
	c := cli{path, folder, []string{
		"HOME=" + filepath.Join(folder, "home"),
		"PATH=" + os.Getenv("PATH"),
		"TMPDIR=" + filepath.Join(folder, "home"),
		"TF_CLI_CONFIG_FILE=" + settings,
		"TF_CLI_ARGS=-no-color",
		"TF_INPUT=0",
		"TF_IN_AUTOMATION=1",
		"CHECKPOINT_DISABLE=1",
		"DEEPCALL_BASE_URL=" + api.URL(),
		"DEEPCALL_USER_ID=" + credentials.UserID,
		"DEEPCALL_TOKEN=" + credentials.Token,
	}}
	quotedIDs := strings.ReplaceAll(strconv.Quote(strings.Join(agents, ",")), ",", `", "`)
	// A snapshot is a pre-release, which only its exact version asks for.
	configuration := fmt.Sprintf(`terraform {
  required_providers {
    deepcall = {
      source  = "deepcall/deepcall"
      version = "= %s"
    }
  }
}

provider "deepcall" {}

resource "deepcall_agent_cad" "rehearsal" {
  agent_ids        = [%s]
  unset_on_removal = true
}
`, m.version, quotedIDs)
	// With a mirror named here, the CLI asks no registry for anything.
	mirrored := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.ToSlash(mirror))
	return c, errors.Join(
		os.WriteFile(filepath.Join(folder, "main.tf"), []byte(configuration), 0o600),
		os.WriteFile(settings, []byte(mirrored), 0o600))
}

// run runs the CLI and returns what it prints. Another exit code than expected
// is an error with all of that.
func (c cli) run(ctx context.Context, exitCode int, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.path, args...) //nolint:gosec // G204: it is the caller's to say which CLI
	cmd.Dir = c.folder
	cmd.Env = c.env
	var printed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &printed
	interruptible(cmd)
	err := cmd.Run()
	var exited *exec.ExitError
	if err != nil && !errors.As(err, &exited) {
		return "", err
	}
	if code := cmd.ProcessState.ExitCode(); code != exitCode || ctx.Err() != nil {
		return "", fmt.Errorf("%s: exit code %d, want %d\n%s", strings.Join(args, " "), code, exitCode, &printed)
	}
	return printed.String(), nil
}
