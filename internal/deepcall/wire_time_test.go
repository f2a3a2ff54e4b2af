package deepcall

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// A server that never ends its answer is given up after request_timeout, or when
// the call is interrupted.
func TestSlowServers(t *testing.T) {
	for name, fault := range map[string]deepcalltest.Fault{
		"hangs": deepcalltest.Hang(), "hangs after the work": deepcalltest.HangAfter(), "drips": deepcalltest.Drip(time.Hour),
	} {
		t.Run(name, func(t *testing.T) {
			api := deepcalltest.Start(t)
			api.Fail(fault)
			got := wantOneRequest(t, api, retries(0), func(c *Config) { c.RequestTimeout = 50 * ms })
			if got != "no answer from "+api.URL()+": no complete answer within 50ms (request_timeout)" {
				t.Error(got)
			}
			api.Fail(fault)
			ctx, interrupt := context.WithCancel(t.Context())
			go func() {
				defer interrupt()
				if err := api.Wait(2, 10*time.Second); err != nil {
					t.Error(err)
				}
			}()
			if got = brief(liveClient(t, api.URL()).Do(ctx, Set, []string{"2"}, nil)); got != "the run was interrupted; failed 2" {
				t.Error(got)
			}
		})
	}
}

// A later call does not wait as long as Retry-After asks for.
func TestRetryAfterOnTheWire(t *testing.T) {
	api := deepcalltest.Start(t)
	api.Fail(deepcalltest.Status(503, http.Header{"Retry-After": {"7200"}}, ""))
	client := liveClient(t, api.URL(), retries(0))
	first, second := setOne(t, client).Error(), setOne(t, client).Error()
	if first != unavailable || !strings.HasPrefix(second, first+"; the next try was due in ") {
		t.Errorf("%s, then %s", first, second)
	}
}

func TestUnreachableServers(t *testing.T) {
	closed := deepcalltest.Start(t)
	closed.Close()
	strange := deepcalltest.Start(t, deepcalltest.WithTLS()) // its authority is not trusted
	for name, c := range map[string]struct{ url, cause string }{
		"closed port":     {closed.URL(), "connection refused"},
		"unknown host":    {"https://deepcall.invalid", ""}, // resolvers differ in what they say
		"other authority": {strange.URL(), "certificate"},
		"TLS to HTTP":     {strings.Replace(deepcalltest.Start(t).URL(), "http:", "https:", 1), "TLS handshake"},
	} {
		t.Run(name, func(t *testing.T) {
			got := setOne(t, liveClient(t, c.url)).Error()
			if !strings.HasPrefix(got, "no connection to "+c.url+": ") || !strings.Contains(got, c.cause) || !strings.HasSuffix(got, "(tried 5 times)") {
				t.Errorf("%s, want %q in it", got, c.cause)
			}
		})
	}
	if n := len(strange.Requests()); n > 0 {
		t.Errorf("%d requests reached a server that is not trusted", n)
	}
}

// A server that returns the request in any form shows no credential: not in
// errors, not in the log.
func TestEchoes(t *testing.T) {
	faults := map[string]deepcalltest.Fault{
		"code":  deepcalltest.Body(200, fmt.Sprintf(`{"status":"error","code":%q}`, wireCanary)),
		"agent": deepcalltest.Unasked(wireCanary), "refusal": deepcalltest.RefuseOnce(wireCanary), "agentless": deepcalltest.AgentlessError(wireCanary),
		"answer": deepcalltest.Body(200, wireCanary), "redirect": deepcalltest.Redirect("https://h.example/"+url.PathEscape(wireCanary), 307),
	}
	for encoding, e := range []deepcalltest.Encoding{deepcalltest.Raw, deepcalltest.JSONEscaped, deepcalltest.URLEncoded, deepcalltest.HTMLEscaped} {
		faults[fmt.Sprint("message, encoding ", encoding)] = deepcalltest.Echo(e)
		faults[fmt.Sprint("body, encoding ", encoding)] = deepcalltest.EchoBadRequest(e)
	}
	for in, fault := range faults {
		t.Run(in, func(t *testing.T) {
			var log bytes.Buffer
			api := deepcalltest.Start(t)
			api.Fail(fault)
			client := liveClient(t, api.URL(), func(c *Config) {
				c.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug - 4}))
			})
			r := client.Do(t.Context(), Set, []string{"1"}, nil)
			shown := log.String()
			for _, f := range r.Failures {
				shown += fmt.Sprintf(" %v %+v", f.Err, f.Err)
			}
			if !strings.Contains(shown, "(hidden") || strings.Contains(shown, "canary") || strings.Contains(shown, "0123") {
				t.Error(shown)
			}
		})
	}
}

// Decisions are made on what came, whatever is shown of it.
func TestHiddenCodeIsRetried(t *testing.T) {
	api := deepcalltest.Start(t)
	api.Fail(deepcalltest.Code(1501, "1"))
	client := liveClient(t, api.URL(), func(c *Config) { c.Credentials = UserToken("u", "1") })
	wantAll(t, client.Do(t.Context(), Set, []string{"1"}, nil), "1")
	api.Fail(deepcalltest.RefuseOnce("Data already in processing", "1"), deepcalltest.Code(1014, ""))
	r := client.Do(t.Context(), Set, []string{"1"}, nil)
	if len(r.Failures) != 1 || Classify(r.Failures[0].Err) != ClassCredentials || strings.Contains(r.Failures[0].Err.Error(), "1014") {
		t.Errorf("failures: %+v", r.Failures)
	}
}
