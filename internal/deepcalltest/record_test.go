package deepcalltest_test

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

func TestRecordHoldsWhatWasSent(t *testing.T) {
	api := deepcalltest.Start(t)
	body := `{"userId":"u","token":"t", "agentIds":["1",2]}`
	req, err := http.NewRequest(http.MethodPost, api.URL()+"/api/v2/Agent/setCad?q=1", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", "someone/1.0")
	before := time.Now()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()

	r := api.Requests()[0]
	if r.Endpoint != "setCad" || r.Method != "POST" || r.Path != "/api/v2/Agent/setCad" || r.RawQuery != "q=1" {
		t.Errorf("recorded %s %s ? %s for %q", r.Method, r.Path, r.RawQuery, r.Endpoint)
	}
	if string(r.Body) != body || r.Header.Get("User-Agent") != "someone/1.0" {
		t.Errorf("recorded body %s, header %v", r.Body, r.Header)
	}
	if r.Credentials != (deepcalltest.Credentials{UserID: "u", Token: "t"}) {
		t.Errorf("recorded credentials %+v", r.Credentials)
	}
	if r.At.Before(before) || r.At.After(time.Now()) {
		t.Errorf("recorded at %s", r.At)
	}
	if r.Status != 200 || r.Code != 200 {
		t.Errorf("recorded HTTP %d, code %d", r.Status, r.Code)
	}
	wantIDs(t, "asked", r.AgentIDs, "1", "2")
}

func TestRecordsAreCopies(t *testing.T) {
	api := deepcalltest.Start(t)
	api.Refuse("no", "2")
	post(t, api, "setCad", ask("1", "2"))
	r := api.Requests()[0]
	r.Body[0], r.AgentIDs[0], r.Confirmed[0], r.Applied[0], r.Refused["2"] = 'x', "x", "x", "x", "x"
	r.Header.Set("Content-Type", "x")

	again := api.Requests()[0]
	if string(again.Body) != ask("1", "2") || again.Refused["2"] != "no" || again.Header.Get("Content-Type") == "x" {
		t.Errorf("the record changed with its copy: %+v", again)
	}
	wantIDs(t, "asked", again.AgentIDs, "1", "2")
	wantIDs(t, "confirmed", again.Confirmed, "1")
	wantIDs(t, "applied", again.Applied, "1")
}

// A client that has its answer finds it recorded, and is alone with its next
// request.
func TestAnAnswerIsRecordedBeforeItArrives(t *testing.T) {
	api := deepcalltest.Start(t)
	for i := range 90 {
		if i%3 == 1 {
			api.Fail(deepcalltest.Drip(1))
		}
		if i%3 == 2 {
			api.Fail(deepcalltest.Huge(100 << 10))
		}
		if _, err := do(http.DefaultClient, api, "setCad", ask("1")); err != nil {
			t.Fatal(err)
		}
		r := api.Requests()[i]
		if r.Status != 200 || len(r.Confirmed) != 1 || r.InFlight != 1 {
			t.Fatalf("request %d: HTTP %d, confirmed %q, %d in flight", i+1, r.Status, r.Confirmed, r.InFlight)
		}
	}
	if n := api.MaxInFlight(); n != 1 {
		t.Errorf("%d in flight at once, want 1", n)
	}
}

func TestResetRequests(t *testing.T) {
	api := deepcalltest.Start(t)
	post(t, api, "setCad", ask("1"))
	api.ResetRequests()
	if n := len(api.Requests()); n != 0 {
		t.Errorf("%d requests left", n)
	}
	if n := api.MaxInFlight(); n != 0 {
		t.Errorf("%d in flight left", n)
	}
	wantIDs(t, "enabled", api.Enabled(), "1")
	post(t, api, "setCad", ask("2"))
	wantIDs(t, "asked", api.Requests()[0].AgentIDs, "2")
}

func TestWaitFailsWhenNothingArrives(t *testing.T) {
	api := deepcalltest.Start(t)
	post(t, api, "setCad", ask("1"))
	err := api.Wait(2, time.Millisecond)
	if err == nil || err.Error() != "1 of 2 requests arrived within 1ms" {
		t.Errorf("error %v", err)
	}
}

// Everything at once; of use under the race detector.
func TestManyAtOnce(t *testing.T) {
	const clients = 16
	var logged int // guarded by the promise that the log function runs once at a time
	api := deepcalltest.Start(t, deepcalltest.WithLog(func(deepcalltest.Request) { logged++ }))
	api.FailWhen(func(deepcalltest.Request) deepcalltest.Fault {
		api.Enabled()
		return deepcalltest.Delay(1, nil)
	})
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			id := strconv.Itoa(i)
			api.Busy(1, id)
			for range 3 {
				if _, err := try(api, "setCad", ask(id)); err != nil {
					t.Error(err)
				}
			}
			api.SetLatency(time.Duration(i))
			api.Requests()
		})
	}
	if err := api.Wait(3*clients, patience); err != nil {
		t.Error(err)
	}
	all.Wait()
	if n := len(api.Enabled()); n != clients {
		t.Errorf("%d agents enabled, want %d", n, clients)
	}
	api.Close()
	if logged != 3*clients {
		t.Errorf("%d requests logged, want %d", logged, 3*clients)
	}
}
