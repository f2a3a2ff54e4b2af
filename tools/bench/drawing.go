package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// curve is apply time over the size of the roster.
type curve struct {
	name   string
	set    bool // a set of IDs, not a map
	core   bool // without a provider
	points []point
}

type point struct{ agents, seconds float64 }

// The page, in pixels, and the plot on it.
const (
	width, height            = 720.0, 450.0
	left, right, top, bottom = 60.0, 680.0, 120.0, 400.0
)

// axis places values on a logarithmic scale between two pixels. It begins and
// ends at a mark.
type axis struct{ low, high, from, to float64 }

func newAxis(values []float64, from, to float64) axis {
	low, high := slices.Min(values), slices.Max(values)
	a := axis{from: from, to: to}
	for _, m := range marks(low/10, high*10) {
		if m <= low*1.001 {
			a.low = m
		}
		if m >= high*0.999 && a.high == 0 {
			a.high = m
		}
	}
	return a
}

func (a axis) at(v float64) float64 {
	return a.from + (a.to-a.from)*math.Log(v/a.low)/math.Log(a.high/a.low)
}

// marks are 1 and 3 of each decade between two values.
func marks(low, high float64) (marks []float64) {
	for decade := math.Floor(math.Log10(low)); decade <= math.Log10(high); decade++ {
		for _, m := range []float64{math.Pow(10, decade), 3 * math.Pow(10, decade)} {
			if m >= low*0.999 && m <= high*1.001 {
				marks = append(marks, m)
			}
		}
	}
	return marks
}

// page is a drawing in SVG.
type page struct{ out strings.Builder }

func (p *page) text(x, y float64, anchor, words string) {
	fmt.Fprintf(&p.out, `<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>`+"\n", x, y, anchor, words)
}

func (p *page) line(x1, y1, x2, y2 float64, style string) {
	fmt.Fprintf(&p.out, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" %s/>`+"\n", x1, y1, x2, y2, style)
}

// draw draws the curves, both axes logarithmic: blue a map, orange a set; whole
// with the provider, dashed and hollow without. The page is white in light and in
// dark surroundings, so that lines and text have the same contrast in both.
func draw(all []curve) string {
	var xs, ys []float64
	for _, c := range all {
		for _, p := range c.points {
			xs, ys = append(xs, p.agents), append(ys, p.seconds)
		}
	}
	x, y := newAxis(xs, left, right), newAxis(ys, bottom, top)

	p := &page{}
	fmt.Fprintf(&p.out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" font-family="Arial, Helvetica, sans-serif" font-size="13" fill="#24292f">`+"\n", width, height)
	fmt.Fprintf(&p.out, `<rect width="%g" height="%g" fill="#fff"/>`+"\n", width, height)
	p.text(width/2, 28, "middle", "Time of one apply over the size of the roster")
	p.text((left+right)/2, height-12, "middle", "roster (agents)")
	p.text(left, top-14, "start", "wall time (seconds)")
	for _, m := range marks(x.low, x.high) {
		p.line(x.at(m), top, x.at(m), bottom, `stroke="#d8dde2"`)
		p.text(x.at(m), bottom+18, "middle", thousands(int(math.Round(m))))
	}
	for _, m := range marks(y.low, y.high) {
		p.line(left, y.at(m), right, y.at(m), `stroke="#d8dde2"`)
		p.text(left-8, y.at(m)+4, "end", fmt.Sprintf("%.3g", m))
	}
	for i, c := range all {
		p.curve(c, x, y, left+60+float64(i/2)*310, 56+float64(i%2)*22)
	}
	return p.out.String() + "</svg>\n"
}

// curve draws one curve, and its line of the legend.
func (p *page) curve(c curve, x, y axis, legendX, legendY float64) {
	// Told apart by lightness too, for eyes and printers that see no color.
	color, style := "#0550ae", `stroke-width="2.5"`
	if c.set {
		color = "#e07b00"
	}
	fill := color
	if c.core {
		style, fill = `stroke-width="2" stroke-dasharray="6 4"`, "#fff"
	}
	style = fmt.Sprintf(`stroke="%s" fill="none" %s`, color, style)
	dot := func(x, y float64) {
		fmt.Fprintf(&p.out, `<circle cx="%.1f" cy="%.1f" r="4" stroke="%s" stroke-width="1.5" fill="%s"/>`+"\n", x, y, color, fill)
	}
	p.line(legendX, legendY, legendX+44, legendY, style)
	dot(legendX+22, legendY)
	p.text(legendX+54, legendY+4, "start", c.name)
	var path []string
	for _, at := range c.points {
		path = append(path, fmt.Sprintf("%.1f,%.1f", x.at(at.agents), y.at(at.seconds)))
	}
	fmt.Fprintf(&p.out, `<polyline points="%s" %s/>`+"\n", strings.Join(path, " "), style)
	for _, at := range c.points {
		dot(x.at(at.agents), y.at(at.seconds))
	}
}
