package deepcall_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// These tests hold the client against the stand-in of the API over real HTTP,
// from outside the package: two readings of the wire that share no code.

const canary = "canary/+\"\\session & 0123"

// connect is a client of api that waits for nothing between tries, and a check
// at the end that it has left nothing running.
func connect(t *testing.T, api *deepcalltest.Server, changes ...func(*deepcall.Config)) *deepcall.Client {
	t.Helper()
	base, err := deepcall.ParseBaseURL(api.URL())
	if err != nil {
		t.Fatal(err)
	}
	c := deepcall.Config{
		BaseURL: base, Credentials: deepcall.SessionID(canary),
		RequestTimeout: time.Minute, MaxRetries: 4, BatchSize: 500, MaxConcurrentRequests: 1,
		Backoff: func(int) time.Duration { return 0 },
	}
	for _, change := range changes {
		change(&c)
	}
	client := deepcall.New(c)
	t.Cleanup(func() {
		client.CloseIdleConnections()
		wantNothingRunning(t)
	})
	return client
}

// wantNothingRunning waits for the goroutines of the client and of its
// connections to end. They end by themselves, soon, or there is a leak.
func wantNothingRunning(t *testing.T) {
	t.Helper()
	var left []string
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		stacks := make([]byte, 1<<20)
		left = slices.DeleteFunc(strings.Split(string(stacks[:runtime.Stack(stacks, true)]), "\n\n"), func(stack string) bool {
			return !strings.Contains(stack, "deepcall.(*Client)") && !strings.Contains(stack, "http.(*persistConn)")
		})
		if len(left) == 0 {
			return
		}
	}
	t.Errorf("%d goroutines are left, such as\n%s", len(left), left[0])
}

func wantConfirmed(t *testing.T, r deepcall.Result, ids ...string) {
	t.Helper()
	if got := slices.Sorted(slices.Values(r.Confirmed)); !slices.Equal(got, slices.Sorted(slices.Values(ids))) || len(r.Failures) > 0 {
		t.Errorf("confirmed %q, failures %+v; want %q", got, r.Failures, ids)
	}
}

// The client's requests are what the vendor's samples say, read by the stand-in,
// at the path below the prefix.
func TestRequestOnTheWire(t *testing.T) {
	for name, c := range map[string]struct {
		sample      string
		credentials deepcall.Credentials
		read        deepcalltest.Credentials
		ids         []string
	}{
		"session ID": {"example-request.json", deepcall.SessionID("{{ssid}}"), deepcalltest.Credentials{SSID: "{{ssid}}"}, []string{"1", "14"}},
		"user token": {
			"request-token.json", deepcall.UserToken("{{userid}}", "{{token}}"),
			deepcalltest.Credentials{UserID: "{{userid}}", Token: "{{token}}"},
			[]string{"X", "XX"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			api := deepcalltest.Start(t, deepcalltest.WithPrefix("/deepcall"), deepcalltest.WithCredentials(c.read))
			client := connect(t, api, func(config *deepcall.Config) {
				config.Credentials, config.UserAgent = c.credentials, "test/1"
			})
			wantConfirmed(t, client.SetCAD(t.Context(), c.ids, nil), c.ids...)
			r := api.Requests()[0]
			raw, err := os.ReadFile(filepath.Join("..", "deepcalltest", "testdata", c.sample))
			if err != nil {
				t.Fatal(err)
			}
			var want bytes.Buffer
			if err := json.Compact(&want, raw); err != nil {
				t.Fatal(err)
			}
			if string(r.Body) != want.String() {
				t.Errorf("body\n %s, want\n %s", r.Body, want.String())
			}
			if r.Method != http.MethodPost || r.Path != "/deepcall/api/v2/Agent/setCad" || r.RawQuery != "" || r.Credentials != c.read {
				t.Errorf("%s %s?%s with %+v", r.Method, r.Path, r.RawQuery, r.Credentials)
			}
			for header, want := range map[string]string{
				"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "test/1",
				"Authorization": "", "Cookie": "", "Referer": "",
			} {
				if got := r.Header.Get(header); got != want {
					t.Errorf("%s: %q, want %q", header, got, want)
				}
			}
		})
	}
}

func TestSetThenUnset(t *testing.T) {
	api := deepcalltest.Start(t)
	api.Enable("2", "3")
	client := connect(t, api)
	wantConfirmed(t, client.SetCAD(t.Context(), []string{"1"}, nil), "1")
	wantConfirmed(t, client.UnsetCAD(t.Context(), []string{"2"}, nil), "2")
	if got := api.Enabled(); !slices.Equal(got, []string{"1", "3"}) {
		t.Errorf("enabled %q", got)
	}
}

// What the network does to one request, the next mends.
func TestFaultsOnTheWire(t *testing.T) {
	for name, fault := range map[string]deepcalltest.Fault{
		"reset": deepcalltest.Reset(), "answer lost": deepcalltest.LostAnswer(),
		"cut short": deepcalltest.CutShort(), "cut short before the work": deepcalltest.CutShortBefore(),
		"503": deepcalltest.Status(503, http.Header{"Retry-After": {"0"}}, ""), "1501": deepcalltest.Code(1501, ""),
	} {
		t.Run(name, func(t *testing.T) {
			api := deepcalltest.Start(t)
			api.Fail(fault, fault, fault, fault)
			wantConfirmed(t, connect(t, api).SetCAD(t.Context(), []string{"1", "2"}, nil), "1", "2")
			if n := len(api.Requests()); n != 5 {
				t.Errorf("%d requests, want 5", n)
			}
		})
	}
}

// A server that never ends its answer is left after request_timeout.
func TestSlowServers(t *testing.T) {
	for name, fault := range map[string]deepcalltest.Fault{
		"hangs": deepcalltest.Hang(), "hangs after the work": deepcalltest.HangAfter(), "drips": deepcalltest.Drip(time.Hour),
	} {
		t.Run(name, func(t *testing.T) {
			api := deepcalltest.Start(t)
			api.FailWhen(func(deepcalltest.Request) deepcalltest.Fault { return fault })
			client := connect(t, api, func(c *deepcall.Config) { c.RequestTimeout, c.MaxRetries = 50*time.Millisecond, 1 })
			r := client.SetCAD(t.Context(), []string{"1"}, nil)
			if len(r.Failures) != 1 || !strings.Contains(r.Failures[0].Err.Error(), "no whole answer within 50ms") {
				t.Errorf("failures %+v", r.Failures)
			}
		})
	}
}

func TestUnreachableServers(t *testing.T) {
	closed := deepcalltest.Start(t)
	address := closed.URL()
	closed.Close()
	strange := deepcalltest.Start(t, deepcalltest.WithTLS()) // its authority is not trusted
	for name, c := range map[string]struct{ url, cause string }{
		"closed port":     {address, "connection refused"},
		"unknown host":    {"https://deepcall.invalid", "no such host"},
		"other authority": {strange.URL(), "certificate"},
		"TLS to HTTP":     {strings.Replace(deepcalltest.Start(t).URL(), "http:", "https:", 1), "TLS handshake"},
	} {
		t.Run(name, func(t *testing.T) {
			client := connect(t, closed, func(config *deepcall.Config) {
				base, err := deepcall.ParseBaseURL(c.url)
				if err != nil {
					t.Fatal(err)
				}
				config.BaseURL = base
			})
			r := client.SetCAD(t.Context(), []string{"1"}, nil)
			if len(r.Failures) != 1 {
				t.Fatalf("failures %+v", r.Failures)
			}
			// What a resolver says of an unknown host differs from place to place.
			if got := r.Failures[0].Err.Error(); !strings.HasPrefix(got, "no connection to "+c.url+": ") ||
				name != "unknown host" && !strings.Contains(got, c.cause) || !strings.HasSuffix(got, "(tried 5 times)") {
				t.Errorf("%s, want %q in it", got, c.cause)
			}
		})
	}
	if n := len(strange.Requests()); n > 0 {
		t.Errorf("%d requests reached a server that is not trusted", n)
	}
}

// A redirect is not followed: what it points to sees nothing.
func TestRedirectsAreRefused(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			api, other := deepcalltest.Start(t), deepcalltest.Start(t)
			api.Fail(deepcalltest.Redirect(other.URL()+"/api/v2/Agent/setCad?ssid=1", status))
			r := connect(t, api).SetCAD(t.Context(), []string{"1"}, nil)
			if len(r.Failures) != 1 || !strings.HasSuffix(r.Failures[0].Err.Error(), ": a redirect to "+other.URL()+"/api/v2/Agent/setCad") {
				t.Errorf("failures %+v", r.Failures)
			}
			if len(other.Requests()) > 0 || len(api.Requests()) != 1 {
				t.Errorf("%d requests, and %d where it pointed", len(api.Requests()), len(other.Requests()))
			}
		})
	}
}

// A server that gives back the request in any form shows no credential: not in
// errors, not in the log.
func TestEchoes(t *testing.T) {
	encodings := map[string]deepcalltest.Encoding{
		"raw": deepcalltest.Raw, "JSON": deepcalltest.JSONEscaped, "URL": deepcalltest.URLEncoded, "HTML": deepcalltest.HTMLEscaped,
	}
	for name, encoding := range encodings {
		for in, fault := range map[string]deepcalltest.Fault{
			"message": deepcalltest.Echo(encoding), "body": deepcalltest.EchoBadRequest(encoding),
		} {
			t.Run(name+" in "+in, func(t *testing.T) {
				api := deepcalltest.Start(t)
				api.Fail(fault)
				var log bytes.Buffer
				client := connect(t, api, func(c *deepcall.Config) {
					c.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug - 4}))
				})
				r := client.SetCAD(t.Context(), []string{"1"}, nil)
				if len(r.Failures) != 1 || !strings.Contains(r.Failures[0].Err.Error(), "(hidden)") {
					t.Fatalf("failures %+v", r.Failures)
				}
				for where, text := range map[string]string{"error": r.Failures[0].Err.Error(), "log": log.String()} {
					if strings.Contains(text, "canary") || strings.Contains(text, "0123") {
						t.Errorf("%s: %s", where, text)
					}
				}
			})
		}
	}
}

// Many callers over real connections: as many as may be are in flight, no more,
// and an interrupt leaves no connection behind.
func TestManyCallersOnTheWire(t *testing.T) {
	api := deepcalltest.Start(t)
	gate := make(chan struct{})
	api.Fail(deepcalltest.Gate(gate, nil), deepcalltest.Gate(gate, nil), deepcalltest.Hang())
	client := connect(t, api, func(c *deepcall.Config) { c.BatchSize, c.MaxConcurrentRequests = 2, 3 })
	ctx, interrupt := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for _, prefix := range []string{"a", "b"} {
		all.Go(func() {
			wantConfirmed(t, client.SetCAD(t.Context(), []string{prefix + "1", prefix + "2"}, nil), prefix+"1", prefix+"2")
		})
	}
	if err := api.Wait(2, 10*time.Second); err != nil {
		t.Fatal(err)
	}
	all.Go(func() {
		if r := client.SetCAD(ctx, []string{"c1", "c2", "c3"}, nil); len(r.Confirmed) > 0 || len(r.Failures) != 1 {
			t.Errorf("interrupted, and yet %+v", r)
		}
	})
	if err := api.Wait(3, 10*time.Second); err != nil {
		t.Fatal(err)
	}
	interrupt()
	close(gate)
	all.Wait()
	if got := api.MaxInFlight(); got != 3 {
		t.Errorf("%d requests in flight, want 3", got)
	}
	wantConfirmed(t, client.SetCAD(t.Context(), []string{"d"}, nil), "d")
	if got := api.Enabled(); !slices.Equal(got, []string{"a1", "a2", "b1", "b2", "d"}) {
		t.Errorf("enabled %q", got)
	}
}
