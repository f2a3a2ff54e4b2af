package deepcall

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// ParseBaseURL parses the URL that the API's own path is appended to: an http or
// https URL with a host and perhaps a path prefix. The request body contains the
// credentials, so http is accepted only for loopback hosts. Errors say what is
// wrong with the value and repeat no more of it than its scheme and port.
func ParseBaseURL(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(s, "/"))
	if err != nil {
		// The parser's text quotes the whole value, user info included.
		return nil, errors.New("it is not a URL")
	}
	port, badPort := strconv.ParseUint(cmp.Or(u.Port(), "443"), 10, 16)
	switch {
	case u.Scheme == "":
		return nil, errors.New("it has no scheme; it must start with https://")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("its scheme is %q; it must be https, or http for a loopback address", u.Scheme)
	case strings.Trim(u.Hostname(), ".") == "":
		return nil, errors.New("it has no host")
	case strings.HasSuffix(u.Host, ":"):
		return nil, errors.New("its port is empty")
	case badPort != nil || port == 0:
		return nil, fmt.Errorf("its port %s is not between 1 and 65535", u.Port())
	case u.User != nil:
		return nil, errors.New("it contains a user name or password; set credentials in their own attributes")
	case u.RawQuery != "" || u.ForceQuery:
		return nil, errors.New("it has a query")
	case strings.Contains(s, "#"):
		return nil, errors.New("it has a fragment")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, errors.New("it is http, which would expose the credentials to the network; use https (http is accepted only for loopback addresses)")
	}
	if tail := apiTail(u.Path); tail != "" {
		return nil, fmt.Errorf("it ends in %s, which the provider appends itself; remove that", tail)
	}
	return u, nil
}

// apiTail returns the end of path that belongs to the API's own path, or "".
func apiTail(path string) string {
	for _, tail := range []string{Set.Path(), Unset.Path(), strings.TrimSuffix(apiPath, "/"), "/api/v2"} {
		if n := len(path) - len(tail); n >= 0 && strings.EqualFold(path[n:], tail) {
			return path[n:]
		}
	}
	return ""
}

func isLoopback(host string) bool {
	return strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") || net.ParseIP(host).IsLoopback()
}
