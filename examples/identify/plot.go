package main

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
)

// draw plots the full-rank share against depth, one line per width, with error bars of
// one standard error. The ending of the file name decides the format.
func draw(file string, rows []row) error {
	p := plot.New()
	p.Title.Text = "Networks without hidden continuous symmetry"
	p.X.Label.Text = "depth (affine layers)"
	p.Y.Label.Text = "share of full functional dimension"
	p.X.Tick.Marker = plot.ConstantTicks([]plot.Tick{{Value: 4, Label: "4"}, {Value: 5, Label: "5"}, {Value: 6, Label: "6"}})
	p.X.Min, p.X.Max, p.Y.Min = 3.8, 6.2, 0
	p.Legend.Top = true
	var widths []int
	lines := make(map[int]plotter.XYs)
	errs := make(map[int]plotter.YErrors)
	for _, r := range rows {
		if lines[r.Width] == nil {
			widths = append(widths, r.Width)
		}
		lines[r.Width] = append(lines[r.Width], plotter.XY{X: float64(r.Depth), Y: r.Share})
		errs[r.Width] = append(errs[r.Width], struct{ Low, High float64 }{r.ShareError, r.ShareError})
	}
	for i, w := range widths {
		line, points, err := plotter.NewLinePoints(lines[w])
		if err != nil {
			return err
		}
		bars, err := plotter.NewYErrorBars(struct {
			plotter.XYer
			plotter.YErrorer
		}{lines[w], errs[w]})
		if err != nil {
			return err
		}
		line.Color, points.Color, bars.Color = plotutil.Color(i), plotutil.Color(i), plotutil.Color(i)
		points.Shape = plotutil.Shape(i)
		p.Add(line, points, bars)
		p.Legend.Add(fmt.Sprintf("width %d", w), line, points)
	}
	return p.Save(14*vg.Centimeter, 10*vg.Centimeter, file)
}
