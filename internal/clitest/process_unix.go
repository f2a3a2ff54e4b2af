//go:build unix

package clitest

import (
	"fmt"
	"os/exec"
	"strconv"
	"syscall"
)

func separate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// Interrupt interrupts the CLI alone, as a CI runner does.
func (p *Process) Interrupt() error { return syscall.Kill(p.cmd.Process.Pid, syscall.SIGINT) }

// InterruptGroup does what Ctrl-C in a terminal does: it interrupts the CLI and
// the provider.
func (p *Process) InterruptGroup() error { return syscall.Kill(-p.cmd.Process.Pid, syscall.SIGINT) }

// KillProvider kills the provider that the CLI has started.
func (p *Process) KillProvider() error {
	pkill := exec.CommandContext(p.ctx, "pkill", "-KILL", "-P", strconv.Itoa(p.cmd.Process.Pid), "-f", "terraform-provider-deepcall") //nolint:gosec // G204: a number
	if out, err := pkill.CombinedOutput(); err != nil {                                                                               // also where it is not found
		return fmt.Errorf("pkill: %w: %s", err, out)
	}
	return nil
}
