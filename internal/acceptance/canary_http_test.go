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
// that Go's client quotes in its error.
var broken = map[string]string{
	"no-http":           "%s\r\n\r\n",
	"protocol":          "HTTP/%s 200 OK\r\n\r\n",
	"status":            "HTTP/1.1 %s\r\n\r\n",
	"reason":            "HTTP/1.1 500 %s\r\nContent-Length: 0\r\n\r\n",
	"header":            "HTTP/1.1 200 OK\r\n%s\r\n\r\n",
	"content-length":    "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n",
	"transfer-encoding": "HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n",
	"chunk":             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n",
}

func TestCanaryInBrokenHTTP(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go answerBroken(listener)

	// A run that nothing was accepted in gives up early.
	text := block("http://"+listener.Addr().String(), atOnce, "batch_size = 1", "max_concurrent_requests = 8") + cad("ok", []string{"ok"})
	for name := range broken {
		text += cad(name, []string{name}, "depends_on = [deepcall_agent_cad.ok]")
	}
	w := newWorkspace(t, text)
	w.Env["DEEPCALL_SSID"] = canary("ssid")
	w.Env["TF_LOG"], w.Env["TF_LOG_PATH"] = "TRACE", w.Path("log")
	o := w.apply(1)
	o.Says(t, "Unreadable answer", "malformed HTTP")
	w.holdsNoCanary(o, way{})
	for name := range broken {
		o.Says(t, "Agents: "+name+" ")
	}
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
			if strings.Contains(string(body), `["ok"]`) {
				const accepted = `{"status":"success","code":200,"data":{"updatedAgents":[{"agentId":"ok","status":"success"}]}}`
				_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(accepted), accepted)
			}
			for name, format := range broken {
				if strings.Contains(string(body), fmt.Sprintf("[%q]", name)) {
					_, _ = fmt.Fprintf(conn, format, body)
				}
			}
		}()
	}
}
