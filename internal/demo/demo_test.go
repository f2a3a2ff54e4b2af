package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/clitest"
	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// told is some of what the demo prints besides the CLI's output, which play
// compares with what is announced.
const told = `
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
── the server received  unsetCad for agents 1, 13, 27, 31, 42
── the state lists      no agent
── 9 commands led to 6 requests.`

func TestDemo(t *testing.T) {
	cli, err := clitest.FindCLI()
	if err != nil {
		t.Fatal(err)
	}
	provider, err := clitest.Build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	leavesNothing(t)
	var out, errs bytes.Buffer

	if code := run(t.Context(), []string{"-cli", cli, "-provider", provider}, &out, &errs); code != allAsAnnounced || errs.Len() > 0 {
		t.Errorf("exit status %d, want %d; on standard error: %s", code, allAsAnnounced, errs.String())
	}
	rest := out.String()
	for line := range strings.Lines(strings.TrimSpace(told)) {
		_, after, found := strings.Cut(rest, strings.TrimSpace(line))
		if !found {
			t.Fatalf("%q is not where it should be in\n%s", line, out.String())
		}
		rest = after
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("colors in what is not a terminal")
	}

	// In color, and with an answer that was not announced.
	out.Reset()
	api := start(t)
	api.Refuse("Invalid AgentID", "27")
	err = play(t.Context(), narrator{&out, true}, api, cli, provider)
	const want = "in step 3, not as announced:\nexit code: 1; announced: 0\n" +
		"the CLI did not say \"1 added, 0 changed, 0 destroyed\"\n" +
		"agents with CAD: agents 1, 14; announced: agents 1, 14, 27\n" +
		"agents in state: agents 1, 14; announced: agents 1, 14, 27"
	if err == nil || err.Error() != want {
		t.Errorf("error %v\nwant %s", err, want)
	}
	for _, want := range []string{"\x1b[1m3 of 9: Apply that plan\x1b[0m", "\x1b[32m+\x1b[0m\x1b[0m agent_ids"} { // ours, and the CLI's
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in %q", want, out.String())
		}
	}

	ctx, interrupt := context.WithCancel(t.Context())
	api = start(t)
	err = play(ctx, narrator{out: &watcher{seen: interrupt}}, api, cli, provider)
	if n := len(api.Requests()); !errors.Is(err, context.Canceled) || n != 0 {
		t.Errorf("interrupted while the CLI plans: error %v, %d requests", err, n)
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
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left in %s: %v %v", name, left, err)
			}
		})
	}
}

func TestWrongArguments(t *testing.T) {
	leavesNothing(t)
	for line, want := range map[string]int{
		"": wrongArguments, "-cli c": wrongArguments, "-provider p": wrongArguments, "-cli c -provider p more": wrongArguments,
		"-nonsense": wrongArguments, "-h": allAsAnnounced, "-cli no/such/cli -provider p": notAsAnnounced,
	} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), strings.Fields(line), &out, &errs); code != want || out.Len()+errs.Len() == 0 {
			t.Errorf("%q: exit status %d, want %d; printed %q and %q", line, code, want, out.String(), errs.String())
		}
	}
}

// Each row changes one thing in an outcome that is as announced. TestDemo has the
// differences that a server can bring about.
func TestCheckFindsWhatDiffers(t *testing.T) {
	announced := step{exit: 1, says: []string{"Error: Agents refused"}, sends: "setCad for agents 13, 42", on: "42"}
	const token = "the token is in the CLI's output or in the state"
	for name, c := range map[string]struct {
		change func(*outcome)
		want   string
	}{
		"another order":     {func(o *outcome) { slices.Reverse(o.received[0].AgentIDs) }, ""},
		"another call":      {func(o *outcome) { o.received[0].Endpoint = "unsetCad" }, "requests: unsetCad for agents 13, 42; announced: setCad for agents 13, 42"},
		"no call":           {func(o *outcome) { o.received = nil }, "requests: ; announced: setCad for agents 13, 42"},
		"other credentials": {func(o *outcome) { o.received[0].Credentials.SSID = "s" }, "a request came with other credentials than were given"},
		"the token printed": {func(o *outcome) { o.Output += credentials.Token }, token},
		"the token stored":  {func(o *outcome) { o.state += credentials.Token }, token},
	} {
		o := outcome{
			Result:   clitest.Result{ExitCode: 1, Output: "│ Error: Agents\n│ refused"},
			received: []deepcalltest.Request{{Endpoint: "setCad", AgentIDs: []string{"13", "42"}, Credentials: credentials}},
			on:       []string{"42"}, listed: []string{"42"},
		}
		c.change(&o)
		got := ""
		if err := announced.check(o); err != nil {
			got = strings.TrimPrefix(err.Error(), "not as announced:\n")
		}
		if got != c.want {
			t.Errorf("%s: error %q, want %q", name, got, c.want)
		}
	}
}
