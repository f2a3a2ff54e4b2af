package deepcall

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// rawServer answers each request with these bytes and closes the connection. It
// returns its address and a count of the requests.
func rawServer(t *testing.T, answer string) (string, *atomic.Int32) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	requests := &atomic.Int32{}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.Copy(io.Discard, r.Body)
				requests.Add(1)
				_, _ = io.WriteString(conn, answer)
			}
			_ = conn.Close()
		}
	}()
	return listener.Addr().String(), requests
}

// What is not HTTP will not be HTTP the next time.
func TestMalformedHTTP(t *testing.T) {
	for _, answer := range []string{
		"SSH-2.0-OpenSSH_9.6\r\n\r\n",
		"HTTP/1.1 abc OK\r\n\r\n",
		"HTTP/x 200 OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\nno colon " + wireCanary + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: magic\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 2<<20) + "\r\n\r\n",
	} {
		address, requests := rawServer(t, answer)
		err := setOne(t, liveClient(t, "http://"+address))
		if e, ok := errors.AsType[*AnswerError](err); !ok || !strings.HasPrefix(e.Error(), "the answer is malformed (") || requests.Load() != 1 {
			t.Errorf("%.80q: %d requests, %v", answer, requests.Load(), err)
		}
		if strings.Contains(err.Error(), "session") {
			t.Errorf("%.80q: %v", answer, err)
		}
	}
}

// Requests that fail for one reason have one error, whatever their connections.
func TestErrorIsTheSameForEachConnection(t *testing.T) {
	api := deepcalltest.Start(t)
	api.Fail(deepcalltest.Reset())
	if got := wantOneRequest(t, api, retries(0)); strings.Contains(got, "->") || strings.Count(got, "127.0.0.1:") != 2 {
		t.Error(got)
	}
}

// HTTP connects to loopback addresses only, whatever a name resolves to.
func TestHTTPConnectsToLoopbackOnly(t *testing.T) {
	for address, allowed := range map[string]bool{
		"127.0.0.1:80": true, "127.9.9.9:80": true, "[::1]:80": true, "[::ffff:127.0.0.1]:80": true,
		"192.0.2.1:80": false, "0.0.0.0:80": false, "[::]:80": false, "[2001:db8::1]:80": false, "[::ffff:192.0.2.1]:80": false, "localhost:80": false,
	} {
		if err := loopbackOnly("tcp", address, nil); (err == nil) != allowed {
			t.Errorf("%s: %v", address, err)
		}
	}
	client := liveClient(t, "http://localhost:1")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := client.transport.http.DialContext(ctx, "tcp", "192.0.2.1:80"); err == nil || !strings.Contains(err.Error(), "only to loopback addresses") {
		t.Errorf("dialing 192.0.2.1: %v", err)
	}
}

// Connections are HTTP/1.1 and are used again, as many as requests may be in
// flight.
func TestConnectionsAreUsedAgain(t *testing.T) {
	const most = 6
	var connections atomic.Int32
	var together sync.WaitGroup
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if together.Done(); r.ProtoMajor != 1 {
			t.Errorf("a request in %s", r.Proto)
		}
		together.Wait()
		_, _ = io.WriteString(w, `{"status":"success","data":{}}`)
	}))
	server.EnableHTTP2 = true
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.StartTLS()
	defer server.Close()
	client := liveClient(t, server.URL, func(c *Config) { c.MaxConcurrentRequests = most })
	rt := client.transport.http
	rt.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	rt.TLSClientConfig.NextProtos = nil
	for range 5 {
		together.Add(most)
		var all sync.WaitGroup
		for range most {
			all.Go(func() {
				if _, err := client.transport.exchange(t.Context(), Set, []string{"1"}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		time.Sleep(10 * time.Millisecond) // the library returns connections in the background
	}
	if n := connections.Load(); n > most {
		t.Errorf("%d connections for %d requests at once", n, most)
	}
}

// A connection on which the server says nothing is closed: in the TLS handshake,
// and when it has been idle for long.
func TestQuietConnections(t *testing.T) {
	for url, limit := range map[string]time.Duration{"https://127.0.0.1": 15 * sec, "http://127.0.0.1": 90 * sec} {
		synctest.Test(t, func(t *testing.T) {
			base, err := ParseBaseURL(url)
			if err != nil {
				t.Fatal(err)
			}
			c := testConfig()
			c.BaseURL, c.Credentials, c.RequestTimeout = base, SessionID("s"), time.Minute
			client, server := New(c), make(chan net.Conn, 1)
			client.transport.http.DialContext = func(context.Context, string, string) (net.Conn, error) {
				ours, theirs := net.Pipe()
				server <- theirs
				return ours, nil
			}
			started := time.Now()
			go client.transport.exchange(t.Context(), Set, []string{"1"}) //nolint:errcheck // only its connection matters
			conn := <-server
			if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.Copy(io.Discard, r.Body)
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
			}
			_, _ = io.Copy(io.Discard, conn)
			if took := time.Since(started); took != limit {
				t.Errorf("%s: closed after %v, want %v", url, took, limit)
			}
		})
	}
}

// proxyVariable makes a child process of TestProxies know what it is.
const proxyVariable = "DEEPCALL_TEST_PROXIED"

// Plain http never goes to a proxy, however its loopback host is written, and an
// https proxy's user name and password are not shown. The library reads the
// environment once for each process, hence the child.
func TestProxies(t *testing.T) {
	if server := os.Getenv(proxyVariable); server != "" {
		for _, host := range []string{"localhost", "localhost.", "LocalHost", "127.0.0.1"} {
			t.Run(host, func(t *testing.T) {
				r := liveClient(t, "http://"+host+":"+server).Do(t.Context(), Set, []string{"1"}, nil)
				if got := brief(r); got != "confirmed 1" && host != "localhost." { // not every resolver knows that one
					t.Error(got)
				}
			})
		}
		fmt.Println("https:", setOne(t, liveClient(t, "https://api.example", func(c *Config) { c.MaxRetries = 0 })))
		return
	}
	proxy, requests := rawServer(t, "HTTP/1.1 407 no proxy-user-0123 with proxy%2Dpassword-0123\r\n\r\n")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"status":"success","data":{"updatedAgents":[{"agentId":"1","status":"success"}]}}`)
	}))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	through := "http://proxy-user-0123:proxy-password-0123@" + proxy
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxies$", "-test.v")
	child.Env = append(os.Environ(), proxyVariable+"="+port, "HTTP_PROXY="+through, "HTTPS_PROXY="+through, "NO_PROXY=", "no_proxy=", "http_proxy="+through, "https_proxy="+through)
	out, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "https: no connection to https://api.example: (hidden") || strings.Contains(string(out), "0123") {
		t.Errorf("%v: %s", err, out)
	}
	if n := requests.Load(); n != 1 {
		t.Errorf("%d requests to the proxy, want the one for https", n)
	}
}
