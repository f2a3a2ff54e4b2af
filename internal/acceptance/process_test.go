//go:build unix

package acceptance_test

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// ownGroup puts the CLI, and the provider with it, into a process group of their
// own, which ends as a whole when the test gives up.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// interruptGroup does what Ctrl-C in a terminal does: the CLI and the provider
// both receive it.
func (p *process) interruptGroup() {
	p.w.t.Helper()
	p.signal(-p.cmd.Process.Pid, syscall.SIGINT)
}

// interrupt reaches the CLI alone, as from a CI runner.
func (p *process) interrupt() {
	p.w.t.Helper()
	p.signal(p.cmd.Process.Pid, syscall.SIGINT)
}

// killProvider ends the provider that the CLI has started.
func (p *process) killProvider() {
	p.w.t.Helper()
	p.signal(providerOf(p.w.t, p.cmd.Process.Pid), syscall.SIGKILL)
}

func (p *process) signal(pid int, s syscall.Signal) {
	p.w.t.Helper()
	if err := syscall.Kill(pid, s); err != nil {
		p.w.t.Fatalf("%v to process %d: %v", s, pid, err)
	}
}

// providerOf finds the one child that is the provider.
func providerOf(t *testing.T, parent int) int {
	t.Helper()
	out, err := exec.CommandContext(context.Background(), "ps", "-A", "-o", "pid=,ppid=,args=").Output()
	if err != nil {
		t.Fatalf("ps: %v", err)
	}
	var found []int
	for line := range strings.Lines(string(out)) {
		var pid, ppid int
		var command string
		if _, err := fmt.Sscan(line, &pid, &ppid, &command); err == nil && ppid == parent && strings.Contains(command, "terraform-provider-deepcall") {
			found = append(found, pid)
		}
	}
	if len(found) != 1 {
		t.Fatalf("the CLI, process %d, has the providers %v:\n%s", parent, found, out)
	}
	return found[0]
}
