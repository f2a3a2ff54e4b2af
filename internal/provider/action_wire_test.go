package provider_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"google.golang.org/grpc"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// TestInterruptedActionIsToldToCore: what an interrupted action reports passes
// through the protocol library, which drops the last event of an invocation
// whose context has ended. It takes the place of a CLI that knows actions.
func TestInterruptedActionIsToldToCore(t *testing.T) {
	t.Parallel()
	api := startForAMinute(t)
	api.Fail(deepcalltest.Hang())
	p := connect(t, api, nil)
	config := p.Dynamic(p.Actions[setAction], object{"agent_ids": []string{"1", "2"}})
	request, err := json.Marshal(map[string]any{"action_type": setAction, "config": map[string][]byte{"msgpack": config.MsgPack}})
	p.Must(err)

	library := tf6server.New("deepcall", p.Server, tf6server.WithLoggingSink(t))
	told := make(chan string)
	go func() { told <- invokeInLibrary(t, library.InvokeAction, request) }()
	p.Must(api.Wait(1, time.Minute))
	stopLibrary(t, library.StopProvider)
	if events := <-told; strings.Count(events, `"Completed"`) != 1 || !strings.Contains(events, "Operation interrupted") {
		t.Errorf("core is told %s", events)
	}
	_, found := p.InvokeAction(setAction, object{"agent_ids": []string{"3"}})
	said(t, found, "ERROR Operation interrupted") // a stop is for what comes later, too
	sent(t, api, "setCad 1 2")
}

// invokeInLibrary returns the events in JSON. The library keeps the types of its
// messages to itself.
func invokeInLibrary[Request, Event any](t *testing.T, invoke func(*Request, grpc.ServerStreamingServer[Event]) error, request []byte) string {
	t.Helper()
	r, s := new(Request), &eventStream[Event]{ctx: t.Context()}
	if err := json.Unmarshal(request, r); err != nil {
		t.Error(err)
	}
	if err := invoke(r, s); err != nil {
		t.Error(err)
	}
	events, err := json.Marshal(s.sent)
	if err != nil {
		t.Error(err)
	}
	return string(events)
}

func stopLibrary[Request, Response any](t *testing.T, stop func(context.Context, *Request) (*Response, error)) {
	t.Helper()
	if _, err := stop(t.Context(), new(Request)); err != nil {
		t.Error(err)
	}
}

// eventStream keeps what is sent.
type eventStream[Event any] struct {
	grpc.ServerStream
	ctx  context.Context //nolint:containedctx // that of a stream
	sent []*Event
}

func (s *eventStream[Event]) Context() context.Context { return s.ctx }

func (s *eventStream[Event]) Send(e *Event) error {
	s.sent = append(s.sent, e)
	return nil
}
