//go:build unix

package acceptance_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// broken are answers that are not HTTP, with the request's body in the place
// that Go's client quotes in its error. The agent of each is its index.
var broken = []string{
	"%s\r\n\r\n",
	"HTTP/%s 200 OK\r\n\r\n",
	"HTTP/1.1 %s\r\n\r\n",
	"HTTP/1.1 500 %s\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\n%s\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n",
}

func TestCanaryInBrokenHTTP(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		for i, format := range broken {
			if strings.Contains(string(body), fmt.Sprintf(`["%d"]`, i)) {
				_, _ = fmt.Fprintf(conn, format, body)
			}
		}
	}))
	t.Cleanup(server.Close)

	settings := provider("batch_size = 1", "max_concurrent_requests = 8", "max_retries = 0")
	w := newWorkspace(t, server.URL, settings+cad("a", "0 1 2 3 4 5 6 7"))
	w.Env["DEEPCALL_SSID"] = canary("ssid")
	w.Env["TF_LOG"], w.Env["TF_LOG_PATH"] = "TRACE", w.Path("log")
	o := w.Exits(1, "apply", "-auto-approve")
	o.Says(t, "malformed HTTP status code", "malformed MIME header", "bad Content-Length", "unsupported transfer encoding", "in chunk length", "HTTP 500")
	holdsNoCanary(t, w, o, way{})
}
