//go:build unix

package acceptance_test

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// outside is an address that the certificate of httptest's servers is for. It is
// no loopback address: those are never asked for through a proxy.
const outside = "https://example.com"

// The credentials of the proxy.
const proxyUser, proxyPassword = "pr0xyUser", "pr0xyPassw"

// TestNetwork: certificates and proxies that the environment names are used, and
// an error says what is wrong on the way, never with a proxy's credentials.
func TestNetwork(t *testing.T) {
	t.Parallel()
	api, authority := serveTLS(t)
	proxy := startProxy(t, strings.TrimPrefix(api, "https://"))
	closed := closedPort(t)
	const login, noConnection = proxyUser + ":" + proxyPassword + "@", "no connection to " + outside + ": "
	for name, c := range map[string]struct {
		url        string
		proxy, ca  string
		says       string
		isAccepted bool
	}{
		"unknown authority":  {url: api, says: "no connection to " + api + ": tls: failed to verify certificate: x509: "},
		"SSL_CERT_FILE":      {url: api, ca: authority, isAccepted: true},
		"connection refused": {url: "https://" + closed, says: "no connection to https://" + closed + ": dial tcp " + closed + ": connect: connection refused"},
		"unknown host":       {url: "https://deepcall.invalid/eu", says: "no connection to https://deepcall.invalid: dial tcp: lookup deepcall.invalid"},
		"proxy":              {url: outside, ca: authority, proxy: "http://" + login + proxy, isAccepted: true},
		"proxy refuses":      {url: outside, proxy: "http://" + proxyUser + ":x" + proxyPassword + "@" + proxy, says: noConnection + "(hidden, because it contains a credential)"},
		"proxy out of reach": {url: outside, proxy: "http://" + login + closed, says: "proxyconnect tcp: dial tcp " + closed + ": connect: connection refused"},
		"malformed address":  {url: outside, proxy: "http://" + login + "proxy:port", says: noConnection},
		"malformed password": {url: outside, proxy: "http://" + proxyUser + ":" + proxyPassword + "%zz@" + closed, says: noConnection},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, c.url, provider("max_retries = 0")+cad("a", "1 2"))
			maps.Copy(w.Env, map[string]string{"HTTPS_PROXY": c.proxy, "SSL_CERT_FILE": c.ca, "TF_LOG_PROVIDER": "TRACE"})
			exit, state := 0, "a 1 2"
			if !c.isAccepted { // nothing was sent, so nothing may have been done
				exit, state = 1, ""
				c.says = "No answer from the API ... " + c.says + " ... Agents: 1, 2 Check that the address can be reached"
			}
			o := w.Exits(exit, "apply", "-auto-approve")
			o.Says(t, strings.Split(c.says, " ... ")...)
			if got := inventory(w.State()); got != state {
				t.Errorf("state is %q, want %q", got, state)
			}
			if strings.Contains(o.Output, proxyPassword) || strings.Contains(o.Output, proxyUser) {
				t.Errorf("the output shows the proxy's credentials:\n%s", o.Output)
			}
		})
	}
}

// serveTLS returns the address of a stand-in, which is also outside, and the
// path of the certificate of its authority.
func serveTLS(t *testing.T) (address, authority string) {
	t.Helper()
	target, err := url.Parse(deepcalltest.Start(t).URL())
	must(t, err)
	server := httptest.NewTLSServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, // with the stand-in's own Host, the only one that it serves
	})
	t.Cleanup(server.Close)
	authority = filepath.Join(t.TempDir(), "authority.pem")
	must(t, os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600))
	return server.URL, authority
}

// closedPort is an address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, listener.Close())
	return listener.Addr().String()
}

// startProxy returns the address of a proxy that connects to another in the
// place of outside. It repeats what it refuses.
func startProxy(t *testing.T, to string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		here, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = here.Close() }()
		login, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.Header.Get("Proxy-Authorization"), "Basic "))
		there, err := net.Dial("tcp", to)
		if err != nil || r.Method+" "+r.Host != "CONNECT example.com:443" || string(login) != proxyUser+":"+proxyPassword {
			_, _ = fmt.Fprintf(here, "HTTP/1.1 407 no %s as %s\r\n\r\n", r.Method, login)
			return
		}
		defer func() { _ = there.Close() }()
		_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() { _, _ = io.Copy(there, buffered) }()
		_, _ = io.Copy(here, there)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}
