package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/clitest"
	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// printed is some of what the demo prints besides the CLI's output. It compares all
// else with what it announces by itself.
const printed = `
── 1 of 9: Install the provider
── the server received  nothing
── 3 of 9: Apply that plan
── $
── exit code            0
── the server received  setCad for agents 1, 14, 27
── and answered         success for agents 1, 14, 27
── CAD is on for        agents 1, 14, 27
── the state lists      agents 1, 14, 27
- agent_ids = ["1", "14", "27"]
+ agent_ids = ["1", "14", "27", "31"]
Error: Agents refused
── exit code            1
── and answered         success for agent 42, "Invalid AgentID" for agent 13
── 9 of 9: Destroy
── the state lists      no agent
── 9 commands led to 6 requests.`

// prepare returns the paths of the CLI and of the provider.
func prepare(t *testing.T) (cli, provider string) {
	t.Helper()
	cli, findErr := clitest.FindCLI()
	provider, buildErr := clitest.Build(t.Context(), t.TempDir())
	if err := errors.Join(findErr, buildErr); err != nil {
		t.Fatal(err)
	}
	leavesNothing(t)
	return cli, provider
}

func TestDemo(t *testing.T) {
	cli, provider := prepare(t)
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"-cli", cli, "-provider", provider}, &out, &errs); code != 0 || errs.Len() > 0 {
		t.Errorf("exit status %d; on standard error: %s", code, errs.String())
	}
	rest := out.String()
	for line := range strings.Lines(strings.TrimSpace(printed)) {
		_, after, found := strings.Cut(rest, strings.TrimSpace(line))
		if !found {
			t.Fatalf("%q is not where it should be in\n%s", line, out.String())
		}
		rest = after
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("colors in what is not a terminal")
	}
}

func TestNotAsAnnounced(t *testing.T) {
	cli, provider := prepare(t)
	api, credentials := deepcalltest.Start(t), deepcalltest.Credentials{UserID: "u", Token: "deepcall_agent_cad"}
	var out bytes.Buffer
	err := show(t.Context(), printer{out: &out}, api, credentials, cli, provider)
	if err == nil || err.Error() != "in step 2, not as announced:\nthe token is in the CLI's output or in the state" {
		t.Errorf("with a token that every plan shows: error %v", err)
	}

	ctx, interrupt := context.WithCancel(t.Context())
	err = show(ctx, printer{out: &watcher{seen: interrupt}}, api, credentials, cli, provider)
	if n := len(api.Requests()); !errors.Is(err, context.Canceled) || n != 0 {
		t.Errorf("interrupted while the CLI plans: error %v, %d requests", err, n)
	}

	credentials.Token = "made-up"
	out.Reset()
	api.Refuse("Invalid AgentID", "27")
	err = show(t.Context(), printer{&out, true}, api, credentials, cli, provider)
	const want = "in step 3, not as announced:\nexit code: 1; announced: 0\n" +
		"CAD is on for: agents 1, 14; announced: agents 1, 14, 27\nthe state lists: agents 1, 14; announced: agents 1, 14, 27\n" +
		"the CLI did not say \"1 added, 0 changed, 0 destroyed\""
	if err == nil || err.Error() != want {
		t.Errorf("with an answer that was not announced: error %v\nwant %s", err, want)
	}
	for _, want := range []string{"\x1b[1m3 of 9: Apply that plan\x1b[0m", "\x1b[32m+\x1b[0m\x1b[0m agent_ids"} { // ours, and the CLI's
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in color in %q", want, out.String())
		}
	}
}

// watcher calls seen once a plan is shown.
type watcher struct {
	bytes.Buffer
	seen func()
}

func (w *watcher) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if strings.Contains(w.String(), "Plan: 1") {
		w.seen()
	}
	return n, err
}

// leavesNothing gives the test a home and a folder for temporary files of its
// own, and fails it if anything is left there.
func leavesNothing(t *testing.T) {
	t.Helper()
	for _, name := range []string{"HOME", "TMPDIR", "TMP", "TEMP"} {
		dir := t.TempDir()
		t.Setenv(name, dir)
		t.Cleanup(func() {
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left in %s: %v %v", name, left, err)
			}
		})
	}
}

func TestWrongArguments(t *testing.T) {
	leavesNothing(t)
	for line, want := range map[string]int{
		"": 2, "-cli c": 2, "-provider p": 2, "-cli c -provider p more": 2, "-nonsense": 2, "-h": 0, "-cli no/such/cli -provider p": 1,
	} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), strings.Fields(line), &out, &errs); code != want || out.Len()+errs.Len() == 0 {
			t.Errorf("%q: exit status %d, want %d; printed %q and %q", line, code, want, out.String(), errs.String())
		}
	}
}
