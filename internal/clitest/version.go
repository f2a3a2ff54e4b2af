package clitest

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
)

// Version says which CLI it is, and which.
type Version struct {
	Line         string // what it calls itself, such as "Terraform v1.11.4"
	OpenTofu     bool
	Major, Minor int
}

var versionLine = regexp.MustCompile(`^(Terraform|OpenTofu) v(\d+)\.(\d+)\.\S+`)

func (b *Box) askVersion(ctx context.Context) (Version, error) {
	w := &Workspace{Dir: b.dir, Env: b.environment(), cli: b.cli}
	said, err := w.Run(ctx, "version")
	if err != nil {
		return Version{}, err
	}
	return parseVersion(said.Output)
}

func parseVersion(said string) (v Version, err error) {
	m := versionLine.FindStringSubmatch(said)
	if m == nil {
		return v, fmt.Errorf("neither Terraform nor OpenTofu: its version is %q", said)
	}
	v = Version{Line: m[0], OpenTofu: m[1] == "OpenTofu"}
	if v.Major, err = strconv.Atoi(m[2]); err == nil {
		v.Minor, err = strconv.Atoi(m[3])
	}
	return v, err
}

// Command is the name under which people run the CLI.
func (v Version) Command() string {
	if v.OpenTofu {
		return "tofu"
	}
	return "terraform"
}

// HasEphemeral tells whether the CLI knows ephemeral values.
func (v Version) HasEphemeral() bool { return v.since(10, 11) }

// HasMocks tells whether the CLI's tests can mock a provider.
func (v Version) HasMocks() bool { return v.since(7, 8) }

// HasActions tells whether the CLI knows actions. OpenTofu, up to 1.12 at least,
// does not.
func (v Version) HasActions() bool { return !v.OpenTofu && v.since(14, 0) }

// since compares with the minor version of Terraform or OpenTofu 1 that was the
// first to know something.
func (v Version) since(terraform, openTofu int) bool {
	first := terraform
	if v.OpenTofu {
		first = openTofu
	}
	return v.Major > 1 || v.Major == 1 && v.Minor >= first
}
