package main

import (
	"bytes"
	"image/color"
	"io"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	drawing "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The page is white in light and in dark surroundings: lines and text then have
// the same contrast in both.
var (
	ink     = color.RGBA{R: 0x24, G: 0x29, B: 0x2f, A: 0xff}
	gridInk = color.RGBA{R: 0xd8, G: 0xdd, B: 0xe2, A: 0xff}
	// Told apart by lightness too, for eyes and printers that see no colour.
	setInk = color.RGBA{R: 0xe0, G: 0x7b, B: 0x00, A: 0xff}
	mapInk = color.RGBA{R: 0x05, G: 0x50, B: 0xae, A: 0xff}
)

const (
	width  = 19 * vg.Centimeter
	height = 12 * vg.Centimeter
	margin = 12 // points

	wallTime = "wall time (seconds)"
)

// figure is a plot and its legend, in a column for the map and one for the set. The
// legend has a band of its own above the plot, where no line can run into it.
type figure struct {
	plot    *plot.Plot
	columns map[bool]*plot.Legend // by whether it is the set's
}

// draw draws the curves as SVG, both axes logarithmic.
func draw(w io.Writer, all []curve) error {
	f := figure{plot: newPlot(), columns: map[bool]*plot.Legend{false: newLegend(), true: newLegend()}}
	for _, c := range all {
		if err := f.add(c); err != nil {
			return err
		}
	}
	roundOff(&f.plot.Y)

	page := vgsvg.New(width, height)
	f.draw(drawing.New(page))
	var out bytes.Buffer
	if _, err := page.WriteTo(&out); err != nil {
		return err
	}
	// The library names its own font alone. Arial has the same widths.
	named, instead := []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;")
	_, err := w.Write(bytes.ReplaceAll(out.Bytes(), named, instead))
	return err
}

func (f figure) draw(c drawing.Canvas) {
	c.SetColor(color.White)
	c.Fill(c.Path())
	c = drawing.Crop(c, margin, -1.5*margin, margin, -1.5*margin)

	title := f.plot.Title.TextStyle.Height(f.plot.Title.Text) + margin
	legend := title
	for _, column := range f.columns {
		legend = max(legend, title+column.Rectangle(c).Size().Y)
	}
	unit := f.plot.X.Label.TextStyle
	unit.XAlign, unit.YAlign = drawing.XLeft, drawing.YTop
	top := legend + 1.5*margin
	f.plot.Title.Padding = top + 2.3*unit.Height(wallTime) - title
	f.plot.Draw(c)
	// The library takes an axis for linear when it makes room for a label at its
	// side, so that this one stands above.
	c.FillText(unit, vg.Point{X: c.Min.X, Y: c.Max.Y - top}, wallTime)
	middle := c.Size().X / 2
	f.columns[false].Draw(drawing.Crop(c, middle/4, 0, 0, -title))
	f.columns[true].Draw(drawing.Crop(c, middle*9/8, 0, 0, -title))
}

func newLegend() *plot.Legend {
	l := plot.NewLegend()
	l.Top, l.Left = true, true
	l.TextStyle.Color = ink
	l.TextStyle.Font.Variant = "Sans"
	l.ThumbnailWidth = vg.Points(32)
	l.Padding = vg.Points(4)
	return &l
}

func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil // the whole page has one
	p.Title.Text = "Time of one apply over the size of the roster"
	p.X.Label.Text = "roster (agents)"
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Scale = plot.LogScale{}
		axis.Color, axis.Tick.Color = ink, ink
		axis.Label.TextStyle.Color, axis.Tick.Label.Color = ink, ink
		axis.Label.Padding = vg.Points(6)
		axis.Tick.Marker = plot.TickerFunc(ticks)
	}
	p.Title.TextStyle.Color = ink
	for _, f := range []*font.Font{
		&p.Title.TextStyle.Font, &p.X.Label.TextStyle.Font, &p.Y.Label.TextStyle.Font,
		&p.X.Tick.Label.Font, &p.Y.Tick.Label.Font,
	} {
		f.Variant = "Sans"
	}
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = gridInk, gridInk
	p.Add(grid)
	return p
}

// add adds a line with its points: blue a map, orange a set; whole with the
// provider, dashed and hollow without.
func (f figure) add(c curve) error {
	xys := make(plotter.XYs, len(c.points))
	for i, one := range c.points {
		xys[i] = plotter.XY{X: float64(one.agents), Y: one.wall.Seconds()}
	}
	line, points, err := plotter.NewLinePoints(xys)
	if err != nil {
		return err
	}
	line.Color, points.Color = mapInk, mapInk
	if c.set {
		line.Color, points.Color = setInk, setInk
	}
	line.Width, points.Radius = vg.Points(2), vg.Points(3.5)
	points.Shape = drawing.CircleGlyph{}
	if c.core {
		line.Width = vg.Points(1.5)
		line.Dashes = []vg.Length{vg.Points(5), vg.Points(3)}
		points.Shape = drawing.RingGlyph{}
	}
	f.plot.Add(line, points)
	f.columns[c.set].Add(c.name, line, points)
	return nil
}

// roundOff lets an axis begin and end at a tick with a label.
func roundOff(axis *plot.Axis) {
	low, high := axis.Min, axis.Max
	for _, t := range ticks(low/10, high*10) {
		switch {
		case t.Label == "":
		case t.Value <= low:
			axis.Min = t.Value
		case t.Value >= high:
			axis.Max = t.Value
			return
		}
	}
}

// ticks marks 1 and 3 of each decade with a label, its other digits without. What
// lies outside would take up room.
func ticks(low, high float64) []plot.Tick {
	var marks []plot.Tick
	for decade := math.Floor(math.Log10(low)); decade <= math.Ceil(math.Log10(high)); decade++ {
		for digit := 1; digit < 10; digit++ {
			mark := plot.Tick{Value: float64(digit) * math.Pow(10, decade)}
			if decade < 0 { // 3 × 10⁻¹ is not 0.3 to the last bit, 3 ÷ 10 is
				mark.Value = float64(digit) / math.Pow(10, -decade)
			}
			if mark.Value < low || mark.Value > high {
				continue
			}
			if digit == 1 || digit == 3 {
				mark.Label = label(mark.Value)
			}
			marks = append(marks, mark)
		}
	}
	return marks
}

func label(value float64) string {
	if value >= 1 {
		return thousands(int(math.Round(value)))
	}
	return strconv.FormatFloat(value, 'g', 1, 64)
}
