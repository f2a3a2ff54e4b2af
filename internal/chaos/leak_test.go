package chaos_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestNothingIsLeft: an operation that was cut short has ended its requests. It
// leaves no goroutine of the client and no connection. It is not parallel: it
// looks at all goroutines.
func TestNothingIsLeft(t *testing.T) {
	for name, test := range map[string]struct {
		timeout string // of the operation
		cut     func(*protocol, context.CancelFunc)
		says    string
	}{
		"timeout":   {"50ms", func(*protocol, context.CancelFunc) {}, "Operation timed out"},
		"cancelled": {"10m", func(_ *protocol, cancel context.CancelFunc) { cancel() }, "Operation interrupted"},
		"stopped": {"10m", func(p *protocol, _ context.CancelFunc) {
			_, err := p.Server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{})
			p.Must(err)
		}, "Operation interrupted"},
	} {
		t.Run(name, func(t *testing.T) {
			server := newHanging(t)
			p := startProtocol(t)
			var cancel context.CancelFunc
			p.Context, cancel = context.WithCancel(p.Context)
			defer cancel()
			p.Configure(object{"base_url": server.URL, "ssid": "x", "batch_size": 1, "max_concurrent_requests": 3})

			config := object{"agent_ids": []string{"1", "2", "3", "4", "5"}, "timeouts": object{"create": test.timeout}}
			to, _ := p.Plan(nil, config)
			go func() {
				for range 3 {
					<-server.arrived
				}
				test.cut(p, cancel)
			}()
			_, found := p.Apply(nil, to, config)
			if len(found) != 1 || found[0].Summary != test.says {
				t.Errorf("want one error, %q:\n%s", test.says, found)
			}
			server.awaitNoConnection(t)
			noGoroutinesLeft(t)
		})
	}
}

// hanging takes requests and answers none.
type hanging struct {
	*httptest.Server
	arrived chan struct{}
	over    chan struct{} // closed when the test has ended

	mu   sync.Mutex
	open []net.Conn
}

func newHanging(t *testing.T) *hanging {
	h := &hanging{arrived: make(chan struct{}, 100), over: make(chan struct{})}
	h.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client leaves
		h.arrived <- struct{}{}
		select {
		case <-r.Context().Done():
		case <-h.over:
		}
	}))
	h.Config.ConnState = func(c net.Conn, state http.ConnState) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.open = slices.DeleteFunc(h.open, func(o net.Conn) bool { return o == c })
		if state != http.StateClosed && state != http.StateHijacked {
			h.open = append(h.open, c)
		}
	}
	h.Start()
	t.Cleanup(func() {
		close(h.over)
		h.Close()
	})
	return h
}

func (h *hanging) awaitNoConnection(t *testing.T) {
	t.Helper()
	timeout := time.After(10 * time.Second)
	for tick := time.Tick(time.Millisecond); ; {
		h.mu.Lock()
		open := len(h.open)
		h.mu.Unlock()
		if open == 0 {
			return
		}
		select {
		case <-tick:
		case <-timeout:
			t.Fatalf("%d connections are left open", open)
		}
	}
}
