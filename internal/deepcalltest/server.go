// Package deepcalltest is a stand-in for the DeepCall Agent API: a real HTTP
// server on a loopback port that keeps the agents' CAD state, records every
// request, and misbehaves on demand.
//
// It rests on the vendor's document of "CAD Set" and reads the wire with types
// of its own, so that a mistake in a client's types cannot cancel out here.
// What a web page in a browser could send it refuses before anything else, see
// foreign; such requests are not recorded. What that document leaves open is an
// assumption:
//
//   - unsetCad takes and answers what setCad does, with a message of its own;
//   - an agent named twice in one request is handled once;
//   - an empty agentIds array is an invalid parameter (code 1000);
//   - fields that the document does not name are ignored.
//
// A test starts a server, points the code under test at URL, and asks
// afterwards what arrived (Requests) and what was done (Enabled):
//
//	api := deepcalltest.Start(t)
//	api.Refuse("Invalid AgentID", "13")
//	api.Fail(deepcalltest.LostAnswer())
package deepcalltest

import (
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// The API's operations, by the last element of their path.
const (
	setCad   = "setCad"
	unsetCad = "unsetCad"
)

// apiPath is where the operations live, below the base URL.
const apiPath = "/api/v2/Agent/"

// AgentsPath is where people and scripts read the agents with CAD on, a JSON
// array. Requests to it are not recorded.
const AgentsPath = "/_standin/agents"

// Server is one stand-in. Its methods are safe for concurrent use, also while
// requests are being served.
type Server struct {
	http *httptest.Server

	addr         string
	prefix       string
	tls          bool
	withoutUnset bool
	maxAgents    int         // 0: no limit
	credentials  Credentials // none: any
	log          func(Request)

	ctx    context.Context // ends when the server closes; every request's context descends from it
	cancel context.CancelFunc

	mu          sync.Mutex // guards what follows, and the requests themselves
	latency     time.Duration
	agents      agents
	faults      []Fault
	failWhen    func(Request) Fault
	requests    []*Request
	arrived     chan struct{} // closed and replaced whenever a request arrives
	inFlight    int
	maxInFlight int
}

// Start serves on a loopback port until the test ends. An error fails the test.
func Start(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s, err := New(opts...)
	if err != nil {
		t.Fatalf("starting the stand-in for the DeepCall API: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// New serves on a loopback port until Close. It fails when the address is not a
// loopback address or cannot be listened on.
func New(opts ...Option) (*Server, error) {
	s := &Server{
		addr:    "127.0.0.1:0",
		agents:  agents{enabled: map[string]bool{}, refused: map[string]string{}, busy: map[string]int{}},
		arrived: make(chan struct{}),
	}
	for _, opt := range opts {
		opt(s)
	}
	listener, err := listen(s.addr)
	if err != nil {
		return nil, err
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.http = &httptest.Server{Listener: listener, Config: &http.Server{
		Handler:           http.HandlerFunc(s.handle),
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(io.Discard, "", 0),
		BaseContext:       func(net.Listener) context.Context { return s.ctx },
	}}
	if s.tls {
		s.http.StartTLS()
	} else {
		s.http.Start()
	}
	return s, nil
}

// listen refuses what is not loopback before a port is opened: requests carry
// credentials, and this server is a toy.
func listen(addr string) (net.Listener, error) {
	resolved, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen address %q: %w", addr, err)
	}
	if !resolved.IP.IsLoopback() {
		return nil, fmt.Errorf("listen address %q is not a loopback address such as 127.0.0.1:8080", addr)
	}
	return net.ListenTCP("tcp", resolved)
}

// Close stops serving, ends every request that still hangs, and returns when
// nothing of the server is left running. A second call does nothing.
func (s *Server) Close() {
	s.cancel()
	_ = s.http.Config.Close() // also connections on which half a request has come
	s.http.Close()
}

// locked does something that nothing else may do meanwhile.
func (s *Server) locked(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

// URL is the base URL, with the prefix and without a trailing slash: what goes
// into the provider's base_url.
func (s *Server) URL() string { return s.http.URL + s.prefix }

// CAPEM is the certificate that vouches for a server WithTLS, as PEM.
func (s *Server) CAPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.http.Certificate().Raw})
}

// endpointOf names the operation that a path asks for, "" for any other path.
func (s *Server) endpointOf(path string) string {
	name, ok := strings.CutPrefix(path, s.prefix+apiPath)
	if ok && (name == setCad || name == unsetCad) {
		return name
	}
	return ""
}
