package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// mark begins every line that is the demo's own.
const mark = "──"

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

// ANSI colors.
const (
	bold  = "1"
	red   = "31"
	green = "32"
	cyan  = "36"
)

func (n narrator) paint(color, text string) string {
	if !n.color || text == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// print writes each line of text behind the mark.
func (n narrator) print(color, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		_, _ = fmt.Fprintln(n.out, n.paint(cyan, mark), n.paint(color, line))
	}
}

func (n narrator) gap()              { _, _ = fmt.Fprintln(n.out) }
func (n narrator) say(text string)   { n.print("0", text) }
func (n narrator) title(text string) { n.gap(); n.print(bold, text) }
func (n narrator) fail(err error)    { n.gap(); n.print(red, "FAILED "+err.Error()) }

// file shows what a file holds or, if it held something before, which of its
// lines have changed.
func (n narrator) file(before, now string) {
	show := func(text, other, color, sign string) {
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if before == "" {
				_, _ = fmt.Fprintln(n.out, strings.TrimRight("   "+line, " "))
			} else if !strings.Contains("\n"+other, "\n"+line+"\n") {
				_, _ = fmt.Fprintln(n.out, "  ", n.paint(color, sign+" "+strings.TrimSpace(line)))
			}
		}
	}
	n.gap()
	show(before, now, red, "-")
	show(now, before, green, "+")
	n.gap()
}
