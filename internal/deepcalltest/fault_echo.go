package deepcalltest

import (
	"html"
	"net/http"
	"net/url"
)

// Encoding is how a body that holds credentials comes back.
type Encoding int

// The encodings.
const (
	Raw         Encoding = iota // as it was sent
	JSONEscaped                 // as the text of a JSON string
	URLEncoded                  // as in a query
	HTMLEscaped                 // as in an HTML page
)

var encoders = map[Encoding]func(text string) string{
	Raw:         func(text string) string { return text },
	JSONEscaped: func(text string) string { return string(encode(text)) },
	URLEncoded:  url.QueryEscape,
	HTMLEscaped: html.EscapeString,
}

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
	return All(undone, func(p *plan) {
		p.replace = func(r Request) answer { return in("Please Provide Only Valid fields: " + encoders[e](string(r.Body))) }
	})
}
