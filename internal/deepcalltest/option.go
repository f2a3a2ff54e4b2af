package deepcalltest

import "time"

// Option sets up a Server before it serves.
type Option func(*Server)

// WithAddr listens on a given loopback address instead of a free port of
// 127.0.0.1.
func WithAddr(addr string) Option { return func(s *Server) { s.addr = addr } }

// WithPrefix moves the API below a path such as "/deepcall". Nothing answers
// without it.
func WithPrefix(prefix string) Option { return func(s *Server) { s.prefix = prefix } }

// WithTLS serves https with a certificate for 127.0.0.1 and ::1; see CAPEM.
func WithTLS() Option { return func(s *Server) { s.tls = true } }

// WithCredentials accepts only these credentials. Both forms may stand in one
// value: the SSID, and the user ID with its token. Others are answered with code
// 1014. Without this option any credentials of a valid form are accepted.
func WithCredentials(c Credentials) Option { return func(s *Server) { s.credentials = c } }

// WithoutUnset answers unsetCad with HTTP 404, as a server would that has no
// such endpoint.
func WithoutUnset() Option { return func(s *Server) { s.withoutUnset = true } }

// WithMaxAgents answers a request for more than n agents with HTTP 413.
func WithMaxAgents(n int) Option { return func(s *Server) { s.maxAgents = n } }

// WithLatency lets every request wait before it is worked on; see SetLatency.
func WithLatency(d time.Duration) Option { return func(s *Server) { s.latency = d } }

// WithLog calls f once for each recorded request when it is clear what becomes
// of it, just before the end of the answer leaves; for several at once.
func WithLog(f func(Request)) Option { return func(s *Server) { s.log = f } }

// SetLatency lets every request that arrives from now on wait before it is
// worked on. A client that goes away meanwhile ends the request: nothing is done.
func (s *Server) SetLatency(d time.Duration) { s.locked(func() { s.latency = d }) }

func (s *Server) accepts(c Credentials) bool {
	only := s.credentials
	return only == Credentials{} ||
		c.SSID != "" && c.SSID == only.SSID ||
		c.Token != "" && c.Token == only.Token && c.UserID == only.UserID
}
