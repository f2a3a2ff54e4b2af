//go:build unix

package clitest

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
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

// KillProvider kills the one provider that the CLI has started.
func (p *Process) KillProvider() error {
	out, err := exec.CommandContext(context.Background(), "ps", "-A", "-o", "pid=,ppid=,args=").Output()
	if err != nil {
		return fmt.Errorf("ps: %w", err)
	}
	var found []int
	for line := range strings.Lines(string(out)) {
		var pid, parent int
		var command string
		if _, err := fmt.Sscan(line, &pid, &parent, &command); err == nil &&
			parent == p.cmd.Process.Pid && strings.Contains(command, "terraform-provider-deepcall") {
			found = append(found, pid)
		}
	}
	if len(found) != 1 {
		return fmt.Errorf("the CLI has the providers %v, want one:\n%s", found, out)
	}
	return syscall.Kill(found[0], syscall.SIGKILL)
}
