package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// narrator tells the story between the CLI's lines. A reader that has left is no
// error: the signal that comes with it ends the demo.
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

// The escape sequences of a terminal.
const (
	plain = "0"
	bold  = "1"
	red   = "31"
	green = "32"
	cyan  = "36"
)

func (n narrator) paint(style, text string) string {
	if !n.color {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// say writes each line of a text behind the mark of the demo's own lines.
func (n narrator) say(style, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		_, _ = fmt.Fprintln(n.out, n.paint(cyan, "──"), n.paint(style, line))
	}
}

func (n narrator) title(text string) {
	_, _ = fmt.Fprintln(n.out)
	n.say(bold, text)
}

// file shows what a file holds or, if it held something before, which of its
// lines have changed.
func (n narrator) file(before, now string) {
	_, _ = fmt.Fprintln(n.out)
	if before == "" {
		_, _ = fmt.Fprintln(n.out, now)
		return
	}
	n.lines(red, "-", before, now)
	n.lines(green, "+", now, before)
	_, _ = fmt.Fprintln(n.out)
}

// lines shows those of a text that another does not have.
func (n narrator) lines(style, sign, text, other string) {
	for line := range strings.Lines(text) {
		if !strings.Contains("\n"+other, "\n"+line) {
			_, _ = fmt.Fprintln(n.out, n.paint(style, sign+" "+strings.TrimSpace(line)))
		}
	}
}
