package deepcalltest

import (
	"mime"
	"net"
	"net/http"
	"strings"
)

// foreign tells why a request is refused before it is looked at: it could come
// from a web page in a browser on the same machine. Such a page can name a host
// of its own that resolves to a loopback address, sends an Origin, and sends
// without asking first only what a form could send. The status is 0 for a
// request that is welcome.
func foreign(r *http.Request) (status int, why string) {
	if !loopback(r.Host) {
		return http.StatusForbidden, "the Host is not a loopback address"
	}
	if len(r.Header.Values("Origin")) > 0 {
		return http.StatusForbidden, "requests from web pages are refused: there is an Origin"
	}
	given := r.Header.Get("Content-Type")
	if media, _, err := mime.ParseMediaType(given); given != "" && (err != nil || media != "application/json") {
		return http.StatusUnsupportedMediaType, "the Content-Type is not application/json"
	}
	return 0, ""
}

// loopback tells whether the host of a request, with or without a port, is this
// machine by its own word, whatever a name server says.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip.IsLoopback() || strings.EqualFold(host, "localhost")
}
