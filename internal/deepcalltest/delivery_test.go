package deepcalltest_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
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
			got, err := try(t, api, "setCad", ask("1", "2"))
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

			ctx, cancel := context.WithCancel(t.Context())
			failed := make(chan error, 1)
			go func() {
				_, err := send(t, http.MethodPost, api.URL()+"/api/v2/Agent/setCad", ask("1"), func(r *http.Request) { *r = *r.WithContext(ctx) })
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

// Close ends whatever is under way.
func TestClose(t *testing.T) {
	api := deepcalltest.Start(t)
	faults := []deepcalltest.Fault{
		deepcalltest.Hang(), deepcalltest.HangAfter(), deepcalltest.SwitchProtocols(),
		deepcalltest.Gate(nil, nil), deepcalltest.Delay(time.Hour, nil), deepcalltest.Drip(time.Hour),
	}
	api.Fail(faults...)
	ended := make(chan error)
	for range faults {
		go func() {
			got, err := try(t, api, "setCad", ask("1"))
			if got.status == http.StatusSwitchingProtocols && len(got.body) == 0 {
				err = errors.New("the connection was handed over, and nothing came")
			}
			ended <- err
		}()
	}
	if err := api.Wait(len(faults), patience); err != nil {
		t.Fatal(err)
	}
	go func() { ended <- api.Wait(100, time.Hour) }()
	api.Close()
	api.Close()
	for range len(faults) + 1 {
		if err := <-ended; err == nil {
			t.Error("a hanging request was answered")
		}
	}
	for _, r := range api.Requests() {
		wantIDs(t, "confirmed", r.Confirmed)
	}
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
	api.Fail(deepcalltest.Delay(each, deepcalltest.Code(1032, "no")))
	start := time.Now()
	got := post(t, api, "setCad", ask("1"))
	if took := time.Since(start); took < 2*each {
		t.Errorf("answered after %s, want at least %s", took, 2*each)
	}
	wantBody(t, got, `{"status":"error","message":"no","code":1032}`)
}

// A client that has its answer finds it recorded, and is alone with its next
// request.
func TestAnAnswerIsRecordedBeforeItArrives(t *testing.T) {
	api := deepcalltest.Start(t)
	for i := range 90 {
		api.Fail([]deepcalltest.Fault{nil, deepcalltest.Drip(1), deepcalltest.Huge(100 << 10)}[i%3])
		post(t, api, "setCad", ask("1"))
		if r := api.Requests()[i]; r.Status != 200 || len(r.Confirmed) != 1 {
			t.Fatalf("request %d: HTTP %d, confirmed %q", i+1, r.Status, r.Confirmed)
		}
	}
	if n := api.MaxInFlight(); n != 1 {
		t.Errorf("%d in flight at once, want 1", n)
	}
}

// Everything at once; of use under the race detector.
func TestManyAtOnce(t *testing.T) {
	const clients = 16
	var logged atomic.Int32
	api := deepcalltest.Start(t, deepcalltest.WithLog(func(deepcalltest.Request) { logged.Add(1) }))
	api.FailWhen(func(deepcalltest.Request) deepcalltest.Fault {
		api.Enabled()
		return deepcalltest.Delay(1, nil)
	})
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			api.Busy(1, strconv.Itoa(i))
			for range 3 {
				if _, err := try(t, api, "setCad", ask(strconv.Itoa(i))); err != nil {
					t.Error(err)
				}
			}
			api.Requests()
		})
	}
	all.Wait()
	api.Close()
	if n := len(api.Enabled()); n != clients || logged.Load() != 3*clients {
		t.Errorf("%d agents enabled and %d requests logged, want %d and %d", n, logged.Load(), clients, 3*clients)
	}
}
