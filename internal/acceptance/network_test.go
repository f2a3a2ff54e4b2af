//go:build unix

package acceptance_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

const atOnce = "max_retries = 0"

func TestCertificate(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t, deepcalltest.WithTLS())
	w := newWorkspace(t, block(api.URL(), atOnce)+cad("a", ids(1, 2)))
	o := w.apply(1)
	o.Says(t, "No answer from the API", "no connection to "+api.URL()+": tls: failed to verify certificate: x509: ")
	w.holds()
	sends(t, api)

	w.Env["SSL_CERT_FILE"] = w.Path("authority.pem")
	must(t, os.WriteFile(w.Env["SSL_CERT_FILE"], api.CAPEM(), 0o600))
	w.apply(0)
	w.holds(ids(1, 2)...)
	sends(t, api, "setCad 0001 0002")
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	closed := "https://" + listener.Addr().String()
	must(t, listener.Close())
	for name, test := range map[string]struct{ url, says string }{
		"connection refused": {closed, "no connection to " + closed + ": dial tcp " + strings.TrimPrefix(closed, "https://") + ": connect: connection refused"},
		"unknown host":       {"https://deepcall.invalid/eu", "no connection to https://deepcall.invalid: dial tcp: lookup deepcall.invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, block(test.url, atOnce)+cad("a", ids(1, 2)))
			o := w.apply(1)
			o.Says(t, "No answer from the API", test.says,
				"Agents: 0001, 0002 Check that the address can be reached") // nothing was sent, so nothing may have been done
			w.holds()
		})
	}
}

func TestProxy(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	address, authority := front(t, api)
	p := startProxy(t, address, nil)
	w := newWorkspace(t, block("https://"+apiHost, atOnce)+cad("a", ids(1, 2)))
	w.Env["HTTPS_PROXY"] = p.URL
	w.Env["SSL_CERT_FILE"] = authority
	w.apply(0)
	w.holds(ids(1, 2)...)
	sends(t, api, "setCad 0001 0002")
	if p.connected.Load() == 0 {
		t.Error("nothing came through the proxy")
	}
}

// TestProxyFails: the error says what is wrong with the proxy, and never the
// credentials in its address.
func TestProxyFails(t *testing.T) {
	t.Parallel()
	const user, password = "pr0xyUser", "pr0xyPassw"
	login := user + ":" + password + "@"
	refusing := startProxy(t, "", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Proxy-Authenticate", "Basic")
		http.Error(w, "no", http.StatusProxyAuthRequired)
	})
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	at := func(s string) string { return strings.TrimPrefix(s, "http://") }
	for name, test := range map[string]struct{ proxy, says string }{
		"refuses":               {"http://" + login + at(refusing.URL), "no connection to https://" + apiHost + ": Proxy Authentication Required"},
		"cannot be reached":     {"http://" + login + at(closed.URL), "proxyconnect tcp: dial tcp " + at(closed.URL) + ": connect: connection refused"},
		"address is malformed":  {"http://" + login + "proxy:port", "no connection to https://" + apiHost + ": "},
		"password is malformed": {"http://" + user + ":" + password + "%zz@" + at(closed.URL), "no connection to https://" + apiHost + ": "},
		"no scheme":             {user + ":" + password + "%zz@" + at(closed.URL), "no connection to https://" + apiHost + ": "},
		"unknown scheme":        {"gopher://" + login + at(closed.URL), "no connection to https://" + apiHost + ": "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, block("https://"+apiHost, atOnce)+cad("a", ids(1, 2)))
			w.Env["HTTPS_PROXY"] = test.proxy
			w.Env["TF_LOG_PROVIDER"] = "TRACE"
			o := w.apply(1)
			o.Says(t, "No answer from the API", test.says)
			if strings.Contains(o.Output, password) || strings.Contains(o.Output, user) {
				t.Errorf("the output shows the proxy's credentials:\n%s", o.Output)
			}
		})
	}
}
