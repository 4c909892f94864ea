package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// printJSON writes one line per variant with its versions, per case and variant, per row, and per
// variant left out.
func (r *report) printJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	var lines []any
	for _, a := range r.abouts {
		lines = append(lines, a)
	}
	for _, a := range r.measured {
		lines = append(lines, a)
	}
	for _, x := range r.rows {
		lines = append(lines, x)
	}
	for _, x := range r.skips {
		lines = append(lines, x)
	}
	for _, l := range lines {
		if err := enc.Encode(l); err != nil {
			return err
		}
	}
	return nil
}

// table is a heading with rows of cells.
type table struct {
	head []string
	rows [][]string
}

func (t table) plain(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range append([][]string{t.head}, t.rows...) {
		fmt.Fprintln(tw, strings.Join(r, "\t"))
	}
	_ = tw.Flush()
	fmt.Fprintln(w)
}

func (t table) markdown(w io.Writer) {
	fmt.Fprintf(w, "| %s |\n|%s\n", strings.Join(t.head, " | "), strings.Repeat(" --- |", len(t.head)))
	for _, r := range t.rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(r, " | "))
	}
	fmt.Fprintln(w)
}

// ratios is the table of bars.
func (r *report) ratios() table {
	t := table{head: []string{"what", "case", "bar", "ratio of minima", "", "median of ratios"}}
	order := func(what string) int {
		return slices.IndexFunc(comparisons, func(c comparison) bool { return c.what == what })
	}
	list := slices.Clone(r.rows)
	slices.SortStableFunc(list, func(a, b row) int {
		i, j := order(a.Row), order(b.Row)
		if i < 0 || j < 0 { // allocations last
			return j - i
		}
		return i - j
	})
	for _, x := range list {
		bar, met := "", ""
		if x.OK != nil {
			if bar = fmt.Sprintf("≤ %g", x.Bar); x.Least {
				bar = fmt.Sprintf("≥ %g", x.Bar)
			}
			if met = "met"; !*x.OK {
				met = "**missed**"
			}
		}
		t.rows = append(t.rows, []string{x.Row, x.Case, bar, number(x.Minima), met, number(x.Median)})
	}
	return t
}

// number shows three digits, or all of a larger whole part.
func number(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2f", x)
}

// times is the table of times.
func (r *report) times() table {
	t := table{head: []string{"case", "variant", "µs, least", "µs, median", "loss after 100 steps"}}
	for _, a := range r.measured {
		if a.Layout != "" {
			a.Variant += " (" + a.Layout + ")"
		}
		t.rows = append(t.rows, []string{a.Case, a.Variant, number(a.MinUs), number(a.MedianUs), fmt.Sprintf("%.10g", a.Loss100)})
	}
	return t
}

// who is the table of versions.
func (r *report) who() table {
	t := table{head: []string{"variant", "version", "threads", "products", "processor"}}
	for _, a := range r.abouts {
		t.rows = append(t.rows, []string{a.Variant, a.About.Version, fmt.Sprint(a.About.Threads), a.About.BLAS, strings.Trim(fmt.Sprint(a.Cores), "[]")})
	}
	return t
}

// print writes the report for a person.
func (r *report) print(w io.Writer, markdown bool) {
	fmt.Fprintf(w, "%s\n\n", where())
	r.body(w, markdown)
}

// body is the report without the day and the machine.
func (r *report) body(w io.Writer, markdown bool) {
	show, item := table.plain, "%s\n"
	if markdown {
		show, item = table.markdown, "- %s\n"
	}
	fmt.Fprintf(w, "%d rounds, %d ms a variant and round. A ratio is of times: above 1 the first of the pair is slower.\n\n", r.rounds, r.millis)
	show(r.ratios(), w)
	for _, n := range []string{"121", "1024"} {
		for _, v := range []string{"quivernet", "quivernet-go"} {
			if a, b := r.minima["full/"+n][v], r.minima["reduced/"+n][v]; a > 0 && b > 0 {
				fmt.Fprintf(w, item, fmt.Sprintf("full / reduced network, %s samples, %s: %s times the time per step (the paper: 2.04 times the time to a loss of 0.01)", n, v, number(a/b)))
			}
		}
	}
	if r.library == "" {
		fmt.Fprintf(w, item, "no library for products was found: quivernet and quivernet-go are the same, and so are the rows that would tell them apart")
	}
	for _, s := range r.skips {
		fmt.Fprintf(w, item, fmt.Sprintf("skipped %s: %s", s.Variant, s.Reason))
	}
	fmt.Fprintln(w)
	show(r.times(), w)
	show(r.who(), w)
}

// where is the day and the machine.
func where() string {
	return fmt.Sprintf("%s, %s/%s, %s", time.Now().Format("2006-01-02"), runtime.GOOS, runtime.GOARCH, processor())
}

// processor names the processor where the system tells it.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "an unnamed processor"
}
