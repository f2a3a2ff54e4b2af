package deepcalltest_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// patience bounds what a healthy server does at once.
const patience = 20 * time.Second

func TestConnectionsThatBreak(t *testing.T) {
	for name, c := range map[string]struct {
		fault   deepcalltest.Fault
		err     error
		status  int
		applied []string
	}{
		"reset":            {deepcalltest.Reset(), syscall.ECONNRESET, 0, nil},
		"lost answer":      {deepcalltest.LostAnswer(), io.EOF, 0, []string{"1", "2"}},
		"closed idle":      {deepcalltest.ClosedIdle(), io.EOF, 0, nil},
		"bad gzip":         {deepcalltest.BadGzip(), gzip.ErrHeader, 200, nil},
		"cut short":        {deepcalltest.CutShort(), io.ErrUnexpectedEOF, 200, []string{"1", "2"}},
		"cut short before": {deepcalltest.CutShortBefore(), io.ErrUnexpectedEOF, 200, nil},
	} {
		t.Run(name, func(t *testing.T) {
			api := deepcalltest.Start(t)
			api.Fail(c.fault)
			got, err := try(api, "setCad", ask("1", "2"))
			if !errors.Is(err, c.err) {
				t.Errorf("client sees %v, want %v", err, c.err)
			}
			if errors.Is(c.err, io.ErrUnexpectedEOF) && string(got.body) != success12[:len(success12)/2] {
				t.Errorf("half an answer is %q", got.body)
			}
			r := api.Requests()[0]
			if r.Status != c.status || r.Code != 0 {
				t.Errorf("recorded HTTP %d and code %d, want %d and none", r.Status, r.Code, c.status)
			}
			wantIDs(t, "confirmed", r.Confirmed)
			wantIDs(t, "applied", r.Applied, c.applied...)
			wantIDs(t, "enabled", api.Enabled(), c.applied...)
		})
	}
}

func TestResetThroughTLS(t *testing.T) {
	api := deepcalltest.Start(t, deepcalltest.WithTLS())
	api.Fail(deepcalltest.Reset())
	if _, err := do(trusting(t, api), api, "setCad", ask("1")); err == nil {
		t.Error("an answer came")
	}
	if n := len(api.Requests()); n != 1 {
		t.Errorf("%d requests recorded, want 1", n)
	}
}

func TestHangEndsWhenTheClientGoes(t *testing.T) {
	for name, c := range map[string]struct {
		fault   deepcalltest.Fault
		applied []string
	}{
		"before": {deepcalltest.Hang(), nil},
		"after":  {deepcalltest.HangAfter(), []string{"1"}},
		"gate":   {deepcalltest.Gate(nil, nil), nil},
	} {
		t.Run(name, func(t *testing.T) {
			settled := make(chan deepcalltest.Request, 1)
			api := deepcalltest.Start(t, deepcalltest.WithLog(func(r deepcalltest.Request) { settled <- r }))
			api.Fail(c.fault)

			ctx, cancel := context.WithCancel(context.Background())
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, api.URL()+"/api/v2/Agent/setCad", strings.NewReader(ask("1")))
			if err != nil {
				t.Fatal(err)
			}
			failed := make(chan error, 1)
			go func() {
				resp, err := http.DefaultTransport.RoundTrip(req)
				if err == nil {
					_ = resp.Body.Close()
				}
				failed <- err
			}()
			if err := api.Wait(1, patience); err != nil {
				t.Fatal(err)
			}
			cancel()
			if err := <-failed; !errors.Is(err, context.Canceled) {
				t.Errorf("client sees %v", err)
			}
			r := <-settled
			if r.Status != 0 {
				t.Errorf("recorded HTTP %d, want none", r.Status)
			}
			wantIDs(t, "applied", r.Applied, c.applied...)
			wantIDs(t, "enabled", api.Enabled(), c.applied...)
		})
	}
}

// Close ends whatever is under way and leaves no goroutine behind.
func TestCloseLeavesNothing(t *testing.T) {
	api, err := deepcalltest.New()
	if err != nil {
		t.Fatal(err)
	}
	faults := []deepcalltest.Fault{
		deepcalltest.Hang(),
		deepcalltest.HangAfter(),
		deepcalltest.Gate(nil, nil),
		deepcalltest.Delay(time.Hour, nil),
		deepcalltest.Drip(time.Hour),
	}
	api.Fail(deepcalltest.SwitchProtocols())
	switched, err := http.Post(api.URL()+"/api/v2/Agent/setCad", "application/json", strings.NewReader(ask("1")))
	if err != nil || switched.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("switching protocols: %v, %v", switched, err)
	}
	api.ResetRequests()
	api.Fail(faults...)
	ended := make(chan error)
	for range faults {
		go func() {
			_, err := try(api, "setCad", ask("1"))
			ended <- err
		}()
	}
	if err := api.Wait(len(faults), patience); err != nil {
		t.Fatal(err)
	}
	if n := api.MaxInFlight(); n != len(faults) {
		t.Errorf("%d in flight at once, want %d", n, len(faults))
	}
	go func() { _ = api.Wait(100, time.Hour); ended <- errors.New("waited without success") }()

	api.Close()
	api.Close()
	if said, err := io.ReadAll(switched.Body); err != nil || len(said) > 0 {
		t.Errorf("the connection that was handed over says %q, %v", said, err)
	}
	_ = switched.Body.Close()
	for range len(faults) + 1 {
		if err := <-ended; err == nil {
			t.Error("a hanging request was answered")
		}
	}
	for _, r := range api.Requests() {
		if len(r.Confirmed) != 0 {
			t.Errorf("recorded as confirmed: %+v", r)
		}
	}
	// The runtime takes a moment to bury goroutines that have returned.
	for deadline := time.Now().Add(patience); ; runtime.Gosched() {
		buf := make([]byte, 1<<20)
		stacks := string(buf[:runtime.Stack(buf, true)])
		if !strings.Contains(stacks, "net/http.(*conn)") && !strings.Contains(stacks, "net/http.(*Server)") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("goroutines of a server are left:\n%s", stacks)
		}
	}
}

func TestGateHoldsARequestInFlight(t *testing.T) {
	api := deepcalltest.Start(t)
	gate := make(chan struct{})
	api.Fail(deepcalltest.Gate(gate, deepcalltest.Omit("2")))
	answer := make(chan response)
	go func() {
		got, _ := try(api, "setCad", ask("1", "2"))
		answer <- got
	}()
	if err := api.Wait(1, patience); err != nil {
		t.Fatal(err)
	}
	post(t, api, "setCad", ask("3"))
	wantIDs(t, "enabled before the gate opens", api.Enabled(), "3")
	close(gate)
	wantBody(t, <-answer, head+`"updatedAgents":[{"agentId":"1","status":"success"}],"errors":[]}}`)
	wantIDs(t, "enabled", api.Enabled(), "1", "2", "3")

	requests := api.Requests()
	if requests[0].InFlight != 1 || requests[1].InFlight != 2 || api.MaxInFlight() != 2 {
		t.Errorf("in flight: %d, %d, at most %d", requests[0].InFlight, requests[1].InFlight, api.MaxInFlight())
	}
}

func TestHugeAnswer(t *testing.T) {
	const size = 300 << 10
	api := deepcalltest.Start(t)
	api.Fail(deepcalltest.Huge(size))
	got := post(t, api, "setCad", ask("1"))
	if len(got.body) < size || got.header.Get("Content-Length") != "" {
		t.Errorf("%d bytes, Content-Length %q", len(got.body), got.header.Get("Content-Length"))
	}
	wantIDs(t, "confirmed", api.Requests()[0].Confirmed, "1")
}

// A client that stops reading was not told everything.
func TestHugeAnswerNotReadToItsEnd(t *testing.T) {
	settled := make(chan deepcalltest.Request, 1)
	api := deepcalltest.Start(t, deepcalltest.WithLog(func(r deepcalltest.Request) { settled <- r }))
	api.Fail(deepcalltest.Huge(16 << 20)) // more than the buffers of a connection hold
	resp, err := http.Post(api.URL()+"/api/v2/Agent/setCad", "", strings.NewReader(ask("1")))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	r := <-settled
	if r.Status != 200 {
		t.Errorf("recorded HTTP %d, want 200", r.Status)
	}
	wantIDs(t, "confirmed", r.Confirmed)
	wantIDs(t, "applied", r.Applied, "1")
}

func TestDelayAndLatencyComeBeforeTheAnswer(t *testing.T) {
	const each = 20 * time.Millisecond
	api := deepcalltest.Start(t, deepcalltest.WithLatency(each))
	api.Fail(deepcalltest.Delay(each, deepcalltest.Code(1032, "internal server error")))
	start := time.Now()
	got := post(t, api, "setCad", ask("1"))
	if took := time.Since(start); took < 2*each {
		t.Errorf("answered after %s, want at least %s", took, 2*each)
	}
	wantBody(t, got, `{"status":"error","message":"internal server error","code":1032}`)
	if code := api.Requests()[0].Code; code != 1032 {
		t.Errorf("recorded code %d", code)
	}
}
