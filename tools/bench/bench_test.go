package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	for want, values := range map[int64][]int64{7: {7}, 5: {9, 1, 5}, 6: {8, 2, 4, 100}} {
		if got := median(values); got != want {
			t.Errorf("median of %v is %d, want %d", values, got, want)
		}
	}
	s := samples{planning: {{peak: 10}, {peak: 90}, {peak: 20}}, applying: {{peak: 40}, {peak: 30}, {peak: 50}}}
	if got := s.peak(); got != 50 { // the runs' peaks are 40, 90 and 50
		t.Errorf("peak %d, want 50", got)
	}
}

func TestTable(t *testing.T) {
	want := `| work | measured | goal | met |
|---|---|---|---|
| a | 1.15 × (x to y) | ≤ 1.15 × | yes |
| b | 2.00 × (x to y) | ≤ 2 × | no |
`
	if got := table([]row{atMost("a", 1.15, 1.15, 1, "x to y"), atMost("b", 2, 4.008, 2, "x to y")}); got != want {
		t.Errorf("table\n%s\nwant\n%s", got, want)
	}
	for d, want := range map[time.Duration]string{
		1234 * time.Microsecond: "0.001 s", 999600 * time.Microsecond: "1.00 s", 9996 * time.Millisecond: "10.0 s", -20 * time.Millisecond: "-0.020 s",
	} {
		if got := seconds(d); got != want {
			t.Errorf("%s is shown as %q, want %q", d, got, want)
		}
	}
	if got := thousands(1_234_567) + " " + thousands(999); got != "1,234,567 999" {
		t.Errorf("thousands: %s", got)
	}
}

func TestDrawing(t *testing.T) {
	svg := draw([]curve{
		{name: "agents (map)", points: []point{{100, 0.25}, {10_000, 1.25}}},
		{name: "core alone", set: true, core: true, points: []point{{100, 0.15}, {3_000, 29}}},
	})
	for _, want := range []string{">agents (map)<", ">core alone<", ">wall time (seconds)<", ">roster (agents)<", ">10,000<", ">30<", ">0.1<"} {
		if !strings.Contains(svg, want) {
			t.Errorf("%q is not in the drawing", want)
		}
	}
	for decoder := xml.NewDecoder(strings.NewReader(svg)); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the drawing is not XML: %v", err)
		}
	}
	for _, c := range []struct{ low, high, wantLow, wantHigh float64 }{{0.15, 29, 0.1, 30}, {0.3, 3, 0.3, 3}, {0.29, 3.1, 0.1, 10}} {
		a := newAxis([]float64{c.low, c.high}, 0, 1)
		if got, want := fmt.Sprintf("%.3g %.3g", a.low, a.high), fmt.Sprintf("%.3g %.3g", c.wantLow, c.wantHigh); got != want {
			t.Errorf("from %v to %v became %s, want %s", c.low, c.high, got, want)
		}
	}
}
