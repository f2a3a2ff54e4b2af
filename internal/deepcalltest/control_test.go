package deepcalltest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

func control(t *testing.T, api *deepcalltest.Server, method, what string) response {
	t.Helper()
	root := strings.TrimSuffix(api.URL(), "/deepcall")
	req, err := http.NewRequest(method, root+deepcalltest.ControlPath+what, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var text json.RawMessage
	_ = json.NewDecoder(resp.Body).Decode(&text) // left empty by answers without JSON
	return response{status: resp.StatusCode, body: text}
}

func TestControl(t *testing.T) {
	api := deepcalltest.Start(t, deepcalltest.WithControl(), deepcalltest.WithPrefix("/deepcall"))
	wantAgents := func(want string) {
		t.Helper()
		var got []string
		body := control(t, api, "GET", "agents").body
		if err := json.Unmarshal(body, &got); err != nil || got == nil {
			t.Fatalf("agents answered %s: %v", body, err)
		}
		if joined := strings.Join(got, " "); joined != want {
			t.Errorf("agents %q, want %q", joined, want)
		}
	}
	wantAgents("")
	if got := control(t, api, "POST", "refuse?agent=13&agent=15&message=Invalid+Type"); got.status != http.StatusNoContent {
		t.Errorf("refuse: HTTP %d", got.status)
	}
	control(t, api, "POST", "accept?agent=15")
	post(t, api, "setCad", ask("7", "13", "15"))
	wantAgents("15 7")
	if got := api.Requests()[0].Refused["13"]; got != "Invalid Type" {
		t.Errorf("agent 13 refused with %q", got)
	}
	if n := len(api.Requests()); n != 1 {
		t.Errorf("%d requests recorded, want the API's alone", n)
	}
	for _, wrong := range []struct {
		method, what string
		status       int
	}{
		{"GET", "refuse?agent=1", 405},
		{"POST", "refuse", 400},
		{"POST", "agents", 405},
		{"GET", "elsewhere", 404},
	} {
		if got := control(t, api, wrong.method, wrong.what); got.status != wrong.status {
			t.Errorf("%s %s: HTTP %d, want %d", wrong.method, wrong.what, got.status, wrong.status)
		}
	}
}

func TestControlHidesCredentials(t *testing.T) {
	api := deepcalltest.Start(t, deepcalltest.WithControl())
	post(t, api, "setCad?key=s3cret", `{"userId":"s3cret","token":"s3cret","agentIds":["1"]}`)
	post(t, api, "setCad", `{"ssid":"s3cret","agentIds":["2"]}`)

	body := string(control(t, api, "GET", "requests").body)
	if strings.Contains(body, "s3cret") {
		t.Errorf("a credential shows in\n%s", body)
	}
	var got []struct {
		Credentials map[string]string
		AgentIDs    []string
		Confirmed   []string
		Status      int
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || len(got) != 2 {
		t.Fatalf("%v in\n%s", err, body)
	}
	if c := got[0].Credentials; len(c) != 2 || c["userId"] != "(hidden)" || c["token"] != "(hidden)" {
		t.Errorf("credentials shown as %v", c)
	}
	wantIDs(t, "confirmed", got[1].Confirmed, "2")
}
