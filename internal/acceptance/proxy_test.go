//go:build unix

package acceptance_test

import (
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// apiHost is a name that the certificate of httptest's servers is for. It is no
// loopback address: those are never asked for through a proxy.
const apiHost = "example.com"

// front serves the stand-in at https://example.com and returns its address, and
// the path of the certificate of its authority.
func front(t *testing.T, api *deepcalltest.Server) (address, authority string) {
	t.Helper()
	target, err := url.Parse(api.URL())
	must(t, err)
	server := httptest.NewTLSServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, // with the stand-in's own Host, the only one that it serves
	})
	t.Cleanup(server.Close)
	authority = filepath.Join(t.TempDir(), "authority.pem")
	must(t, os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600))
	return server.Listener.Addr().String(), authority
}

// proxy is one that takes CONNECT to apiHost alone.
type proxy struct {
	*httptest.Server
	connected atomic.Int32
}

// startProxy connects to an address, or, if refusal is not nil, answers with
// that.
func startProxy(t *testing.T, address string, refusal http.HandlerFunc) *proxy {
	t.Helper()
	p := &proxy{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodConnect || r.Host != apiHost+":443":
			http.Error(w, "not here", http.StatusForbidden)
		case refusal != nil:
			refusal(w, r)
		default:
			p.connected.Add(1)
			tunnel(w, address)
		}
	}))
	t.Cleanup(p.Close)
	return p
}

// tunnel passes bytes both ways until either side ends.
func tunnel(w http.ResponseWriter, address string) {
	there, err := (&net.Dialer{}).Dial("tcp", address)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	here, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = there.Close()
		return
	}
	_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() {
		_, _ = io.Copy(there, buffered)
		_ = there.Close()
	}()
	_, _ = io.Copy(here, there)
	_ = here.Close()
}
