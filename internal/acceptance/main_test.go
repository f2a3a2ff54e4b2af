//go:build unix

package acceptance_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// What TestMain has found and made; tests only read it.
var (
	cli         string // path of the CLI
	isOpenTofu  bool
	cliConfig   string // path of a CLI configuration that finds the provider
	cliMajor    int
	cliMinor    int
	minimumEnvs = []string{"PATH", "TMPDIR", "SYSTEMROOT"} // what a workspace takes over
)

// providerVersion is what the binary is installed as. The mirror has no other.
const providerVersion = "0.0.1"

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := runWithProvider(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runWithProvider(m *testing.M) (code int, err error) {
	if flag.Lookup("test.list").Value.String() != "" {
		return m.Run(), nil // names need no CLI
	}
	if cli, err = findCLI(); err != nil {
		return 1, err
	}
	if err := askVersion(); err != nil {
		return 1, err
	}
	dir, err := os.MkdirTemp("", "deepcall-acceptance-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if cliConfig, err = installProvider(dir); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

func findCLI() (string, error) {
	candidates := []string{"terraform", "tofu"}
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		candidates = []string{path}
	}
	for _, c := range candidates {
		if path, err := exec.LookPath(c); err == nil {
			return filepath.Abs(path)
		}
	}
	return "", fmt.Errorf("no CLI: %s not found; `make test` brings one", strings.Join(candidates, ", "))
}

var versionLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\d+)\.(\d+)\.`)

func askVersion() error {
	command := exec.CommandContext(context.Background(), cli, "version")
	command.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1")
	out, err := command.Output()
	if err != nil {
		return fmt.Errorf("%s version: %w", cli, err)
	}
	found := versionLine.FindStringSubmatch(string(out))
	if found == nil {
		return fmt.Errorf("%s is neither Terraform nor OpenTofu; its version is %q", cli, out)
	}
	isOpenTofu = found[1] == "OpenTofu"
	cliMajor, err = strconv.Atoi(found[2])
	if err != nil {
		return err
	}
	cliMinor, err = strconv.Atoi(found[3])
	return err
}

// installProvider builds the provider into a mirror, for both registries'
// addresses, and writes a configuration of the CLI that knows nothing else. So
// init works without a network.
func installProvider(dir string) (config string, err error) {
	binary := filepath.Join(dir, "terraform-provider-deepcall")
	build := exec.CommandContext(context.Background(), "go", "build", "-o", binary, ".")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the provider: %w\n%s", err, out)
	}
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		place := filepath.Join(dir, "mirror", host, "deepcall", "deepcall", providerVersion, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(place, 0o750); err != nil {
			return "", err
		}
		if err := os.Link(binary, filepath.Join(place, filepath.Base(binary)+"_v"+providerVersion)); err != nil {
			return "", err
		}
	}
	config = filepath.Join(dir, "cli.tfrc")
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.Join(dir, "mirror"))
	return config, os.WriteFile(config, []byte(text), 0o600)
}
