package deepcall

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeAPI is the API as an http.RoundTripper. It lives in a test's bubble of
// time, so that no latency and no wait is real.
type fakeAPI struct {
	latency time.Duration
	answer  func(arrival) canned // nil: everything is confirmed

	mu       sync.Mutex
	requests []arrival
	inFlight []string // the endpoint of each
	most     int      // in flight at once
	mixed    bool     // a set and an unset were in flight together
	given    int      // requests given up by the client
}

// arrival is a request that arrived.
type arrival struct {
	n        int // 1, 2, …
	endpoint string
	ids      []string
	body     string
	header   http.Header
	url      string
	at       time.Time
}

// canned is what becomes of a request: an HTTP answer, or err.
type canned struct {
	status  int // 0: 200
	header  http.Header
	body    string
	cut     bool // the connection ends before the body does
	err     error
	unsent  bool          // err came before anything was sent
	latency time.Duration // beside the server's
}

func (s *fakeAPI) RoundTrip(r *http.Request) (*http.Response, error) {
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var asked struct {
		AgentIDs []string `json:"agentIds"`
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return nil, err
	}
	q := s.arrive(arrival{
		endpoint: path.Base(r.URL.Path), ids: asked.AgentIDs,
		body: string(body), header: r.Header.Clone(), url: r.URL.String(), at: time.Now(),
	})
	defer s.leave(q)
	a := canned{body: confirming(q.ids...)}
	if s.answer != nil {
		a = s.answer(q)
	}
	if !a.unsent {
		traceConnected(r)
	}
	if wait := s.latency + a.latency; wait > 0 {
		select {
		case <-time.After(wait):
		case <-r.Context().Done():
			s.mu.Lock()
			s.given++
			s.mu.Unlock()
			return nil, r.Context().Err()
		}
	}
	if a.err != nil {
		return nil, a.err
	}
	var content io.Reader = strings.NewReader(a.body)
	if a.cut {
		content = io.MultiReader(content, failingReader{io.ErrUnexpectedEOF})
	}
	if a.header == nil {
		a.header = http.Header{}
	}
	return &http.Response{
		StatusCode: cmp.Or(a.status, http.StatusOK),
		Header:     a.header, Body: io.NopCloser(content), Request: r, ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

// traceConnected tells whoever traces r that there is a connection for it, as
// http.Transport does.
func traceConnected(r *http.Request) {
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
}

func (s *fakeAPI) arrive(q arrival) arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	q.n = len(s.requests) + 1
	s.requests = append(s.requests, q)
	s.inFlight = append(s.inFlight, q.endpoint)
	s.most = max(s.most, len(s.inFlight))
	s.mixed = s.mixed || len(slices.Compact(slices.Sorted(slices.Values(s.inFlight)))) > 1
	return q
}

func (s *fakeAPI) leave(q arrival) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.Index(s.inFlight, q.endpoint)
	s.inFlight = slices.Delete(s.inFlight, at, at+1)
}

// seen are the requests that have arrived.
func (s *fakeAPI) seen() []arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// sizes are the numbers of agents in the requests so far.
func (s *fakeAPI) sizes() []int {
	var n []int
	for _, q := range s.seen() {
		n = append(n, len(q.ids))
	}
	return n
}

// once answers the first requests with these replies, one each, and confirms
// from then on.
func once(replies ...canned) func(arrival) canned {
	return func(q arrival) canned {
		if q.n <= len(replies) {
			return replies[q.n-1]
		}
		return canned{body: confirming(q.ids...)}
	}
}

func always(r canned) func(arrival) canned { return func(arrival) canned { return r } }

func httpStatus(code int) canned { return canned{status: code} }

func retryAfter(code int, value string) canned {
	return canned{status: code, header: http.Header{"Retry-After": {value}}}
}

func apiCode(n int) canned {
	return canned{body: fmt.Sprintf(`{"status":"error","message":"","code":%d}`, n)}
}

var refusedConnection = canned{unsent: true, err: errors.New("dial tcp 192.0.2.1:443: connect: connection refused")}

// confirming is an answer that confirms ids.
func confirming(ids ...string) string { return answering(ids, nil) }

// answering is an answer that confirms some agents and refuses others.
func answering(confirmed []string, refused map[string]string) string {
	type entry map[string]string
	updated, failed := []entry{}, []entry{}
	for _, id := range confirmed {
		updated = append(updated, entry{"agentId": id, "status": "success"})
	}
	for id, message := range refused {
		failed = append(failed, entry{"agentId": id, "message": message})
	}
	b, err := json.Marshal(map[string]any{
		"status": "success", "code": 200, "message": "CAD setting process completed.",
		"data": map[string]any{"updatedAgents": updated, "errors": failed},
	})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// newTestClient is a client of s that waits a second before every retry.
func newTestClient(t testing.TB, s http.RoundTripper, changes ...func(*Config)) *Client {
	t.Helper()
	base, err := ParseBaseURL("https://api.example/deepcall")
	if err != nil {
		t.Fatal(err)
	}
	c := Config{
		BaseURL: base, Credentials: SessionID("canary-session-0123"), Transport: s,
		RequestTimeout: time.Minute, MaxRetries: 4, BatchSize: 500, MaxConcurrentRequests: 1,
		Backoff: func(int) time.Duration { return time.Second },
	}
	for _, change := range changes {
		change(&c)
	}
	return New(c)
}

func batchOf(n int) func(*Config)    { return func(c *Config) { c.BatchSize = n } }
func concurrent(n int) func(*Config) { return func(c *Config) { c.MaxConcurrentRequests = n } }
func retries(n int) func(*Config)    { return func(c *Config) { c.MaxRetries = n } }

// call is a call on its way, and its result once it has come back.
type call struct {
	Result
	progress []Progress
	took     time.Duration
	back     chan struct{}
}

// start calls do, which is SetCAD or UnsetCAD.
func start(ctx context.Context, do func(context.Context, []string, func(Progress)) Result, ids ...string) *call {
	c := &call{back: make(chan struct{})}
	started := time.Now()
	go func() {
		defer close(c.back)
		c.Result = do(ctx, ids, func(p Progress) { c.progress = append(c.progress, p) })
		c.took = time.Since(started)
	}()
	return c
}

func (c *call) wait() *call {
	<-c.back
	return c
}

// names are n distinct agent IDs.
func names(prefix string, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%s%d", prefix, i+1)
	}
	return ids
}

// answerOf is an HTTP answer with a body and nothing else.
func answerOf(body string) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// Checks of a result.

func wantIDs(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("%s: %.200q (%d), want %.200q (%d)", what, got, len(got), want, len(want))
	}
}

// wantAll checks that everything was confirmed.
func wantAll(t testing.TB, r Result, ids ...string) {
	t.Helper()
	wantIDs(t, "confirmed", r.Confirmed, ids...)
	for _, f := range r.Failures {
		t.Errorf("failure: %v (%d agents, %d not tried)", f.Err, len(f.AgentIDs), len(f.NotTried))
	}
}

// wantFailure checks that there is one failure, that its text has words, and
// which agents it counts.
func wantFailure(t testing.TB, r Result, words string, sent, notTried []string) {
	t.Helper()
	if len(r.Failures) != 1 {
		t.Fatalf("%d failures, want one: %v", len(r.Failures), r.Failures)
	}
	f := r.Failures[0]
	if !strings.Contains(f.Err.Error(), words) {
		t.Errorf("failure %q, want %q in it", f.Err, words)
	}
	wantIDs(t, "failed", f.AgentIDs, sent...)
	wantIDs(t, "not tried", f.NotTried, notTried...)
}

func wantSizes(t testing.TB, s *fakeAPI, want ...int) {
	t.Helper()
	if got := s.sizes(); !slices.Equal(got, want) {
		t.Errorf("agents in the requests: %v, want %v", got, want)
	}
}
