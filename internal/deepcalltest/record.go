package deepcalltest

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// Request is one recorded request and what became of it. While it is still being
// served, Status is 0 and the fields after it are as far as the server has got.
type Request struct {
	Endpoint               string // "setCad", "unsetCad", or "" for any other path
	Method, Path, RawQuery string
	Header                 http.Header
	Body                   []byte      // exact bytes
	AgentIDs               []string    // as read from the body; nil if unreadable
	Credentials            Credentials // as read from the body
	InFlight               int         // requests in flight when it arrived, itself included
	At                     time.Time

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

func (r *Request) clone() Request {
	c := *r
	c.Header = r.Header.Clone()
	c.Body = slices.Clone(r.Body)
	c.AgentIDs = slices.Clone(r.AgentIDs)
	c.Confirmed = slices.Clone(r.Confirmed)
	c.Refused = maps.Clone(r.Refused)
	c.Applied = slices.Clone(r.Applied)
	return c
}

// Requests are copies of all recorded requests, in the order in which they
// arrived (their bodies were read to the end).
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Request, 0, len(s.requests))
	for _, r := range s.requests {
		out = append(out, r.clone())
	}
	return out
}

// ResetRequests forgets the recorded requests and the highest number in flight.
// Agents and faults stay as they are.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
	s.maxInFlight = s.inFlight
}

// MaxInFlight is the highest number of requests in flight at once, since the
// start or the last ResetRequests. A request that its client has given up counts
// until the server notices.
func (s *Server) MaxInFlight() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.maxInFlight
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

// arrive records a request and hands out its fault and latency: those of the
// order of arrival, decided under one lock.
func (s *Server) arrive(r *Request) (fault Fault, when func(Request) Fault, latency time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
	close(s.arrived)
	s.arrived = make(chan struct{})
	if len(s.faults) > 0 {
		fault, s.faults = s.faults[0], s.faults[1:]
		return fault, nil, s.latency
	}
	return nil, s.failWhen, s.latency
}

// enter counts a request as in flight and returns how many there are.
func (s *Server) enter() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight++
	s.maxInFlight = max(s.maxInFlight, s.inFlight)
	return s.inFlight
}

// leave takes a request out of flight and records what was answered; r is nil
// for one that never arrived whole.
func (s *Server) leave(r *Request, status int, sent []byte) {
	said, readable := readAnswer(sent)

	s.mu.Lock()
	s.inFlight--
	if r == nil {
		s.mu.Unlock()
		return
	}
	r.Status = status
	if readable {
		r.Code = said.Code
		r.Refused = said.refused()
		if status == http.StatusOK {
			r.Confirmed = said.confirmed(r.AgentIDs)
		}
	}
	settled := r.clone()
	s.mu.Unlock()

	if s.settings.log != nil {
		s.logging.Lock()
		defer s.logging.Unlock()
		s.settings.log(settled)
	}
}
