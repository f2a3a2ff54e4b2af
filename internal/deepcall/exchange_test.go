package deepcall

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// theFailure is what the only failure of setting one agent says, with no
// retries, and how many requests that took.
func theFailure(t *testing.T, r canned, changes ...func(*Config)) error {
	t.Helper()
	var err error
	synctest.Test(t, func(t *testing.T) {
		s := &fakeAPI{answer: always(r)}
		got := newTestClient(t, s, append([]func(*Config){retries(0)}, changes...)...).SetCAD(t.Context(), []string{"1"}, nil)
		if len(got.Failures) != 1 || len(got.Confirmed) > 0 {
			t.Fatalf("result %+v", got)
		}
		wantSizes(t, s, 1)
		err = got.Failures[0].Err
		if g, ok := errors.AsType[*GaveUpError](err); ok {
			err = g.Err
		}
	})
	return err
}

func TestBytesOfRequest(t *testing.T) {
	for name, c := range map[string]struct {
		credentials Credentials
		ids         []string
		want        string
	}{
		"session ID": {SessionID("S"), []string{"1", "14"}, `{"ssid":"S","agentIds":["1","14"]}`},
		"user token": {UserToken("U", "T"), []string{"1"}, `{"userId":"U","token":"T","agentIds":["1"]}`},
		"odd characters": {
			SessionID(`<&>"\/é`), []string{"<&>", `"\/`, "é€🔑", "a b"},
			`{"ssid":"<&>\"\\/é","agentIds":["<&>","\"\\/","é€🔑","a b"]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &fakeAPI{}
				client := newTestClient(t, s, func(config *Config) {
					config.Credentials, config.UserAgent = c.credentials, "terraform-provider-deepcall/1.2.3 Terraform/1.14"
				})
				wantAll(t, client.SetCAD(t.Context(), c.ids, nil), c.ids...)
				wantAll(t, client.UnsetCAD(t.Context(), []string{"other"}, nil), "other")
				set, unset := s.seen()[0], s.seen()[1]
				if set.body != c.want {
					t.Errorf("sent\n %s, want\n %s", set.body, c.want)
				}
				if set.url != "https://api.example/deepcall/api/v2/Agent/setCad" || unset.url != "https://api.example/deepcall/api/v2/Agent/unsetCad" {
					t.Errorf("sent to %s and %s", set.url, unset.url)
				}
				want := http.Header{
					"Content-Type": {"application/json"}, "Accept": {"application/json"},
					"User-Agent": {"terraform-provider-deepcall/1.2.3 Terraform/1.14"},
				}
				if len(set.header) != len(want) {
					t.Errorf("header %v, want %v", set.header, want)
				}
				for name := range want {
					if set.header.Get(name) != want.Get(name) {
						t.Errorf("%s: %q, want %q", name, set.header.Get(name), want.Get(name))
					}
				}
			})
		})
	}
}

// The vendor's request samples, filled in, are what the client sends.
func TestVendorRequests(t *testing.T) {
	for name, c := range map[string]struct {
		credentials Credentials
		ids         []string
	}{
		"request-token.json":     {UserToken("{{userid}}", "{{token}}"), []string{"X", "XX"}},
		"example-1-request.json": {SessionID("{{ssid}}"), []string{"X", "XX"}},
		"example-request.json":   {SessionID("{{ssid}}"), []string{"1", "14"}},
	} {
		var want bytes.Buffer
		if err := json.Compact(&want, sample(t, name)); err != nil {
			t.Fatal(err)
		}
		client := newTestClient(t, nil, func(config *Config) { config.Credentials = c.credentials })
		if got, err := client.encode(c.ids); err != nil || string(got) != want.String() {
			t.Errorf("%s: sends\n %s, want\n %s (%v)", name, got, want.String(), err)
		}
	}
}

func TestErrorOfEachAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		answer canned
		want   string
	}{
		"not JSON":              {canned{body: "<html>\n<h1>Hello</h1>"}, "the answer (HTTP 200 OK) is not JSON; it begins: <html> <h1>Hello</h1>"},
		"array":                 {canned{body: "[]"}, "the answer (HTTP 200 OK) is not a JSON object; it begins: []"},
		"null":                  {canned{body: "null"}, "the answer (HTTP 200 OK) is not a JSON object; it begins: null"},
		"empty":                 {canned{}, "the answer (HTTP 200 OK) is empty"},
		"empty, 204":            {canned{status: 204}, "the answer (HTTP 204 No Content) is empty"},
		"no data":               {canned{body: `{"status":"success"}`}, `the answer (HTTP 200 OK) has no data; it begins: {"status":"success"}`},
		"a secret":              {canned{body: "canary-session-0123"}, "the answer (HTTP 200 OK) is not JSON; it begins: (hidden)"},
		"code":                  {apiCode(1014), "the API reported code 1014: Invalid token"},
		"code with words":       {canned{body: `{"status":"error","code":1014,"message":"Go\naway"}`}, "the API reported code 1014: Go away"},
		"code with blank words": {canned{body: `{"status":"error","code":1014,"message":" \n"}`}, "the API reported code 1014: Invalid token"},
		"unknown code":          {canned{body: `{"status":"error","code":"E7","message":""}`}, "the API reported code E7 without a message"},
		"neither code nor word": {canned{body: `{"status":"error"}`}, "the API reported an error without a code or a message"},
		"secret in a message":   {canned{body: `{"status":"error","code":1,"message":"bad canary-session\u002d0123"}`}, "the API reported code 1: bad (hidden)"},
		"secret in a code":      {canned{body: `{"status":"error","code":"canary-session-0123"}`}, "the API reported code (hidden) without a message"},
		"400":                   {canned{status: 400, body: "no: canary-session-0123"}, "HTTP 400 Bad Request: no: (hidden)"},
		"404":                   {canned{status: 404}, "HTTP 404 Not Found"},
		"500 cut short":         {canned{status: 500, body: "oh", cut: true}, "HTTP 500 Internal Server Error: oh"},
		"401 that is a success": {canned{status: 401, body: confirming("1")}, "HTTP 401 Unauthorized"},
		"redirect":              {redirect(307, "https://u:p@other.example/x?token=1#f"), "HTTP 307 Temporary Redirect: a redirect to https://other.example/x"},
		"relative redirect":     {redirect(302, "/login?next=1"), "HTTP 302 Found: a redirect to https://api.example/login"},
		"secret redirect":       {redirect(301, "https://other.example/canary-session-0123"), "HTTP 301 Moved Permanently: a redirect to https://other.example/(hidden)"},
		"redirect to nowhere":   {canned{status: 308}, "HTTP 308 Permanent Redirect: a redirect without saying where to"},
		"redirect to a non-URL": {redirect(307, "https://other.example/%zz?token=1"), "HTTP 307 Temporary Redirect: a redirect without saying where to"},
		"304":                   {canned{status: 304}, "HTTP 304 Not Modified: a redirect without saying where to"},
		"redirect with success": {canned{status: 303, body: confirming("1")}, "HTTP 303 See Other: a redirect without saying where to"},
		"connection":            {refusedConnection, "no connection to https://api.example: dial tcp 192.0.2.1:443: connect: connection refused"},
		"connection, secret":    {canned{err: errors.New("proxy said canary-session-0123")}, "no answer from https://api.example: proxy said (hidden)"},
		"cut short":             {canned{body: `{"status":`, cut: true}, "no answer from https://api.example: the answer was cut short: unexpected EOF"},
		"whole, then cut":       {canned{body: confirming("1"), cut: true}, "no answer from https://api.example: the answer was cut short: unexpected EOF"},
		"too slow":              {canned{latency: time.Hour}, "no answer from https://api.example: no whole answer within 1m0s (request_timeout)"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := theFailure(t, c.answer).Error(); !strings.HasPrefix(got, c.want) {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

func redirect(status int, to string) canned {
	return canned{status: status, header: http.Header{"Location": {to}}}
}

// An answer of 8 MiB is read and one byte more is refused, whatever it says.
func TestLongestAnswer(t *testing.T) {
	start, end := `{"padding":"`, `",`+confirming("1")[1:]
	body := start + strings.Repeat("x", 8<<20-len(start)-len(end)) + end
	synctest.Test(t, func(t *testing.T) {
		s := &fakeAPI{answer: always(canned{body: body})}
		wantAll(t, newTestClient(t, s).SetCAD(t.Context(), []string{"1"}, nil), "1")
	})
	err := theFailure(t, canned{body: " " + body})
	if a, ok := errors.AsType[*AnswerError](err); !ok || a.Problem != "has more than 8 MiB" || len(a.Body) > bodyPiece+len("…") {
		t.Errorf("one byte more: %v", err)
	}
}

// Of an endless answer no more is read than that.
func TestEndlessAnswer(t *testing.T) {
	endless := &countingReader{}
	client := newTestClient(t, transportFunc(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: endless, Request: r}, nil
	}))
	got := client.SetCAD(context.Background(), []string{"1"}, nil)
	wantFailure(t, got, "has more than 8 MiB", []string{"1"}, nil)
	if endless.read > 9<<20 || !endless.closed {
		t.Errorf("read %d bytes, closed: %v", endless.read, endless.closed)
	}
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type countingReader struct {
	read   int
	closed bool
}

func (r *countingReader) Read(p []byte) (int, error) {
	r.read += len(p)
	return copy(p, bytes.Repeat([]byte("x"), len(p))), nil
}

func (r *countingReader) Close() error {
	r.closed = true
	return nil
}

// Bodies are closed, so that connections can be used again.
func TestBodiesAreClosed(t *testing.T) {
	for _, status := range []int{200, 307, 400, 503} {
		body := &closingBody{Reader: strings.NewReader(confirming("1"))}
		client := newTestClient(t, transportFunc(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Body: body, Request: r, Header: http.Header{"Location": {"/x"}}}, nil
		}), retries(0))
		client.SetCAD(context.Background(), []string{"1"}, nil)
		if !body.closed {
			t.Errorf("HTTP %d: the body stays open", status)
		}
	}
}

type closingBody struct {
	*strings.Reader
	closed bool
}

func (b *closingBody) Close() error {
	b.closed = true
	return nil
}
