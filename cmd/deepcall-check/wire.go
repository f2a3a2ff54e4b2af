package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// The endpoints, by the last element of their path.
const (
	setCad   = "setCad"
	unsetCad = "unsetCad"
	apiPath  = "/api/v2/Agent/"
)

const (
	requestTimeout = time.Minute
	maxAnswer      = 8 << 20 // bytes
)

// baseURL reads DEEPCALL_BASE_URL. Its errors do not repeat it: what is wrong
// with it may be a credential in it.
func baseURL(env func(string) (string, bool)) (*url.URL, error) {
	text, _ := env("DEEPCALL_BASE_URL")
	if text == "" {
		text = defaultBaseURL
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("DEEPCALL_BASE_URL is not a URL with a host")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	switch {
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("DEEPCALL_BASE_URL must not have a user, a query or a fragment")
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		return nil, errors.New("DEEPCALL_BASE_URL must be https; http is accepted only for loopback hosts")
	case strings.Contains(u.Path+"/", strings.TrimSuffix(apiPath, "Agent/")):
		return nil, errors.New("DEEPCALL_BASE_URL must not contain the API's path")
	}
	return u, nil
}

func isLoopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}

// wire sends requests. It follows no redirect, since the body carries the
// credentials, and tries nothing again.
type wire struct {
	base      *url.URL
	transport *http.Transport
}

func newWire(base *url.URL) *wire {
	dialer := &net.Dialer{Timeout: 15 * time.Second}
	t := &http.Transport{
		Proxy:             http.ProxyFromEnvironment,
		ForceAttemptHTTP2: true,
		DialContext:       dialer.DialContext,
	}
	if base.Scheme == "http" {
		t.Proxy = nil
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			if host, _, err := net.SplitHostPort(address); err != nil || !isLoopback(host) {
				return fmt.Errorf("%s is not a loopback address", address)
			}
			return nil
		}
	}
	return &wire{base: base, transport: t}
}

func (w *wire) url(endpoint string) string { return w.base.String() + apiPath + endpoint }

// post sends one request. The error says why there is no whole answer.
func (w *wire) post(ctx context.Context, endpoint, body string) (status int, raw []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url(endpoint), strings.NewReader(body)) //nolint:gosec // the user names the server
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "deepcall-check")
	response, err := w.transport.RoundTrip(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode == http.StatusSwitchingProtocols {
		return response.StatusCode, nil, nil // what follows is not HTTP and may never end
	}
	raw, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err == nil && len(raw) > maxAnswer {
		err = fmt.Errorf("the answer is larger than %d MiB", maxAnswer>>20)
	}
	return response.StatusCode, raw, err
}

// request is a body. An ID is a string, or a json.Number to try that.
type request struct {
	login
	AgentIDs []any `json:"agentIds"`
}

// encode never makes an empty list of agents: it might mean everybody.
func (r request) encode() string {
	if len(r.AgentIDs) == 0 {
		panic("deepcall-check: a request without agents")
	}
	body, err := json.Marshal(r)
	if err != nil {
		panic(fmt.Sprintf("deepcall-check: a body cannot be encoded: %v", err)) // strings and numbers always can
	}
	return string(body)
}
