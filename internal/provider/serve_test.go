package provider

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/deepcall/terraform-provider-deepcall/internal/roster"
)

// slowToReport has an invocation that reports some time after its context has
// ended, and notes whether it had when the stop was passed on.
type slowToReport struct {
	roster.Server
	reported, before chan bool
}

func (s slowToReport) InvokeAction(ctx context.Context, _ *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	return &tfprotov6.InvokeActionServerStream{Events: func(push func(tfprotov6.InvokeActionEvent) bool) {
		<-ctx.Done()
		<-time.After(50 * time.Millisecond)
		push(tfprotov6.InvokeActionEvent{Type: tfprotov6.CompletedInvokeActionEventType{}})
		s.reported <- true
	}}, nil
}

func (s slowToReport) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	s.before <- len(s.reported) == 1
	return nil, nil
}

// The order is cancel, wait, pass on: the protocol library drops the last event
// once the stop has returned.
func TestStopIsPassedOnAfterTheReport(t *testing.T) {
	t.Parallel()
	next := slowToReport{reported: make(chan bool, 1), before: make(chan bool, 1)}
	server := &interruptible{Server: next}
	stream, err := server.InvokeAction(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	go stream.Events(func(tfprotov6.InvokeActionEvent) bool { return true })
	if _, err := server.StopProvider(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if !<-next.before {
		t.Error("the stop was passed on before the action had reported")
	}
}
