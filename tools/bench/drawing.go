package main

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

// curve is apply time over the size of the roster: blue for a map, orange for a
// set; dashed and hollow where core is alone. So they can be told apart without
// colors, too.
type curve struct {
	Name, Color      string
	Core             bool
	LegendX, LegendY int
	Points           []point
}

type point struct{ Agents, Seconds float64 }

// newCurves are all that are drawn, still without points.
func newCurves() []curve {
	const blue, orange = "#0550ae", "#e07b00"
	return []curve{
		{Name: "agents (map)", Color: blue, LegendX: 120, LegendY: 56},
		{Name: "core alone, the same map", Color: blue, Core: true, LegendX: 120, LegendY: 78},
		{Name: "agent_ids (set)", Color: orange, LegendX: 430, LegendY: 56},
		{Name: "core alone, the same set", Color: orange, Core: true, LegendX: 430, LegendY: 78},
	}
}

// axis places values on a logarithmic scale between two pixels. It begins and
// ends at a mark.
type axis struct {
	Marks    []float64
	from, to float64
}

func newAxis(values []float64, from, to float64) axis {
	marks := []float64{0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000}
	for marks[1] <= slices.Min(values) {
		marks = marks[1:]
	}
	for marks[len(marks)-2] >= slices.Max(values) {
		marks = marks[:len(marks)-1]
	}
	return axis{marks, from, to}
}

// At is a value's place, in pixels.
func (a axis) At(v float64) string {
	low, high := a.Marks[0], a.Marks[len(a.Marks)-1]
	return strconv.FormatFloat(a.from+(a.to-a.from)*math.Log(v/low)/math.Log(high/low), 'f', 1, 64)
}

// The page is white in light and in dark surroundings, so that lines and text
// have the same contrast in both.
//
//go:embed drawing.svg.tmpl
var page string

// draw draws the rows of a table: curve, agents, seconds of wall time.
func draw(rows [][]string) (string, error) {
	all := newCurves()
	var xs, ys []float64
	for _, row := range rows {
		var p point
		if _, err := fmt.Sscan(row[1]+" "+row[2], &p.Agents, &p.Seconds); err != nil {
			return "", err
		}
		i := slices.IndexFunc(all, func(c curve) bool { return c.Name == row[0] })
		all[i].Points = append(all[i].Points, p)
		xs, ys = append(xs, p.Agents), append(ys, p.Seconds)
	}
	grouped := func(mark float64) string { return thousands(int(mark)) }
	var svg strings.Builder
	drawing := template.Must(template.New("drawing").Funcs(template.FuncMap{"thousands": grouped}).Parse(page))
	err := drawing.Execute(&svg, struct {
		X, Y   axis
		Curves []curve
	}{newAxis(xs, 60, 680), newAxis(ys, 400, 120), all})
	return svg.String(), err
}
