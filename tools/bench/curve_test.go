package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot"
)

func sampleCurves() []curve {
	return []curve{
		{name: "agents (map)", points: []point{{100, 250 * time.Millisecond, 150 * time.Millisecond}, {10_000, 1250 * time.Millisecond, time.Second}}},
		{name: "core alone, the same set", set: true, core: true, points: []point{{100, 150 * time.Millisecond, time.Second}, {3_000, 29 * time.Second, time.Second}}},
	}
}

func TestPoints(t *testing.T) {
	var out strings.Builder
	want := `curve,agents,wall_s,cpu_s
agents (map),100,0.250,0.150
agents (map),10000,1.250,1.000
"core alone, the same set",100,0.150,1.000
"core alone, the same set",3000,29.000,1.000
`
	if err := writePoints(&out, sampleCurves()); err != nil || out.String() != want {
		t.Errorf("error %v, points\n%s\nwant\n%s", err, out.String(), want)
	}
}

func TestDrawing(t *testing.T) {
	var out bytes.Buffer
	if err := draw(&out, sampleCurves()); err != nil {
		t.Fatal(err)
	}
	svg := out.String()
	for _, want := range []string{">agents (map)<", ">core alone, the same set<", ">wall time (seconds)<", ">roster (agents)<", ">10,000<", ">30<", ">0.1<", ",sans-serif;"} {
		if !strings.Contains(svg, want) {
			t.Errorf("%q is not in the drawing", want)
		}
	}
	for decoder := xml.NewDecoder(&out); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the drawing is no XML: %v", err)
		}
	}
}

func TestRoundOff(t *testing.T) {
	for _, c := range []struct{ low, high, wantLow, wantHigh float64 }{
		{0.15, 29, 0.1, 30},
		{0.3, 3, 0.3, 3},
		{0.29, 3.1, 0.1, 10},
	} {
		axis := plot.Axis{Min: c.low, Max: c.high}
		roundOff(&axis)
		if !near(axis.Min, c.wantLow) || !near(axis.Max, c.wantHigh) {
			t.Errorf("from %v to %v became %v to %v, want %v to %v", c.low, c.high, axis.Min, axis.Max, c.wantLow, c.wantHigh)
		}
	}
}

func near(a, b float64) bool { return a/b > 0.999 && a/b < 1.001 }
