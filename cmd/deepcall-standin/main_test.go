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

// program runs with the arguments until the test stops it.
type program struct {
	t     *testing.T
	lines *bufio.Reader
	stop  context.CancelFunc
	code  chan int
}

func start(t *testing.T, args ...string) *program {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	p := &program{t: t, lines: bufio.NewReader(r), stop: stop, code: make(chan int, 1)}
	go func() {
		p.code <- run(ctx, append([]string{"-listen", "127.0.0.1:0"}, args...), w, w)
		_ = w.Close()
	}()
	return p
}

// until reads the output up to a line that holds the text, and returns all of it.
func (p *program) until(text string) string {
	p.t.Helper()
	var seen strings.Builder
	for {
		l, err := p.lines.ReadString('\n')
		seen.WriteString(l)
		if strings.Contains(l, text) {
			return seen.String()
		}
		if err != nil {
			p.t.Fatalf("the output ended before %q:\n%s", text, seen.String())
		}
	}
}

// post sends in the background, because a line is printed before the answer's
// last byte leaves and printing waits for the test to read. The error comes when
// the answer is there.
func post(url, body string) <-chan error {
	answered := make(chan error, 1)
	go func() {
		resp, err := http.Post(url, "application/json", strings.NewReader(body))
		if err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		answered <- err
	}()
	return answered
}

func TestProgram(t *testing.T) {
	p := start(t, "-prefix", "/deepcall", "-ssid", "demo$key", "-refuse", "Invalid AgentID=13,15",
		"-refuse", "x=y=99", "-latency", "1ms", "-no-unset", "-max-agents", "6")
	greeting := p.until("Ctrl-C stops.")
	base := regexp.MustCompile(`http://127\.0\.0\.1:\d+/deepcall`).FindString(greeting)
	for _, want := range []string{
		"DeepCall stand-in at " + base + "\n",
		"  base_url = \"" + base + "\"\n  ssid     = \"demo$key\"\n}",
		"export DEEPCALL_BASE_URL=" + base + "\nexport DEEPCALL_SSID='demo$key'\n",
		"curl " + strings.TrimSuffix(base, "/deepcall") + "/_standin/agents\n",
	} {
		if !strings.Contains(greeting, want) {
			t.Errorf("%q is not in\n%s", want, greeting)
		}
	}

	api := base + "/api/v2/Agent/"
	for _, c := range []struct{ endpoint, body, want string }{
		{"setCad", `{"ssid":"demo$key","agentIds":["1","13","15","99","2","3"]}`,
			`setCad of 6 agents (1, 13, 15, 99, 2, …); confirmed 3; refused 2 with "Invalid AgentID" (13, 15), 1 with "x=y" (99); HTTP 200`},
		{"setCad", `{"ssid":"s3cret","agentIds":["1"]}`, `setCad of 1 agent (1); HTTP 200, code 1014`},
		{"setCad", `{"ssid":"s3cret","agentIds":["1","2","3","4","5","6","7"]}`, `setCad of 7 agents (1, 2, 3, 4, 5, …); HTTP 413`},
		{"unsetCad", `{"ssid":"demo$key","agentIds":["1\u001b"]}`, `unsetCad of 1 agent ("1\x1b"); HTTP 404`},
		{"elsewhere?ssid=s3cret", `{"token":"s3cret"}`, `POST /deepcall/api/v2/Agent/elsewhere of no agents; HTTP 404`},
	} {
		answered := post(api+c.endpoint, c.body)
		got := p.until(" of ")
		_, rest, _ := strings.Cut(strings.TrimSpace(got), " ") // the time
		if rest != c.want {
			t.Errorf("line %q, want %q", rest, c.want)
		}
		if err := <-answered; err != nil {
			t.Error(err)
		}
	}

	p.stop()
	p.until("stopped")
	if code := <-p.code; code != 0 {
		t.Errorf("exit status %d, want 0", code)
	}
}

func TestGreetingForOtherCredentials(t *testing.T) {
	for want, s := range map[string]settings{
		"  ssid     = \"demo\"\n}":                          {},
		"  user_id  = \"u\"\n  token    = \"$${t}\\\"\"\n}": {credentials: deepcalltest.Credentials{UserID: "u", Token: `${t}"`}},
		"export DEEPCALL_TOKEN='it'\\''s'\n":                {credentials: deepcalltest.Credentials{UserID: "u", Token: "it's"}},
	} {
		if got := s.greeting("http://127.0.0.1:1"); !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
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
		{[]string{"-token", "t"}, 2, "-user-id and -token go together"},
		{[]string{"-latency", "-1s"}, 2, "negative"},
		{[]string{"-max-agents", "-1"}, 2, "negative"},
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
