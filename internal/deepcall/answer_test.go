package deepcall

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// asked are the agents of the requests that these tests read answers to.
var asked = []string{"1", "14", "X", "XX", "-1.50", "12345678901234567890123"}

// judged says what an answer says about agents.
func judged(t *testing.T, body string) string {
	t.Helper()
	a, problem := decodeAnswer([]byte(body), asked)
	if problem != "" {
		t.Fatalf("malformed: %s", problem)
	}
	a.clean(newRedactor())
	said := []string{}
	for _, id := range slices.Sorted(maps.Keys(a.of)) {
		if e := a.of[id]; e != nil {
			said = append(said, id+": "+e.Message)
		} else {
			said = append(said, id)
		}
	}
	return strings.Join(append(said, a.agentless...), "; ")
}

func TestAnswerOfEachAgent(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"success":                      {`{"updatedAgents":[{"agentId":"1","status":"success"}],"errors":[]}`, "1"},
		"errors null":                  {`{"updatedAgents":[{"agentId":"1","status":"success"}],"errors":null}`, "1"},
		"errors absent":                {`{"updatedAgents":[{"agentId":"1","status":"success"}]}`, "1"},
		"ID a number":                  {`{"updatedAgents":[{"agentId":14,"status":"success"}]}`, "14"},
		"large number":                 {`{"updatedAgents":[{"agentId":12345678901234567890123,"status":"success"}]}`, "12345678901234567890123"},
		"in errors":                    {`{"errors":[{"agentId":"1","message":"Invalid AgentID"}]}`, "1: Invalid AgentID"},
		"in errors by number":          {`{"updatedAgents":[{"agentId":"1","status":"success"}],"errors":[{"agentId":1,"message":"no"}]}`, "1: no"},
		"in errors without a message":  {`{"errors":[{"agentId":"1"}]}`, "1: refused without a reason"},
		"in both":                      {`{"updatedAgents":[{"agentId":"1","status":"success"}],"errors":[{"agentId":"1","message":"no"}]}`, "1: no"},
		"errors first":                 {`{"errors":[{"agentId":"1","message":"no"}],"updatedAgents":[{"agentId":"1","status":"success"}]}`, "1: no"},
		"doubled, pending first":       {`{"updatedAgents":[{"agentId":"1","status":"pending"},{"agentId":"1","status":"success"}]}`, `1: listed with status "pending"`},
		"doubled, pending last":        {`{"updatedAgents":[{"agentId":"1","status":"success"},{"agentId":"1","status":"pending"}]}`, `1: listed with status "pending"`},
		"another status":               {`{"updatedAgents":[{"agentId":"1","status":"SUCCESS"}]}`, `1: listed with status "SUCCESS"`},
		"another status and a message": {`{"updatedAgents":[{"agentId":"1","status":"failed","message":"Invalid role id"}]}`, "1: Invalid role id"},
		"no status":                    {`{"updatedAgents":[{"agentId":"1"}]}`, "1: listed without a status"},
		"error without an agent":       {`{"updatedAgents":[{"agentId":"1","status":"success"}],"errors":[{"message":"half full"}]}`, "1; half full"},
		"error of agent null":          {`{"errors":[{"agentId":null,"message":"half full"}]}`, "half full"},
		"error without anything":       {`{"updatedAgents":[{"agentId":"1","status":"success"}],"errors":[{}]}`, "1; an error without a message"},
		"errors of many messages":      {`{"errors":[` + strings.Join(manyMessages(11), ",") + `]}`, "no 0; no 1; no 2; no 3; no 4; no 5; no 6; no 7; no 8; no 9"},
		"message a list":               {`{"errors":[{"agentId":"1","message":["no","never"]}]}`, `1: ["no","never"]`},
		"update without anything":      {`{"updatedAgents":[{}]}`, ""},
		"nobody":                       {`{"updatedAgents":[],"errors":[]}`, ""},
		"unknown fields":               {`{"updatedAgents":[{"agentId":"1","status":"success","x":[{}]}],"y":{"errors":[{"agentId":"1"}]}}`, "1"},
		"lists null":                   {`{"updatedAgents":null,"errors":null}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := judged(t, `{"status":"success","code":200,"message":"","data":`+c.data+`}`); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func manyMessages(n int) (entries []string) {
	for i := range n {
		entries = append(entries, fmt.Sprintf(`{"message":"no %d"},{"message":"no %d"}`, i, i))
	}
	return entries
}

// Of agents that were not asked for, 20 are named and the others counted.
func TestUnaskedAgents(t *testing.T) {
	var entries []string
	for i := range 100_000 {
		entries = append(entries, fmt.Sprintf(`{"agentId":"%d","status":"success"}`, i+101))
	}
	a, problem := decodeAnswer([]byte(`{"status":"success","data":{"updatedAgents":[`+strings.Join(entries, ",")+`],"errors":[{"agentId":"9","message":"no"}]}}`), asked)
	if problem != "" || len(a.of) != 0 || a.unaskedN != 100_001 || !slices.Equal(a.unasked, agentIDs(101, 120)) {
		t.Errorf("%s%d verdicts, %d unasked, such as %q", problem, len(a.of), a.unaskedN, a.unasked)
	}
}

func TestMalformedAnswers(t *testing.T) {
	const deep = 20_000
	for body, want := range map[string]string{
		"":                                 "is empty",
		"null":                             "is not a JSON object",
		"[]":                               "is not a JSON object",
		"{":                                "is not JSON",
		`{"status":"success"`:              "is not JSON",
		"{}":                               "has no status",
		`{"status":"success"}`:             "has no data",
		`{"status":"success","data":null}`: "has no data",
		`{"status":["success"],"data":{}}`: "has an unexpected type in status",
		`{"status":"success","code":{},"data":{}}`:                          "has an unexpected type in code",
		`{"status":"success","data":[]}`:                                    "has an unexpected type in data",
		`{"status":"success","data":{"updatedAgents":{}}}`:                  "has an unexpected type in data.updatedAgents",
		`{"status":"success","data":{"updatedAgents":["1"]}}`:               "has an unexpected type in data.updatedAgents",
		`{"status":"success","data":{"updatedAgents":[{"agentId":true}]}}`:  "has an unexpected type in data.updatedAgents.agentId",
		`{"status":"success","data":{"updatedAgents":[{"status":true}]}}`:   "has an unexpected type in data.updatedAgents.status",
		`{"status":"success","data":{"errors":{"1":"no"}}}`:                 "has an unexpected type in data.errors",
		`{"status":"success","data":{"errors":[null]}}`:                     "has an unexpected type in data.errors",
		`{"status":"success","data":{"errors":[{"agentId":{}}]}}`:           "has an unexpected type in data.errors.agentId",
		`{"status":"success","data":` + nested(deep, "[", "]") + `}`:        "is not JSON",
		`{"status":"success","data":` + nested(deep, `{"data":`, "}") + `}`: "is not JSON",
		`{"status":"success","data":{"updatedAgents":[{"agentId":01}]}}`:    "is not JSON",
	} {
		if a, problem := decodeAnswer([]byte(body), asked); problem == "" || !strings.HasPrefix(problem, want) {
			t.Errorf("%.80s: problem %q, want %q", body, problem, want)
		} else if a.status != "" || len(a.of)+len(a.agentless) > 0 {
			t.Errorf("%.80s: malformed, and yet %+v", body, a)
		}
	}
}

func nested(n int, open, shut string) string {
	return strings.Repeat(open, n) + "1" + strings.Repeat(shut, n)
}

func TestAnswerThatRefusesTheRequest(t *testing.T) {
	for body, want := range map[string]answer{
		`{"status":"error","message":"invalid parameter","code":1000}`: {code: "1000", message: "invalid parameter"},
		`{"status":"error","code":null,"message":null}`:                {},
		`{"status":"error"}`: {},
		`{"status":"error","code":1014,"message":["Invalid","token"]}`:    {code: "1014", message: `["Invalid","token"]`},
		`{"status":"error","code":1014,"message":{"en":"no"}}`:            {code: "1014", message: `{"en":"no"}`},
		`{"status":"error","code":1501,"message":7}`:                      {code: "1501", message: "7"},
		`{"status":"Success","data":{"updatedAgents":[{"agentId":"1"}]}}`: {},
		`{"status":null,"code":1014}`:                                     {code: "1014"},
		`{"status":1}`:                                                    {},
		// Beside an error, data is ignored.
		`{"status":"error","code":1014,"message":"Invalid token","data":[]}`:                       {code: "1014", message: "Invalid token"},
		`{"status":"error","code":1000,"message":"no","data":{"updatedAgents":{},"errors":false}}`: {code: "1000", message: "no"},
	} {
		a, problem := decodeAnswer([]byte(body), asked)
		switch {
		case problem != "":
			t.Errorf("%s: malformed: %s", body, problem)
		case a.status == "success" || a.code != want.code || a.message != want.message:
			t.Errorf("%s: read as status %q, code %q, message %q", body, a.status, a.code, a.message)
		}
	}
}

// sample is one of the vendor's own, as the stand-in keeps them.
func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "deepcalltest", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestVendorAnswers(t *testing.T) {
	for name, want := range map[string]string{
		"success-response.json": "X; XX", "example-1-response.json": "X; XX", "example-response.json": "1; 14",
	} {
		if got := judged(t, string(sample(t, name))); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	a, problem := decodeAnswer(sample(t, "error-invalid-parameter.json"), asked)
	if problem != "" || a.status != "error" || a.code != "1000" || a.message != "invalid parameter" {
		t.Errorf("error-invalid-parameter.json: %s%+v", problem, a)
	}
}

func TestInProcessing(t *testing.T) {
	for message, want := range map[string]bool{
		"Data already in processing":      true,
		"data already in processing.":     true,
		" Data already in processing\n":   true,
		"Data already in processing of 7": false,
		"in processing":                   false,
		"":                                false,
	} {
		if got := saysInProcessing(message); got != want {
			t.Errorf("%q: %v, want %v", message, got, want)
		}
	}
}
