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
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
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

// Server is one stand-in. Its methods are safe for concurrent use, also while
// requests are being served.
type Server struct {
	settings settings
	base     string
	caPEM    []byte
	control  http.Handler // nil without WithControl

	ctx    context.Context // ends when the server closes; every request's context descends from it
	cancel context.CancelFunc
	http   *http.Server
	served chan struct{}  // closed when the accept loop has returned
	conns  sync.WaitGroup // open connections
	once   sync.Once

	logging sync.Mutex // one call of the log function at a time

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
		t.Fatalf("starting the stand-in of the DeepCall API: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// New serves on a loopback port until Close. It fails when the address is not a
// loopback address or cannot be listened on.
func New(opts ...Option) (*Server, error) {
	set := defaults()
	for _, opt := range opts {
		opt(&set)
	}
	var ca *authority
	if set.tls {
		var err error
		if ca, err = newAuthority(); err != nil {
			return nil, err
		}
	}
	listener, err := listen(set.addr)
	if err != nil {
		return nil, err
	}

	s := &Server{
		settings: set,
		base:     "http://" + listener.Addr().String() + set.prefix,
		served:   make(chan struct{}),
		latency:  set.latency,
		agents:   newAgents(),
		arrived:  make(chan struct{}),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.http = &http.Server{
		Handler:           http.HandlerFunc(s.handle),
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(io.Discard, "", 0),
		BaseContext:       func(net.Listener) context.Context { return s.ctx },
		ConnState:         s.trackConn,
	}
	if set.control {
		s.control = s.newControl()
	}
	if ca != nil {
		s.base = "https://" + listener.Addr().String() + set.prefix
		s.caPEM = ca.caPEM
		listener = tls.NewListener(listener, &tls.Config{
			Certificates: []tls.Certificate{ca.certificate},
			MinVersion:   tls.VersionTLS12,
		})
	}

	go func() {
		defer close(s.served)
		_ = s.http.Serve(listener) // always http.ErrServerClosed or a dead listener: Close ends both
	}()
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
	s.once.Do(func() {
		s.cancel()
		_ = s.http.Close()
		<-s.served
		// A connection accepted while the first Close ran was not known to it.
		_ = s.http.Close()
		s.conns.Wait()
	})
}

// URL is the base URL, with the prefix and without a trailing slash: what goes
// into the provider's base_url.
func (s *Server) URL() string { return s.base }

// CAPEM is the certificate of the authority that vouches for this server, as
// PEM; nil without WithTLS.
func (s *Server) CAPEM() []byte { return append([]byte(nil), s.caPEM...) }

// trackConn counts open connections, so that Close can wait for them.
func (s *Server) trackConn(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.conns.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.conns.Done()
	case http.StateActive, http.StateIdle:
	}
}

// endpointOf names the operation that a path asks for, "" for any other path.
func (s *Server) endpointOf(path string) string {
	name, ok := strings.CutPrefix(path, s.settings.prefix+apiPath)
	if ok && (name == setCad || name == unsetCad) {
		return name
	}
	return ""
}
