package deepcalltest

import (
	"html"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Fault is one way to misbehave, for one request. Faults are made by the
// functions of this package and combined with All. They come in three kinds,
// and one of each kind fits together with the others:
//
//   - what stands in the place of the API's answer: Status, Code, Body, Echo, …
//   - what the API's answer says of single agents: Omit, Contradict, … (any
//     number of them, in the order given);
//   - how the answer leaves: Reset, LostAnswer, CutShort, Hang, Drip, …
//
// Delay and Gate come before all of them.
type Fault func(*plan)

// plan is how a request will be met. Its zero value, sent whole, is the normal
// way; faults change it.
type plan struct {
	delay   time.Duration           // before the work
	gate    <-chan struct{}         // before the work; nil: none
	undone  bool                    // nothing is applied, nobody's busy count goes down
	agents  []func(*result)         // change what becomes of single agents
	answer  []func(*apiAnswer)      // change the API's answer after that
	replace func(r Request) answer  // in the place of the API's answer
	send    func(*exchange, answer) // how the answer leaves
}

// Fail gives the next requests these faults, in order, one each, whatever path
// they ask for; a nil fault lets a request pass. It adds to what is queued.
func (s *Server) Fail(faults ...Fault) { s.locked(func() { s.faults = append(s.faults, faults...) }) }

// FailWhen asks f about every request for which no fault is queued; nil from f
// is a normal answer. A nil f turns it off. f may call the server's methods and
// may run for several requests at once.
func (s *Server) FailWhen(f func(Request) Fault) { s.locked(func() { s.failWhen = f }) }

// FailFor makes every request with one of the IDs fail. Without IDs, none does.
func (s *Server) FailFor(f Fault, ids ...string) {
	s.FailWhen(func(r Request) Fault {
		if r.names(ids) {
			return f
		}
		return nil
	})
}

// All combines faults. Of those that exclude each other the later one counts;
// work is left undone if any of them leaves it undone.
func All(faults ...Fault) Fault {
	return func(p *plan) {
		for _, f := range faults {
			if f != nil {
				f(p)
			}
		}
	}
}

// Undone is the fault with nothing applied.
func Undone(f Fault) Fault { return All(func(p *plan) { p.undone = true }, f) }

// Delay waits before the request is worked on. A client that goes away
// meanwhile ends the request: nothing is done.
func Delay(d time.Duration) Fault { return func(p *plan) { p.delay = d } }

// Gate holds the request until ch is closed or receives. A client that goes away
// meanwhile, or the server's Close, ends the request: nothing is done.
func Gate(ch <-chan struct{}) Fault { return func(p *plan) { p.gate = ch } }

// Status is a plain HTTP answer. Nothing is applied. Without a Content-Type in
// the header, which may be nil, it is HTML.
func Status(code int, header http.Header, body string) Fault {
	a := answer{code, http.Header{"Content-Type": {"text/html; charset=utf-8"}}, []byte(body)}
	maps.Copy(a.header, header)
	return Undone(inPlace(a))
}

// Redirect answers with a redirect status such as 307, to a location. Nothing is
// applied.
func Redirect(location string, code int) Fault {
	return Status(code, http.Header{"Location": {location}}, "")
}

// Code refuses the request as a whole, in the form of the vendor's sample "Error
// 1: Invalid Parameter", at HTTP 200. Nothing is applied.
func Code(code int, message string) Fault { return Undone(inPlace(refusal(code, message))) }

// Body answers with these bytes, called JSON whatever they are. Nothing is
// applied.
func Body(status int, body string) Fault { return Undone(BodyAfter(status, body)) }

// BodyAfter is Body, but the work is done.
func BodyAfter(status int, body string) Fault { return inPlace(jsonAnswer(status, []byte(body))) }

// Deep answers with a "data" of n arrays, each in the one before. Nothing is
// applied.
func Deep(n int) Fault {
	return Body(http.StatusOK, `{"status":"success","code":200,"message":"","data":`+
		strings.Repeat("[", n)+strings.Repeat("]", n)+`}`)
}

func inPlace(by answer) Fault {
	return func(p *plan) { p.replace = func(Request) answer { return by } }
}

// Encoding is how a body that holds credentials comes back: one of the four
// functions that follow.
type Encoding func(text string) string

// Raw is as it was sent.
func Raw(text string) string { return text }

// JSONEscaped is as the text of a JSON string, quotes included.
func JSONEscaped(text string) string { return string(encode(text)) }

// URLEncoded is as in a query.
func URLEncoded(text string) string { return url.QueryEscape(text) }

// HTMLEscaped is as in an HTML page.
func HTMLEscaped(text string) string { return html.EscapeString(text) }

// Echo refuses the request as a whole with code 1521 and a message that repeats
// the request's body, credentials and all. Nothing is applied.
func Echo(e Encoding) Fault {
	return echo(e, func(text string) answer { return refusal(1521, text) })
}

// EchoBadRequest is Echo as a plain HTTP 400 whose body repeats the request's.
func EchoBadRequest(e Encoding) Fault {
	return echo(e, func(text string) answer {
		return answer{http.StatusBadRequest, http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, []byte(text)}
	})
}

func echo(e Encoding, in func(text string) answer) Fault {
	return Undone(func(p *plan) {
		p.replace = func(r Request) answer { return in("Please Provide Only Valid fields: " + e(string(r.Body))) }
	})
}
