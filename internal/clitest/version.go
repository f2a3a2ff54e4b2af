package clitest

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// Version says which CLI it is, and which.
type Version struct {
	Line     string // what it calls itself, such as "Terraform v1.11.4"
	OpenTofu bool
	Minor    int // of version 1
}

var versionLine = regexp.MustCompile(`^(Terraform|OpenTofu) v1\.(\d+)\.\S+`)

func (b *Box) askVersion(ctx context.Context) (Version, error) {
	w := &Workspace{Dir: b.dir, Env: b.environment(), cli: b.cli}
	said, err := w.Run(ctx, "version")
	if err != nil {
		return Version{}, err
	}
	return parseVersion(said.Output)
}

func parseVersion(said string) (Version, error) {
	m := versionLine.FindStringSubmatch(said)
	if m == nil {
		return Version{}, fmt.Errorf("neither Terraform 1 nor OpenTofu 1: its version is %q", said)
	}
	minor, err := strconv.Atoi(m[2])
	return Version{m[0], m[1] == "OpenTofu", minor}, err
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
func (v Version) HasActions() bool { return v.since(14, math.MaxInt) }

// since compares with the minor versions of Terraform and OpenTofu that were the
// first to know something.
func (v Version) since(terraform, openTofu int) bool {
	if v.OpenTofu {
		return v.Minor >= openTofu
	}
	return v.Minor >= terraform
}
