//go:build !unix

package clitest

import "os/exec"

// separate leaves the CLI where it is; the end of its context kills it alone.
func separate(*exec.Cmd) {}
