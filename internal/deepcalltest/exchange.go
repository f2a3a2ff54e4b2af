package deepcalltest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
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

func jsonAnswer(status int, body []byte) answer {
	return answer{status, http.Header{"Content-Type": {"application/json; charset=utf-8"}}, body}
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
	status int      // of the answer that has begun
	left   bool
}

// handle takes a request through its steps: arrive, plan, wait, work, answer.
func (s *Server) handle(w http.ResponseWriter, r *http.Request) {
	if status, why := foreign(r); status != 0 {
		http.Error(w, why, status)
		return
	}
	if r.URL.Path == AgentsPath {
		_, _ = fmt.Fprintf(w, "%s\n", encode(append([]string{}, s.Enabled()...)))
		return
	}
	x := &exchange{server: s, w: w, r: r}
	s.enter()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		x.drop()
	}
	ids, credentials, _ := readRequest(body)
	asked := Request{
		Endpoint:    s.endpointOf(r.URL.Path),
		Method:      r.Method,
		Path:        r.URL.Path,
		RawQuery:    r.URL.RawQuery,
		Header:      r.Header.Clone(),
		Body:        body,
		AgentIDs:    ids,
		Credentials: credentials,
		At:          time.Now(),
	}
	record := asked
	x.record = &record
	choose, latency := s.arrive(x.record)
	p := plan{send: (*exchange).whole}
	if choose != nil {
		All(choose(asked))(&p)
	}
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
		var applied []string
		for _, r := range results {
			if r.done {
				applied = append(applied, r.agent)
			}
			if r.busy {
				s.agents.busy[r.agent]--
			}
		}
		s.agents.apply(asked.Endpoint, applied)
		record.Applied = applied
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
	case set.maxAgents > 0 && len(asked.AgentIDs) > set.maxAgents:
		return set.tooMany, nil
	case len(bytes.TrimSpace(asked.Body)) == 0:
		return refusal(1047, "Invalid request"), nil
	}
	ids, credentials, err := readRequest(asked.Body)
	switch {
	case err != nil:
		return invalidParameter(), nil
	case !set.accepts(credentials):
		return refusal(1014, "Invalid token"), nil
	case slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(s.agents.whole, id) }):
		return invalidParameter(), nil
	}
	o := outcome{results: s.agents.judge(ids), message: "CAD setting process completed."}
	if asked.Endpoint == unsetCad {
		o.message = "CAD unsetting process completed." // an assumption, after the documented one
	}
	for _, edit := range p.edits {
		edit(&o)
	}
	return jsonAnswer(http.StatusOK, encode(o.answer())), o.results
}

// settle ends the request for the records: with the status of the answer that
// has begun and, of its body, what was sent whole. It comes before the last byte
// leaves, so that a client that has its answer finds it recorded, and its next
// request alone in flight.
func (x *exchange) settle(sent []byte) {
	if !x.left {
		x.left = true
		x.server.leave(x.record, x.status, sent)
	}
}

// drop closes the connection; of an answer only what was flushed has gone out.
// It does not return.
func (x *exchange) drop() {
	x.settle(nil)
	panic(http.ErrAbortHandler)
}

// wait passes time before a request is worked on. It fails when the client goes
// away or the server closes meanwhile.
type wait func(context.Context) error

func pause(d time.Duration) wait {
	return func(ctx context.Context) error { return until(time.After(d))(ctx) }
}

func until[T any](ch <-chan T) wait {
	return func(ctx context.Context) error {
		select {
		case <-ch:
		case <-ctx.Done():
		}
		return ctx.Err()
	}
}
