package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// checker sends the requests of a check and follows what becomes of the agent.
type checker struct {
	set    settings
	dialog *dialog
	wire   *wire
	redact redactor
	report *report

	touched bool   // a request may have changed the agent
	state   string // on or off as confirmed last, "" if that is not known
}

func newChecker(set settings, d *dialog) *checker {
	ids := append([]string{set.agent}, set.batch...)
	if set.unknown != "" {
		ids = append(ids, set.unknown)
	}
	redact := newRedactor(set.login, ids)
	return &checker{set: set, dialog: d, wire: newWire(set.base), redact: redact, report: newReport(redact)}
}

// run tries one assumption after the other. The error says why it stopped, or
// that the agent may not be as the user wants it.
func (c *checker) run(ctx context.Context) error {
	err := c.first(ctx)
	if err == nil {
		c.repeat(ctx)
		c.unknown(ctx)
		c.batch(ctx)
		c.unset(ctx)
	}
	if left := c.leave(ctx); left != nil {
		return errors.Join(err, left)
	}
	if err == nil {
		c.wrongCredentials(ctx) // last: what follows a suspended login is refused
	}
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return err
}

// send sends one request, if the user agrees.
func (c *checker) send(ctx context.Context, why, endpoint string, l login, ids ...any) answer {
	r := request{l, ids}
	if !c.dialog.consents(ctx, why, c.wire.url(endpoint), r) {
		return answer{missing: "not sent"}
	}
	status, raw, err := c.wire.post(ctx, endpoint, r.encode())
	a := readAnswer(status, raw)
	if err != nil {
		a = answer{missing: c.redact.failure(err, c.set.base)}
	}
	c.dialog.say("   %s\n", a.summary())
	for _, id := range ids {
		if text(id) == c.set.agent {
			c.follow(endpoint, a)
			break
		}
	}
	return a
}

func (c *checker) ask(ctx context.Context, why, endpoint string, ids ...any) answer {
	return c.send(ctx, why, endpoint, c.set.login, ids...)
}

// follow notes what a request did to the agent.
func (c *checker) follow(endpoint string, a answer) {
	switch {
	case a.confirms(c.set.agent):
		c.touched, c.state = true, off
		if endpoint == setCad {
			c.state = on
		}
	case a.refused(), a.status/100 == 3, a.status/100 == 4, len(a.entries("errors", c.set.agent)) > 0:
		// Nothing was done.
	default:
		c.touched, c.state = true, ""
	}
}

// leave puts the agent where the user wants it, also after an interrupt: that
// was said when the check began.
func (c *checker) leave(ctx context.Context) error {
	if !c.touched || c.state == c.set.leave {
		return nil
	}
	if ctx.Err() != nil {
		ctx = context.WithoutCancel(ctx)
		c.dialog.yes = true
	}
	endpoint := setCad
	if c.set.leave == off {
		endpoint = unsetCad
	}
	if a := c.ask(ctx, "Set CAD to the final state.", endpoint, c.set.agent); !a.confirms(c.set.agent) {
		return fmt.Errorf("could not confirm that CAD is %s for the agent (%s): check it yourself", c.set.leave, a.describe(c.redact, c.set.agent))
	}
	return nil
}

// judge decides an assumption that holds if the agent was confirmed.
func (c *checker) judge(assumption string, a answer) {
	res := fails
	switch {
	case a.silent(c.set.agent):
		res = unclear
	case a.confirms(c.set.agent):
		res = holds
	}
	c.report.found(assumption, res, a.describe(c.redact, c.set.agent))
}

// judgeForm decides an assumption about the form of an answer.
func (c *checker) judgeForm(assumption string, a answer) result {
	problems, notes := a.form(c.redact, []string{c.set.agent})
	res := holds
	switch {
	case a.silent(c.set.agent), a.status != http.StatusOK, a.refused() && a.code() != "":
		res, problems, notes = unclear, nil, nil
	case len(problems) > 0:
		res = fails
	}
	evidence := a.describe(c.redact, c.set.agent)
	for _, words := range append(problems, notes...) {
		evidence += "; " + words
	}
	c.report.found(assumption, res, evidence)
	return res
}
