package deepcalltest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxBody bounds what is read of one request, in bytes.
const maxBody = 64 << 20

// answer is an HTTP answer, whole.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func jsonAnswer(body []byte) answer {
	return answer{
		status: http.StatusOK,
		header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		body:   body,
	}
}

// htmlAnswer is what stands in front of an API says, a proxy or a web server.
func htmlAnswer(status int) answer {
	text := strconv.Itoa(status) + " " + http.StatusText(status)
	return answer{
		status: status,
		header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		body:   []byte("<html><head><title>" + text + "</title></head><body><h1>" + text + "</h1></body></html>\n"),
	}
}

// exchange is one request on its way through the server.
type exchange struct {
	server *Server
	w      http.ResponseWriter
	r      *http.Request
	record *Request // written under the server's lock only; nil until it has arrived
	left   bool
}

// handle takes a request through its steps: arrive, plan, wait, work, answer.
func (s *Server) handle(w http.ResponseWriter, r *http.Request) {
	if status, why := foreign(r); status != 0 {
		http.Error(w, why, status)
		return
	}
	if s.control != nil && strings.HasPrefix(r.URL.Path, ControlPath) {
		s.control.ServeHTTP(w, r)
		return
	}
	x := &exchange{server: s, w: w, r: r}
	inFlight := s.enter()
	defer x.settle(0, nil)

	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		x.drop()
	}
	ids, credentials, _ := readRequest(body)
	x.record = &Request{
		Endpoint:    s.endpointOf(r.URL.Path),
		Method:      r.Method,
		Path:        r.URL.Path,
		RawQuery:    r.URL.RawQuery,
		Header:      r.Header.Clone(),
		Body:        body,
		AgentIDs:    ids,
		Credentials: credentials,
		InFlight:    inFlight,
		At:          time.Now(),
	}
	asked := x.record.clone()
	fault, when, latency := s.arrive(x.record)
	if when != nil {
		fault = when(asked.clone())
	}
	p := plan{send: (*exchange).whole}
	All(s.standing(asked), fault)(&p)
	for _, pass := range append([]wait{pause(latency)}, p.waits...) {
		if pass(r.Context()) != nil {
			x.drop()
		}
	}
	p.send(x, s.work(x.record, asked, p))
}

// work does what was asked, unless the plan leaves it undone, and says what to
// answer.
func (s *Server) work(record *Request, asked Request, p plan) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, results := s.decide(asked, p)
	if !p.undone {
		s.agents.count(results)
		for _, r := range results {
			if r.done {
				record.Applied = append(record.Applied, r.agent)
			}
		}
		s.agents.apply(asked.Endpoint, record.Applied)
	}
	if p.replace != nil {
		return p.replace(asked)
	}
	return a
}

// decide is the API: what it answers to a request, and its results for single
// agents where it gets that far.
func (s *Server) decide(asked Request, p plan) (answer, []result) {
	set := s.settings
	switch {
	case asked.Endpoint == "", asked.Endpoint == unsetCad && set.withoutUnset:
		return htmlAnswer(http.StatusNotFound), nil
	case asked.Method != http.MethodPost:
		a := htmlAnswer(http.StatusMethodNotAllowed)
		a.header.Set("Allow", http.MethodPost)
		return a, nil
	case len(bytes.TrimSpace(asked.Body)) == 0:
		return jsonAnswer(encode(emptyBody)), nil
	}
	ids, credentials, err := readRequest(asked.Body)
	if err != nil {
		return jsonAnswer(encode(invalidParameter)), nil
	}
	if !set.accepts(credentials) {
		return jsonAnswer(encode(invalidToken)), nil
	}
	o := outcome{results: s.agents.judge(ids), message: completed(asked.Endpoint)}
	for _, edit := range p.edits {
		edit(&o)
	}
	return jsonAnswer(encode(o.answer())), o.results
}

// completed is the message of an answer with results. The one of unsetCad is an
// assumption, made after the documented one of setCad.
func completed(endpoint string) string {
	if endpoint == unsetCad {
		return "CAD unsetting process completed."
	}
	return "CAD setting process completed."
}

// settle ends the request for the records: this status, and of the body what
// was sent whole. It comes before the last byte leaves, so that a client that
// has its answer finds it recorded, and its next request alone in flight.
func (x *exchange) settle(status int, sent []byte) {
	if x.left {
		return
	}
	x.left = true
	x.server.leave(x.record, status, sent)
}

// drop closes the connection; of an answer only what was flushed has gone out.
// It does not return.
func (x *exchange) drop() {
	x.settle(0, nil)
	panic(http.ErrAbortHandler)
}

// gone tells that there is nobody left to answer: the client went away or the
// server closes.
func (x *exchange) gone() bool { return x.r.Context().Err() != nil }

// wait passes time before a request is worked on. It fails when the client goes
// away or the server closes meanwhile.
type wait func(context.Context) error

func pause(d time.Duration) wait {
	return func(ctx context.Context) error {
		if d <= 0 {
			return nil
		}
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return ctx.Err()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func until(ch <-chan struct{}) wait {
	return func(ctx context.Context) error {
		select {
		case <-ch:
			return ctx.Err()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
