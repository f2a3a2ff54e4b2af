package deepcalltest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Request is one recorded request and what became of it. While it is still being
// served, Status is 0 and the fields after it are as far as the server has got.
type Request struct {
	At          time.Time
	Endpoint    string // "setCad", "unsetCad", or "" for any other path
	Method      string
	Path        string
	RawQuery    string
	Header      http.Header
	Body        []byte      // exact bytes
	Credentials Credentials // as read from the body
	AgentIDs    []string    // as read from the body; nil if unreadable

	// Status is the HTTP status that was answered, 0 when the connection was
	// dropped without an answer.
	Status int
	// Code is the "code" of the answer's JSON, 0 when the answer was not sent
	// whole or has none.
	Code int
	// Confirmed are the agents that this request asked for and that the answer,
	// sent whole, reports as done: in updatedAgents with status "success", and
	// not in errors as well.
	Confirmed []string
	// Refused are the agents in the answer's errors, with their messages; nil
	// unless the answer was sent whole.
	Refused map[string]string
	// Applied are the agents whose state on the server this request changed or
	// affirmed, whether or not an answer said so.
	Applied []string
}

// names tells whether any of these agents is asked for.
func (r Request) names(ids []string) bool {
	return slices.ContainsFunc(r.AgentIDs, func(id string) bool { return slices.Contains(ids, id) })
}

// Credentials are what a request carries: SSID alone, or UserID with Token.
type Credentials struct{ SSID, UserID, Token string }

// Requests are all recorded requests, in the order in which they arrived (their
// bodies were read to the end). They share their slices and maps with the record.
func (s *Server) Requests() []Request {
	out := []Request{}
	s.locked(func() {
		for _, r := range s.requests {
			out = append(out, *r)
		}
	})
	return out
}

// ResetRequests forgets the recorded requests and the highest number in flight.
// Agents and faults stay as they are.
func (s *Server) ResetRequests() { s.locked(func() { s.requests, s.maxInFlight = nil, s.inFlight }) }

// MaxInFlight is the highest number of requests in flight at once, since the
// start or the last ResetRequests. A request that its client has given up counts
// until the server notices.
func (s *Server) MaxInFlight() (n int) {
	s.locked(func() { n = s.maxInFlight })
	return n
}

// Wait blocks until n requests have arrived since the start or the last
// ResetRequests. It fails when that takes longer than the timeout or the server
// closes first.
func (s *Server) Wait(n int, timeout time.Duration) error {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		s.mu.Lock()
		have, arrived := len(s.requests), s.arrived
		s.mu.Unlock()
		if have >= n {
			return nil
		}
		select {
		case <-arrived:
		case <-timer.C:
			return fmt.Errorf("%d of %d requests arrived within %s", have, n, timeout)
		case <-s.ctx.Done():
			return errors.New("the server closed while requests were awaited")
		}
	}
}

// arrive records a request, in flight from now on, and hands out what chooses its
// fault, and its latency: those of the order of arrival, decided under one lock.
func (s *Server) arrive(r *Request) (choose func(Request) Fault, latency time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
	s.inFlight++
	s.maxInFlight = max(s.maxInFlight, s.inFlight)
	close(s.arrived)
	s.arrived = make(chan struct{})
	choose = s.failWhen
	if len(s.faults) > 0 {
		next := s.faults[0]
		s.faults = s.faults[1:]
		choose = func(Request) Fault { return next }
	}
	return choose, s.latency
}

// leave takes a request out of flight and records what was answered.
func (s *Server) leave(r *Request, status int, sent []byte) {
	var said reading
	readable := json.Unmarshal(sent, &said) == nil
	var finished Request
	s.locked(func() {
		s.inFlight--
		r.Status = status
		if readable {
			r.Code = said.Code
			r.Refused = said.refused()
			if status == http.StatusOK && said.Status == success {
				r.Confirmed = said.confirmed(r.AgentIDs)
			}
		}
		finished = *r
	})
	if s.log != nil {
		s.log(finished)
	}
}
