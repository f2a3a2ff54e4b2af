package deepcalltest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
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

// refusal refuses a request as a whole.
func refusal(code int, message string) answer {
	return jsonAnswer(http.StatusOK, encode(apiError{Status: "error", Message: message, Code: code}))
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
	record *Request // written under the server's lock only
	valid  bool     // its body
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
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		panic(http.ErrAbortHandler) // closes the connection
	}
	ids, credentials, valid := readRequest(body)
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
	x := &exchange{server: s, w: w, r: r, record: &record, valid: valid}
	choose, latency := s.arrive(x.record)
	p := plan{send: (*exchange).whole}
	if choose != nil {
		All(choose(asked))(&p)
	}
	// Without a delay, what has arrived is done, even if the client has just left.
	if d := latency + p.delay; d > 0 && pause(r.Context(), d) != nil || p.gate != nil && until(r.Context(), p.gate) != nil {
		x.drop()
	}
	p.send(x, x.work(p))
}

// work does what was asked, unless the plan leaves it undone, and says what to
// answer.
func (x *exchange) work(p plan) answer {
	s, record := x.server, x.record
	s.mu.Lock()
	defer s.mu.Unlock()
	a, results := x.decide(p)
	if !p.undone {
		for _, r := range results {
			if r.done {
				record.Applied = append(record.Applied, r.agent)
			}
			if r.busy {
				s.agents.busy[r.agent]--
			}
		}
		s.agents.apply(record.Endpoint, record.Applied)
	}
	if p.replace != nil {
		return p.replace(*record)
	}
	return a
}

// decide is the API: what it answers to a request, and its results for single
// agents where it gets that far.
func (x *exchange) decide(p plan) (answer, []result) {
	s, asked := x.server, x.record
	switch {
	case asked.Endpoint == "", asked.Endpoint == unsetCad && s.withoutUnset:
		return htmlAnswer(http.StatusNotFound), nil
	case asked.Method != http.MethodPost:
		return htmlAnswer(http.StatusMethodNotAllowed), nil
	case s.maxAgents > 0 && len(asked.AgentIDs) > s.maxAgents:
		return htmlAnswer(http.StatusRequestEntityTooLarge), nil
	case len(bytes.TrimSpace(asked.Body)) == 0:
		return refusal(1047, "Invalid request"), nil
	case !x.valid, asked.names(s.agents.whole):
		return refusal(1000, "invalid parameter"), nil
	case !s.accepts(asked.Credentials):
		return refusal(1014, "Invalid token"), nil
	}
	results := s.agents.judge(asked.AgentIDs)
	for _, change := range p.agents {
		for i := range results {
			change(&results[i])
		}
	}
	message := "CAD setting process completed."
	if asked.Endpoint == unsetCad {
		message = "CAD unsetting process completed." // an assumption, after the documented one
	}
	said := answerOf(results, message)
	for _, change := range p.answer {
		change(&said)
	}
	return jsonAnswer(http.StatusOK, encode(said)), results
}

// pause passes time. It fails when the client goes away or the server closes
// meanwhile.
func pause(ctx context.Context, d time.Duration) error { return until(ctx, time.After(d)) }

func until[T any](ctx context.Context, ch <-chan T) error {
	select {
	case <-ch:
	case <-ctx.Done():
	}
	return ctx.Err()
}
