package main

import (
	"bytes"
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// output hands over what the program prints, a write at a time.
type output chan string

func (o output) Write(text []byte) (int, error) {
	o <- string(text)
	return len(text), nil
}

func TestProgram(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	out, code := make(output, 1), make(chan int, 1)
	go func() {
		code <- run(ctx, []string{
			"-listen", "127.0.0.1:0", "-refuse", "Invalid AgentID=13, 15", "-refuse", "x=y=99", "-latency", "1ms", "-no-unset", "-max-agents", "6",
		}, out, out)
	}()
	greeting := <-out
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
		_, rest, _ := strings.Cut(strings.TrimSpace(<-out), " ") // the time
		if rest != c.want {
			t.Errorf("line %q, want %q", rest, c.want)
		}
	}

	stop()
	if code, said := <-code, <-out; code != 0 || said != "stopped\n" {
		t.Errorf("exit status %d, %q", code, said)
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
		{[]string{"-listen", "0.0.0.0:0"}, 1, "not a loopback address"},
		{[]string{"-listen", ":0"}, 1, "not a loopback address"},
	} {
		var out, errs bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // should it serve after all
		if code := run(ctx, c.args, &out, &errs); code != c.code || !strings.Contains(errs.String(), c.want) {
			t.Errorf("%q: exit status %d, want %d; %q should be in\n%s", c.args, code, c.code, c.want, errs.String())
		}
	}
}
