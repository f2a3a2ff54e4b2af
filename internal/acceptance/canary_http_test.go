//go:build unix

package acceptance_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
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
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go answerBroken(listener)

	settings := provider("batch_size = 1", "max_concurrent_requests = 8", "max_retries = 0")
	w := newWorkspace(t, "http://"+listener.Addr().String(), settings+cad("a", "0 1 2 3 4 5 6 7"))
	w.Env["DEEPCALL_SSID"] = canary("ssid")
	w.Env["TF_LOG"], w.Env["TF_LOG_PATH"] = "TRACE", w.Path("log")
	o := w.Exits(1, "apply", "-auto-approve")
	o.Says(t, "Unreadable answer", "malformed HTTP")
	holdsNoCanary(t, w, o, way{})
}

// answerBroken serves until the listener closes.
func answerBroken(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = conn.Close() }()
			r, err := http.ReadRequest(bufio.NewReader(conn))
			if err != nil {
				return
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			for i, format := range broken {
				if strings.Contains(string(body), fmt.Sprintf(`["%d"]`, i)) {
					_, _ = fmt.Fprintf(conn, format, body)
				}
			}
		}()
	}
}
