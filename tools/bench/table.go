package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// row is a line of the result: what was measured, and how that compares with the
// goal.
type row struct {
	work, measured, goal string
	met                  bool
}

// atMost is a row for a ratio of two measurements, which are shown beside it.
func atMost(work string, limit, got float64, ofWhat string) row {
	return row{
		work:     work,
		measured: fmt.Sprintf("%.2f × (%s)", got, ofWhat),
		goal:     "≤ " + strconv.FormatFloat(limit, 'f', -1, 64) + " ×",
		met:      got > 0 && got <= limit,
	}
}

// within is a row for a time and its limit, said in words.
func within(work string, limit, got time.Duration, measured, goal string) row {
	return row{work: work, measured: measured, goal: goal, met: got <= limit}
}

// writeTable writes the rows as a table in Markdown.
func writeTable(w io.Writer, rows []row) error {
	var out strings.Builder
	out.WriteString("| work | measured | goal | met |\n|---|---|---|---|\n")
	for _, r := range rows {
		met := "no"
		if r.met {
			met = "yes"
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", r.work, r.measured, r.goal, met)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// seconds shows a time with three digits that count, such as "0.123 s".
func seconds(d time.Duration) string {
	s := d.Seconds()
	switch {
	case s < 0.9995:
		return strconv.FormatFloat(s, 'f', 3, 64) + " s"
	case s < 9.995:
		return strconv.FormatFloat(s, 'f', 2, 64) + " s"
	default:
		return strconv.FormatFloat(s, 'f', 1, 64) + " s"
	}
}

// mebibytes shows a size in bytes.
func mebibytes(size int64) string {
	return fmt.Sprintf("%.0f MiB", float64(size)/(1<<20))
}

// thousands groups the digits of a number that is not negative.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
