package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
	"github.com/deepcall/terraform-provider-deepcall/internal/demo/sandbox"
)

// announced is what the demo says besides the CLI, but for the configuration and
// the introduction to each step.
const announced = `
── 1 of 9: Install the provider
── exit code             0
── the server received   nothing
── 2 of 9: Plan
── exit code             0
── the server received   nothing
── 3 of 9: Apply that plan
── exit code             0
── the server received   setCad for agents 1, 14, 27
── with the credentials  userId, token (hidden here)
── and answered          success for agents 1, 14, 27
── CAD is on for         agents 1, 14, 27
── the state lists       agents 1, 14, 27
── 4 of 9: Plan again
── exit code             0
── the server received   nothing
── 5 of 9: An agent joins
── exit code             0
── the server received   setCad for agent 31
── CAD is on for         agents 1, 14, 27, 31
── 6 of 9: An agent is refused
Error: Agents refused
── exit code             1
── the server received   setCad for agents 13, 42
── and answered          success for agent 42, "Invalid AgentID" for agent 13
── CAD is on for         agents 1, 14, 27, 31, 42
── the state lists       agents 1, 14, 27, 31, 42
── 7 of 9: The next apply mends it
── exit code             0
── the server received   setCad for agent 13
── the state lists       agents 1, 13, 14, 27, 31, 42
── 8 of 9: An agent leaves
── exit code             0
── the server received   unsetCad for agent 14
── the state lists       agents 1, 13, 27, 31, 42
── 9 of 9: Destroy
── exit code             0
── the server received   unsetCad for agents 1, 13, 27, 31, 42
── CAD is on for         no agent
── the state lists       no agent
── All as announced
── 9 commands led to 6 requests.`

func TestDemo(t *testing.T) {
	cli, provider := sandbox.FindCLI(t), sandbox.BuildProvider(t)

	t.Run("tells what is announced", func(t *testing.T) {
		leavesNothing(t)
		var out, errs bytes.Buffer
		if code := run(t.Context(), []string{"-cli", cli, "-provider", provider}, &out, &errs); code != allAsAnnounced {
			t.Errorf("exit status %d, want %d", code, allAsAnnounced)
		}
		rest := out.String()
		for line := range strings.Lines(strings.TrimSpace(announced)) {
			line = strings.TrimSpace(line)
			_, after, found := strings.Cut(rest, line)
			if !found {
				t.Fatalf("%q is not where it should be in\n%s", line, out.String())
			}
			rest = after
		}
		if colors.MatchString(out.String()) {
			t.Error("colours in what is no terminal")
		}
		if errs.Len() > 0 {
			t.Errorf("on standard error: %s", errs.String())
		}
	})

	t.Run("in colour", func(t *testing.T) {
		leavesNothing(t)
		var out bytes.Buffer
		if err := play(t.Context(), narrator{&out, true}, start(t), cli, provider); err != nil {
			t.Error(err)
		}
		for _, want := range []string{
			"\x1b[" + bold + "m3 of 9: Apply that plan\x1b[0m",
			"\x1b[" + green + "m+ unset_on_removal = true\x1b[0m",
			"\x1b[32m+\x1b[0m\x1b[0m agent_ids", // the CLI's
		} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("no %q in %q", want, out.String())
			}
		}
	})

	t.Run("fails where the server does", func(t *testing.T) {
		leavesNothing(t)
		var out bytes.Buffer
		api := start(t)
		api.Refuse("Invalid AgentID", "27")
		err := play(t.Context(), narrator{out: &out}, api, cli, provider)
		const want = "in step 3, not as announced:\n" +
			"exit code: 1; announced: 0\n" +
			"the CLI did not say \"1 added, 0 changed, 0 destroyed\"\n" +
			"agents with CAD on: agents 1, 14; announced: agents 1, 14, 27\n" +
			"agents in state: agents 1, 14; announced: agents 1, 14, 27"
		if err == nil || err.Error() != want {
			t.Errorf("error %v\nwant %s", err, want)
		}
	})

	t.Run("cleans up when interrupted", func(t *testing.T) {
		leavesNothing(t)
		ctx, interrupt := context.WithCancel(t.Context())
		out := &watcher{text: "first.tfplan", seen: interrupt}
		api := start(t)
		if err := play(ctx, narrator{out: out}, api, cli, provider); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want %v", err, context.Canceled)
		}
		if n := len(api.Requests()); n != 0 {
			t.Errorf("%d requests, although it was interrupted before the first", n)
		}
	})
}

// watcher calls seen once the text has been written to it.
type watcher struct {
	written bytes.Buffer
	text    string
	seen    func()
}

func (w *watcher) Write(p []byte) (int, error) {
	w.written.Write(p)
	if strings.Contains(w.written.String(), w.text) {
		w.seen()
	}
	return len(p), nil
}

func start(t *testing.T) *deepcalltest.Server {
	t.Helper()
	return deepcalltest.Start(t, deepcalltest.WithCredentials(credentials))
}

// leavesNothing gives the test a home and a folder for temporary files of its
// own, and fails it if anything is left there.
func leavesNothing(t *testing.T) {
	t.Helper()
	for _, name := range []string{"HOME", "TMPDIR", "TMP", "TEMP"} {
		dir := t.TempDir()
		t.Setenv(name, dir)
		t.Cleanup(func() {
			left, err := os.ReadDir(dir)
			if err != nil || len(left) > 0 {
				t.Errorf("left in %s: %v %v", name, left, err)
			}
		})
	}
}

func TestRunRefusesWrongArguments(t *testing.T) {
	for _, args := range [][]string{{}, {"-cli", "c"}, {"-provider", "p"}, {"-cli", "c", "-provider", "p", "more"}, {"-nonsense"}} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), args, &out, &errs); code != wrongArguments || errs.Len() == 0 || out.Len() > 0 {
			t.Errorf("%q: exit status %d, want %d; printed %q and %q", args, code, wrongArguments, out.String(), errs.String())
		}
	}
}

func TestRunReportsWhatStopsIt(t *testing.T) {
	leavesNothing(t)
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"-cli", "no/such/cli", "-provider", "no/such/provider"}, &out, &errs); code != notAsAnnounced {
		t.Errorf("exit status %d, want %d", code, notAsAnnounced)
	}
	if !strings.Contains(out.String(), "── FAILED putting the provider into the mirror") {
		t.Errorf("printed %q", out.String())
	}
}
