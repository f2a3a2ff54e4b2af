package deepcalltest

import (
	"crypto/tls"
	"net"
	"net/http"
	"strconv"
	"time"
)

// delivered is a fault in how the answer leaves.
func delivered(send func(*exchange, answer)) Fault { return func(p *plan) { p.send = send } }

// Reset resets the connection before any answer. Nothing is applied.
func Reset() Fault { return All(undone, delivered((*exchange).reset)) }

// LostAnswer does the work and closes the connection without an answer.
func LostAnswer() Fault {
	return delivered(func(x *exchange, _ answer) { x.drop() })
}

// ClosedIdle closes the connection without an answer, as a server does that
// gives up an idle connection just as the next request arrives. Nothing is
// applied.
func ClosedIdle() Fault { return All(undone, LostAnswer()) }

// SwitchProtocols answers HTTP 101, which hands the connection over, and says
// nothing on it: until the client goes away or the server closes. Nothing is
// applied.
func SwitchProtocols() Fault {
	return All(undone, delivered(func(x *exchange, _ answer) {
		a := answer{
			status: http.StatusSwitchingProtocols,
			header: http.Header{"Connection": {"Upgrade"}, "Upgrade": {"silence"}},
		}
		x.settle(a.status, nil)
		x.begin(a, unannounced)
		_ = http.NewResponseController(x.w).Flush() // fails only when the client has left
		<-x.r.Context().Done()
		x.drop()
	}))
}

// CutShort does the work, announces the length of the whole answer, and closes
// after half of it.
func CutShort() Fault { return delivered((*exchange).half) }

// CutShortBefore looks like CutShort, but nothing is applied.
func CutShortBefore() Fault { return All(undone, CutShort()) }

// Hang reads the request and never answers: until the client goes away or the
// server closes. Nothing is applied.
func Hang() Fault { return All(undone, HangAfter()) }

// HangAfter is Hang, but the work is done.
func HangAfter() Fault {
	return delivered(func(x *exchange, _ answer) {
		<-x.r.Context().Done()
		x.drop()
	})
}

// Drip sends the answer's body a byte at a time, with a pause before each.
func Drip(interval time.Duration) Fault {
	return delivered(func(x *exchange, a answer) {
		x.begin(a, len(a.body))
		x.push(a, nil)
		for i := range a.body {
			if pause(interval)(x.r.Context()) != nil {
				x.abandon(a)
			}
			if i == len(a.body)-1 {
				x.settle(a.status, a.body)
			}
			x.push(a, a.body[i:i+1])
		}
		x.settle(a.status, a.body)
	})
}

// whole sends the answer as it is.
func (x *exchange) whole(a answer) {
	if x.gone() {
		x.drop()
	}
	x.settle(a.status, a.body)
	x.begin(a, len(a.body))
	_, _ = x.w.Write(a.body) // a client that leaves only now is no matter to the stand-in
}

func (x *exchange) half(a answer) {
	x.begin(a, len(a.body))
	x.settle(a.status, nil)
	x.push(a, a.body[:len(a.body)/2])
	x.drop()
}

// stream sends the answer in pieces without announcing its length.
func (x *exchange) stream(a answer) {
	const piece = 64 << 10
	x.begin(a, unannounced)
	rest := a.body
	for len(rest) > piece {
		x.push(a, rest[:piece])
		rest = rest[piece:]
	}
	x.settle(a.status, a.body)
	x.push(a, rest)
}

func (x *exchange) reset(answer) {
	x.settle(0, nil)
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		x.drop()
	}
	raw := conn
	if t, ok := conn.(*tls.Conn); ok {
		raw = t.NetConn()
	}
	if t, ok := raw.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // close with a reset, not with an orderly end
	}
	_ = raw.Close()
}

// unannounced is the length of a body that is not told beforehand.
const unannounced = -1

// begin writes the status line and the header, with the length of the body.
func (x *exchange) begin(a answer, length int) {
	h := x.w.Header()
	for name, values := range a.header {
		h[name] = values
	}
	if length != unannounced {
		h.Set("Content-Length", strconv.Itoa(length))
	}
	x.w.WriteHeader(a.status)
}

// push sends a piece of the body at once.
func (x *exchange) push(a answer, piece []byte) {
	if _, err := x.w.Write(piece); err != nil {
		x.abandon(a)
	}
	if err := http.NewResponseController(x.w).Flush(); err != nil {
		x.abandon(a)
	}
}

// abandon gives up in the middle of an answer. It does not return.
func (x *exchange) abandon(a answer) {
	x.settle(a.status, nil)
	x.drop()
}
