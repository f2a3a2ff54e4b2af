package deepcalltest

import (
	"errors"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// delivered is a fault in how the answer leaves.
func delivered(send func(*exchange, answer)) Fault { return func(p *plan) { p.send = send } }

// Reset resets the connection before any answer. Nothing is applied.
func Reset() Fault {
	return Undone(delivered(func(x *exchange, _ answer) {
		x.finish(nil)
		conn, _, err := http.NewResponseController(x.w).Hijack()
		if err != nil {
			x.drop()
		}
		if t, ok := conn.(*net.TCPConn); ok {
			_ = t.SetLinger(0) // close with a reset, not with an orderly end
		}
		_ = conn.Close()
	}))
}

// LostAnswer does the work and closes the connection without an answer. Undone,
// it is what a server does that gives up an idle connection just as the next
// request arrives.
func LostAnswer() Fault { return delivered(func(x *exchange, _ answer) { x.drop() }) }

// CutShort does the work, announces the length of the whole answer, and closes
// after half of it.
func CutShort() Fault {
	return delivered(func(x *exchange, a answer) {
		x.announce(a)
		x.push(a.body[:len(a.body)/2])
		x.drop()
	})
}

// Hang reads the request and never answers: until the client goes away or the
// server closes. Nothing is applied.
func Hang() Fault { return Undone(HangAfter()) }

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
		x.announce(a)
		x.push(nil)
		x.pieces(a.body, 1, interval)
	})
}

// Huge is the normal answer, and valid, but for a message that makes it at least
// n bytes long, and for its length, which is not told beforehand. The work is
// done.
func Huge(n int) Fault {
	long := edit(func(a *apiAnswer) { a.Message += strings.Repeat(".", n) })
	return All(long, delivered(func(x *exchange, a answer) {
		x.begin(a)
		x.pieces(a.body, 64<<10, 0)
	}))
}

// whole sends the answer as it is.
func (x *exchange) whole(a answer) {
	x.announce(a)
	x.pieces(a.body, len(a.body), 0)
}

// announce begins an answer whose length is told beforehand.
func (x *exchange) announce(a answer) {
	x.w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	x.begin(a)
}

// begin writes the status line and the header.
func (x *exchange) begin(a answer) {
	maps.Copy(x.w.Header(), a.header)
	x.status = a.status
	x.w.WriteHeader(a.status)
}

// push sends a piece of the body at once. It does not return if that fails.
func (x *exchange) push(piece []byte) {
	_, err := x.w.Write(piece)
	if err := errors.Join(err, http.NewResponseController(x.w).Flush()); err != nil {
		x.drop()
	}
}

// pieces sends the body some bytes at a time, with a pause before each piece.
func (x *exchange) pieces(body []byte, size int, interval time.Duration) {
	for rest := body; ; rest = rest[size:] {
		if pause(x.r.Context(), interval) != nil {
			x.drop()
		}
		if len(rest) <= size {
			x.finish(body)
			_, _ = x.w.Write(rest) // a client that leaves only now is no matter to the stand-in
			return
		}
		x.push(rest[:size])
	}
}

// finish ends the request for the records: with the status of the answer that
// has begun and, of its body, what was sent whole. It comes before the last byte
// leaves, so that a client that has its answer finds it recorded, and its next
// request alone in flight.
func (x *exchange) finish(sent []byte) {
	if !x.left {
		x.left = true
		x.server.leave(x.record, x.status, sent)
	}
}

// drop closes the connection; of an answer only what was flushed has gone out.
// It does not return.
func (x *exchange) drop() {
	x.finish(nil)
	panic(http.ErrAbortHandler)
}
