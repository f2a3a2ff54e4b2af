package chaos_test

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
	"github.com/deepcall/terraform-provider-deepcall/internal/protocoltest"
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
			api := deepcalltest.Start(t)
			api.FailWhen(func(deepcalltest.Request) deepcalltest.Fault { return deepcalltest.Hang() })
			p := protocoltest.Start(t)
			var cancel context.CancelFunc
			p.Context, cancel = context.WithCancel(p.Context)
			defer cancel()
			p.Configure(object{"base_url": api.URL(), "ssid": "x", "batch_size": 1, "max_concurrent_requests": 3})

			config := object{"agent_ids": []string{"1", "2", "3", "4", "5"}, "timeouts": object{"create": test.timeout}}
			to, _ := p.Plan(nil, config)
			go func() {
				_ = api.Wait(3, time.Minute)
				test.cut(p, cancel)
			}()
			_, found := p.Apply(nil, to, config)
			if len(found) != 1 || found[0].Summary != test.says {
				t.Errorf("want one error, %q:\n%s", test.says, found)
			}
			noGoroutinesLeft(t, clientCode, "net/http.(*persistConn)")
		})
	}
}
