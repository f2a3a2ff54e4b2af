package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
)

// first sets the agent. If that is not confirmed, nothing else would tell
// anything.
func (c *checker) first(ctx context.Context) error {
	a := c.ask(ctx, "Set CAD for the agent.", setCad, c.set.agent)
	form := c.judgeForm(setForm, a)
	switch {
	case a.confirms(c.set.agent):
		return nil
	case form == fails:
		return errors.New("the answer to the first request is not of the documented form; nothing else was tried")
	}
	return fmt.Errorf("the first request was not confirmed (%s); nothing else was tried. Check the credentials, -agent and DEEPCALL_BASE_URL",
		a.describe(c.redact, c.set.agent))
}

// digits are IDs that a JSON number holds exactly, whatever reads it.
var digits = regexp.MustCompile(`^(0|[1-9]\d{0,14})$`)

// repeat sets the agent again, in each form that should make no difference.
func (c *checker) repeat(ctx context.Context) {
	c.judge(setTwice, c.ask(ctx, "Set it a second time.", setCad, c.set.agent))
	c.judge(sameTwice, c.ask(ctx, "Set it with its ID twice in one request.", setCad, c.set.agent, c.set.agent))
	if !digits.MatchString(c.set.agent) {
		c.report.found(asNumber, unclear, "not tried: the ID of this agent is not a number of at most 15 digits")
		return
	}
	c.judge(asNumber, c.ask(ctx, "Set it with its ID as a number.", setCad, json.Number(c.set.agent)))
}

// unknown sends an ID that does not exist beside the agent's.
func (c *checker) unknown(ctx context.Context) {
	if c.set.unknown == "" {
		return
	}
	a := c.ask(ctx, "Set CAD for the agent and for the ID that does not exist.", setCad, c.set.agent, c.set.unknown)
	evidence := a.describe(c.redact, c.set.unknown)
	refusals := a.entries("errors", c.set.unknown)
	if a.silent(c.set.unknown) {
		for _, assumption := range []string{unknownRefused, errorForm, errorText, contentCodes} {
			c.report.found(assumption, unclear, evidence)
		}
		return
	}
	refused := fails
	if len(refusals) > 0 && len(a.entries("updatedAgents", c.set.unknown)) == 0 && a.confirms(c.set.agent) {
		refused = holds
	}
	if a.succeeded() {
		c.report.found(unknownRefused, refused, evidence+"; the agent beside it: "+a.describe(c.redact, c.set.agent))
	} else {
		c.report.found(unknownRefused, refused, evidence)
	}
	c.judgeRefusal(a, refusals, evidence)
}

// judgeRefusal decides what is assumed of the refusal of an ID, in the list or
// as a whole.
func (c *checker) judgeRefusal(a answer, refusals []object, evidence string) {
	inList := "not refused in data.errors"
	for _, assumption := range []string{errorForm, errorText} {
		c.report.found(assumption, unclear, inList)
	}
	c.report.found(contentCodes, unclear, "not refused as a whole with a code")
	if a.refused() {
		c.report.found(contentCodes, verdict(isContent(a.code())), evidence)
	}
	for _, entry := range refusals {
		message, isText := entry["message"].(string)
		_, hasCode := entry["code"]
		fields := "its entry has the fields " + c.redact.quote(unexpected(entry))
		c.report.found(errorForm, verdict(isText && message != "" && !hasCode), fields)
		c.report.found(errorText, verdict(slices.Contains(codeTable, message)), "message "+c.redact.show(entry["message"]))
	}
}

func verdict(ok bool) result {
	if ok {
		return holds
	}
	return fails
}

// content are the codes that the provider reads as about a request's content.
var content = regexp.MustCompile(`^(1000|1001|1003|150[2-9]|151\d|152\d|1530)$`)

func isContent(code string) bool { return content.MatchString(code) }

// fullBatch is how many agents the provider puts into a request by default.
const fullBatch = 500

// batch looks for a limit on the number of agents in a request.
func (c *checker) batch(ctx context.Context) {
	if len(c.set.batch) == 0 {
		return
	}
	first := c.set.batch[:min(len(c.set.batch), fullBatch)]
	a := c.setAll(ctx, first)
	res, evidence := unclear, fmt.Sprintf("%d agents in one request: %s", len(first), a.tally(c.redact, first))
	switch {
	case a.silent(""):
	case a.status == http.StatusRequestEntityTooLarge, a.succeeded() && a.unmentioned(first) > 0:
		res = fails
	case a.succeeded() && len(first) == fullBatch:
		res = holds
	case a.succeeded():
		evidence += fmt.Sprintf("; only a file of %d or more would tell", fullBatch)
	default:
		half := len(first) / 2
		if c.setAll(ctx, first[:half]).succeeded() && c.setAll(ctx, first[half:]).succeeded() {
			res, evidence = fails, evidence+"; either half alone was accepted"
		} else {
			evidence += "; perhaps because of one of the agents"
		}
	}
	if res == holds && len(c.set.batch) > fullBatch {
		all := c.setAll(ctx, c.set.batch)
		evidence += fmt.Sprintf("; %d agents: %s", len(c.set.batch), all.tally(c.redact, c.set.batch))
	}
	c.report.found(batchOf500, res, evidence)
}

func (c *checker) setAll(ctx context.Context, ids []string) answer {
	list := make([]any, 0, len(ids))
	for _, id := range ids {
		list = append(list, id)
	}
	return c.ask(ctx, fmt.Sprintf("Set CAD for %d agents of the file. It stays on for them.", len(ids)), setCad, list...)
}

// unset takes CAD from the agent, twice.
func (c *checker) unset(ctx context.Context) {
	a := c.ask(ctx, "Unset CAD for the agent.", unsetCad, c.set.agent)
	form := c.judgeForm(unsetForm, a)
	c.judge(unsetTakes, a)
	if form == fails && !a.confirms(c.set.agent) {
		c.report.found(unsetTakes, unclear, "the form of the answer does not tell")
	}
	if !a.confirms(c.set.agent) {
		c.report.found(unsetTwice, unclear, "not tried: the agent was not confirmed as unset")
		return
	}
	c.judge(unsetTwice, c.ask(ctx, "Unset it a second time.", unsetCad, c.set.agent))
}

// wrongCredentials asks for what is so already, should they be accepted after
// all.
func (c *checker) wrongCredentials(ctx context.Context) {
	if !c.set.wrongCredentials {
		return
	}
	l := c.set.login
	if l.SSID != "" {
		l.SSID = rand.Text()
	} else {
		l.Token = rand.Text()
	}
	endpoint := setCad
	if c.set.leave == off {
		endpoint = unsetCad
	}
	a := c.send(ctx, "Send made-up credentials. This may suspend your login.", endpoint, l, c.set.agent)
	res := fails
	switch {
	case a.refusesLogin():
		res = holds
	case a.silent(c.set.agent), a.status == http.StatusNotFound:
		res = unclear
	}
	c.report.found(loginCodes, res, a.describe(c.redact, c.set.agent))
}
