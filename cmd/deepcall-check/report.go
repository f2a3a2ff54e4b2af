package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// The assumptions, in the order of the report.
const (
	setForm        = "setCad answers in the documented form"
	setTwice       = "Enabling CAD for an agent that has it does no harm"
	sameTwice      = "An agent that a request lists twice is handled like one"
	asNumber       = "An agent ID of digits may be sent as a JSON number"
	unknownRefused = "An ID that does not exist is refused in data.errors, and the agent beside it is not"
	errorForm      = "An agent's error has a message and no code"
	errorText      = "The message of an agent's error is one of the code table"
	contentCodes   = "A request that is refused as a whole for one ID has a code about its content (1000, 1001, 1003, 1502 to 1530)"
	batchOf500     = "A request may list 500 agents"
	unsetTakes     = "unsetCad takes the same request as setCad"
	unsetForm      = "unsetCad answers in the same form as setCad"
	unsetTwice     = "Disabling CAD for an agent that does not have it does no harm"
	loginCodes     = "Refused credentials are answered with code 1014, 1020 or 1039, or with HTTP 401 or 403"
)

type result string

const (
	holds   result = "holds"
	fails   result = "fails"
	unclear result = "unknown"
)

// finding is one line of the report.
type finding struct {
	Assumption string `json:"assumption"`
	Result     result `json:"result"`
	Evidence   string `json:"evidence"`
}

type report struct {
	redact   redactor
	findings []finding
}

func newReport(r redactor) *report {
	rep := &report{redact: r}
	for _, c := range []struct{ assumption, missing string }{
		{setForm, ""}, {setTwice, ""}, {sameTwice, ""}, {asNumber, ""},
		{unknownRefused, "-unknown"}, {errorForm, "-unknown"}, {errorText, "-unknown"}, {contentCodes, "-unknown"},
		{batchOf500, "-batch"}, {unsetTakes, ""}, {unsetForm, ""}, {unsetTwice, ""},
		{loginCodes, "-wrong-credentials"},
	} {
		evidence := "not tried"
		if c.missing != "" {
			evidence += ": see the flag " + c.missing
		}
		rep.findings = append(rep.findings, finding{c.assumption, unclear, evidence})
	}
	return rep
}

// found replaces what the report says of an assumption.
func (r *report) found(assumption string, res result, evidence string) {
	if r.redact.leaks(evidence) {
		evidence = "(not shown: it repeats a credential)"
	}
	for i := range r.findings {
		if r.findings[i].Assumption == assumption {
			r.findings[i] = finding{assumption, res, evidence}
		}
	}
}

func (r *report) fails() bool {
	for _, f := range r.findings {
		if f.Result == fails {
			return true
		}
	}
	return false
}

// write writes the table. Which server and agents it was about stays out of it,
// unless it was the vendor's own server.
func (r *report) write(w io.Writer, set settings) error {
	words := map[result]string{holds: "holds", fails: "does not hold", unclear: "could not tell"}
	server, kind := "another address", "user ID and token"
	if set.base.String() == defaultBaseURL {
		server = defaultBaseURL
	}
	if set.login.SSID != "" {
		kind = "session ID"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "deepcall-check, %s, %s, %s\n\n", time.Now().UTC().Format("2006-01-02 15:04 MST"), server, kind)
	for _, f := range r.findings {
		fmt.Fprintf(&b, "%-16s%s\n%-16s%s\n", words[f.Result], f.Assumption, "", f.Evidence)
	}
	b.WriteString("\nNot tried: whether a confirmed agent really has CAD, which no documented call tells; an empty list of agents.\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *report) encode(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r.findings)
}
