package deepcalltest_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// patience bounds what a healthy server does at once.
const patience = 20 * time.Second

// A request that hangs ends when its client goes away or the server closes.
func TestRequestsThatHang(t *testing.T) {
	for name, c := range map[string]struct {
		fault   deepcalltest.Fault
		latency time.Duration
		status  int
		on      []string
	}{
		"hang":       {deepcalltest.Hang(), 0, 0, nil},
		"hang after": {deepcalltest.HangAfter(), 0, 0, []string{"1"}},
		"gate":       {deepcalltest.Gate(make(chan struct{})), 0, 0, nil},
		"delay":      {deepcalltest.Delay(time.Hour), 0, 0, nil},
		"latency":    {nil, time.Hour, 0, nil},
		"drip":       {deepcalltest.Drip(time.Hour), 0, 200, []string{"1"}},
	} {
		for _, closes := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				finished := make(chan deepcalltest.Request, 1)
				api := deepcalltest.Start(t, deepcalltest.WithLatency(c.latency), deepcalltest.WithLog(func(r deepcalltest.Request) { finished <- r }))
				api.Fail(c.fault)
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				go func() {
					if err := api.Wait(1, patience); err != nil {
						t.Error(err)
					}
					if closes {
						api.Close()
					} else {
						leave()
					}
				}()
				got, err := send(t, http.MethodPost, api.URL()+"/api/v2/Agent/setCad", ask("1"), func(r *http.Request) { *r = *r.WithContext(ctx) })
				if err == nil {
					t.Errorf("answered: %v", got)
				}
				if closes && api.Wait(2, time.Hour) == nil {
					t.Error("another request arrived")
				}
				r := <-finished
				if r.Status != c.status {
					t.Errorf("recorded HTTP %d, want %d", r.Status, c.status)
				}
				wantIDs(t, "confirmed", r.Confirmed)
				wantIDs(t, "enabled", api.Enabled(), c.on...)
			})
		}
	}
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

// An agent is refused until it is accepted, and is busy for requests that do
// something.
func TestAgentsThatAreRefused(t *testing.T) {
	api := deepcalltest.Start(t)
	api.Refuse("Invalid AgentID", "1", "2")
	api.Busy(1, "3", "4")
	api.Accept("2", "4")
	api.Fail(deepcalltest.Status(503, nil, ""))
	for range 2 {
		post(t, api, "setCad", ask("1", "2", "3", "4"))
	}
	wantIDs(t, "enabled", api.Enabled(), "2", "4")
	if r := api.Requests()[1].Refused; len(r) != 2 || r["1"] != "Invalid AgentID" || r["3"] != "Data already in processing" {
		t.Errorf("refused %v", r)
	}
	api.SetWholeRefusal("5")
	post(t, api, "setCad", ask("3", "5"))
	api.SetWholeRefusal()
	post(t, api, "setCad", ask("3"))
	wantIDs(t, "enabled after the busy time", api.Enabled(), "2", "3", "4")
}
