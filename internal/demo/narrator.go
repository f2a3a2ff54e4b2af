package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// mark begins every line that is the demo's own.
const mark = "──"

// narrator tells the story between the CLI's lines.
type narrator struct {
	out   io.Writer
	color bool
}

// wantsColor is for a terminal whose user has not asked otherwise
// (https://no-color.org).
func wantsColor(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// ANSI colours.
const (
	bold  = "1"
	red   = "1;31"
	green = "32"
	cyan  = "36"
)

// colors matches what switches them.
var colors = regexp.MustCompile(`\x1b\[[0-9;]*m`)

func (n narrator) paint(color, text string) string {
	if !n.color {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// print writes each line of text behind the mark. A reader that has left is no
// error: the signal that comes with it ends the demo.
func (n narrator) print(color, text string) {
	for line := range strings.Lines(text) {
		_, _ = fmt.Fprintln(n.out, n.paint(cyan, mark)+" "+n.paint(color, strings.TrimSuffix(line, "\n")))
	}
}

func (n narrator) gap() { _, _ = fmt.Fprintln(n.out) }

func (n narrator) say(text string) { n.print("0", text) }

func (n narrator) title(text string) {
	n.gap()
	n.print(bold, text)
}

func (n narrator) fail(err error) {
	n.gap()
	n.print(red, "FAILED "+err.Error())
}

// file shows a file's lines, set in.
func (n narrator) file(text string) {
	n.gap()
	for line := range strings.Lines(text) {
		_, _ = fmt.Fprintln(n.out, strings.TrimRight("   "+strings.TrimSuffix(line, "\n"), " "))
	}
	n.gap()
}

// change shows which lines of a file have changed.
func (n narrator) change(from, to string) {
	var shown strings.Builder
	for line := range strings.Lines(from) {
		if !hasLine(to, line) {
			shown.WriteString(n.paint(red, "- "+strings.TrimSpace(line)) + "\n")
		}
	}
	for line := range strings.Lines(to) {
		if !hasLine(from, line) {
			shown.WriteString(n.paint(green, "+ "+strings.TrimSpace(line)) + "\n")
		}
	}
	n.file(shown.String())
}

func hasLine(text, line string) bool {
	for l := range strings.Lines(text) {
		if strings.TrimSpace(l) == strings.TrimSpace(line) {
			return true
		}
	}
	return false
}

// ledger says what the last command has led to.
func (n narrator) ledger(got outcome) {
	row := func(name, value string) { n.say(fmt.Sprintf("%-21s %s", name, value)) }
	row("exit code", strconv.Itoa(got.exitCode))
	if len(got.received) == 0 {
		row("the server received", "nothing")
	}
	for _, r := range got.received {
		row("the server received", call{r.Endpoint, r.AgentIDs}.String())
		row("with the credentials", carried(r.Credentials)+" (hidden here)")
		row("and answered", answered(r))
	}
	row("CAD is on for", list(got.enabled))
	row("the state lists", list(got.state.agents))
}

// carried names the credentials' fields as they are called in a request.
func carried(c deepcalltest.Credentials) string {
	var names []string
	for _, field := range [][2]string{{"ssid", c.SSID}, {"userId", c.UserID}, {"token", c.Token}} {
		if field[1] != "" {
			names = append(names, field[0])
		}
	}
	return strings.Join(names, ", ")
}

func answered(r deepcalltest.Request) string {
	var parts []string
	if len(r.Confirmed) > 0 {
		parts = append(parts, "success for "+list(r.Confirmed))
	}
	for _, id := range r.AgentIDs {
		if message, refused := r.Refused[id]; refused {
			parts = append(parts, fmt.Sprintf("%q for agent %s", message, id))
		}
	}
	return strings.Join(parts, ", ")
}

func list(ids []string) string {
	switch len(ids) {
	case 0:
		return "no agent"
	case 1:
		return "agent " + ids[0]
	}
	return "agents " + strings.Join(ids, ", ")
}
