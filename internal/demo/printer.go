package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// printer prints the demo's lines between those of the CLI. A reader that has left is
// no error: the signal that comes with it ends the demo.
type printer struct {
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

// The escape sequences of a terminal.
const (
	plain = "0"
	bold  = "1"
	red   = "31"
	green = "32"
	cyan  = "36"
)

func (p printer) paint(style, text string) string {
	if !p.color {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// say writes each line of a text behind the mark of the demo's own lines.
func (p printer) say(style, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		_, _ = fmt.Fprintln(p.out, p.paint(cyan, "──"), p.paint(style, line))
	}
}

func (p printer) title(text string) {
	_, _ = fmt.Fprintln(p.out)
	p.say(bold, text)
}

// file shows what a file holds or, if it held something before, which of its
// lines have changed.
func (p printer) file(before, now string) {
	_, _ = fmt.Fprintln(p.out)
	if before == "" {
		_, _ = fmt.Fprintln(p.out, now)
		return
	}
	p.lines(red, "-", before, now)
	p.lines(green, "+", now, before)
	_, _ = fmt.Fprintln(p.out)
}

// lines shows those of a text that another does not have.
func (p printer) lines(style, sign, text, other string) {
	for line := range strings.Lines(text) {
		if !strings.Contains("\n"+other, "\n"+line) {
			_, _ = fmt.Fprintln(p.out, p.paint(style, sign+" "+strings.TrimSpace(line)))
		}
	}
}
