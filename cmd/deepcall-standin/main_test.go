package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// start runs the program with the arguments. until reads its output up to a line
// that holds the text, and returns all of it; stop returns the exit status.
func start(t *testing.T, args ...string) (until func(text string) string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"-listen", "127.0.0.1:0"}, args...), w, w)
		_ = w.Close()
	}()
	lines := make(chan string, 100)
	go func() {
		for s := bufio.NewScanner(r); s.Scan(); {
			lines <- s.Text() + "\n"
		}
		close(lines)
	}()
	until = func(text string) string {
		var seen strings.Builder
		for line := range lines {
			seen.WriteString(line)
			if strings.Contains(line, text) {
				return seen.String()
			}
		}
		t.Fatalf("the output ended before %q:\n%s", text, seen.String())
		return ""
	}
	return until, func() int { cancel(); return <-code }
}

func TestProgram(t *testing.T) {
	until, stop := start(t, "-refuse", "Invalid AgentID=13, 15", "-refuse", "x=y=99", "-latency", "1ms", "-no-unset", "-max-agents", "6")
	greeting := until("Press Ctrl-C to stop.")
	base := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(greeting)
	for _, want := range []string{
		"DeepCall stand-in at " + base + "\n",
		"  base_url = \"" + base + "\"\n  ssid     = \"demo\"\n}",
		"export DEEPCALL_BASE_URL=" + base + "\nexport DEEPCALL_SSID=demo\n",
		"curl " + base + "/_standin/agents\n",
	} {
		if !strings.Contains(greeting, want) {
			t.Errorf("%q is not in\n%s", want, greeting)
		}
	}

	api := base + "/api/v2/Agent/"
	for _, c := range []struct{ endpoint, body, want string }{
		{"setCad", `{"ssid":"s3cret","agentIds":["1","13","15","99","2","3"]}`,
			`setCad of 6 agents (1, 13, 15, 99, 2, …); confirmed 3; refused 2 with "Invalid AgentID" (13, 15), 1 with "x=y" (99); HTTP 200`},
		{"setCad", `{"agentIds":["1"]}`, `setCad of 1 agent (1); HTTP 200, code 1000`},
		{"setCad", `{"ssid":"s3cret","agentIds":["1","2","3","4","5","6","7"]}`, `setCad of 7 agents (1, 2, 3, 4, 5, …); HTTP 413`},
		{"unsetCad", `{"ssid":"s3cret","agentIds":["1\u001b"]}`, `unsetCad of 1 agent ("1\x1b"); HTTP 404`},
		{"elsewhere?ssid=s3cret", `{"token":"s3cret"}`, `POST /api/v2/Agent/elsewhere of no agents; HTTP 404`},
	} {
		resp, err := http.Post(api+c.endpoint, "application/json", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		_, rest, _ := strings.Cut(strings.TrimSpace(until(" of ")), " ") // the time
		if rest != c.want {
			t.Errorf("line %q, want %q", rest, c.want)
		}
	}

	if code := stop(); code != 0 {
		t.Errorf("exit status %d, want 0", code)
	}
	until("stopped")
}

func TestLineWithoutAnAnswer(t *testing.T) {
	r := deepcalltest.Request{Endpoint: "setCad", AgentIDs: []string{"1"}, At: time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)}
	if got, want := line(r), "03:04:05 setCad of 1 agent (1); no answer"; got != want {
		t.Errorf("line %q, want %q", got, want)
	}
}

func TestWrongArguments(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"-h"}, 0, "made-up"},
		{[]string{"-nonsense"}, 2, "-nonsense"},
		{[]string{"extra"}, 2, `"extra"`},
		{[]string{"-refuse", "13"}, 2, "MESSAGE=ID,ID"},
		{[]string{"-refuse", "no=13,"}, 2, "an agent ID is empty"},
		{[]string{"-listen", "0.0.0.0:0"}, 1, "not a loopback address"},
	} {
		var out, errs bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // should it serve after all
		if code := run(ctx, c.args, &out, &errs); code != c.code || !strings.Contains(errs.String(), c.want) {
			t.Errorf("%q: exit status %d, want %d; %q should be in\n%s", c.args, code, c.code, c.want, errs.String())
		}
	}
}
