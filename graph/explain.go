package graph

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/tape"
)

// Explanation says how a program computes: which nodes of the expression graph each stage
// computes in one pass, in which buffers, with how many operations.
type Explanation struct {
	Batch  int
	Stages []StageInfo
	Arena  int // bytes of the memory that the buffers share
	Sum    int // bytes of all buffers, were none shared
	Nodes  int // nodes of the expression graph that the stages compute
	Unused int // nodes of the graph that nothing wanted needs
}

// StageInfo describes one stage: its Kind (forward, backward, gradient, loss, gather, copy, number or operation), the vertex or arrow
// that it belongs to, Owner, the formula, Text, the Nodes that it computes, of which several are fused, its floating-point operations,
// Flops, additions and multiplications counted each, the Bytes that it reads and writes, and the buffers that it fills, Made.
type StageInfo = tape.StageInfo

// Buffer is where a stage leaves a result: its Offset in the arena, in bytes, −1 where it is the caller's memory or an own one, and its
// Bytes.
type Buffer = tape.Buffer

// Explain describes a step (loss and gradient where there is a loss, else the outputs) at the
// first precompiled batch size, or for 2 samples. Of an unfused program it lists the
// nodes.
func (p *Program) Explain() (*Explanation, error) {
	if err := p.made(); err != nil {
		return nil, err
	}
	return p.ExplainFor(p.shown)
}

// ExplainFor is Explain for n samples, as one chunk.
func (p *Program) ExplainFor(n int) (*Explanation, error) {
	if err := p.made(); err != nil {
		return nil, err
	}
	if n < 1 {
		return nil, &DataError{What: "ExplainFor", Reason: fmt.Sprintf("%d samples; want at least 1", n)}
	}
	return p.engine.explain(n)
}

func (r *runner[T]) explain(rows int) (*Explanation, error) {
	k := key{rows: rows, purpose: outputsOnly}
	widths := r.p.TargetWidths(nil)
	if len(r.p.Losses) > 0 {
		k.purpose = lossAndGrad
	}
	u, err := r.unit(k, widths)
	if err != nil {
		return nil, err
	}
	x := &Explanation{Batch: rows}
	if u.plan != nil {
		computed := u.plan.Computed()
		for _, n := range computed {
			info := StageInfo{Kind: "operation", Owner: u.e.ArrowOf(n), Text: fmt.Sprintf("%s = %v", n.Name(), n.Op()), Nodes: []string{n.Name()}}
			x.Stages = append(x.Stages, info)
		}
		x.Nodes = len(computed)
		return x, nil
	}
	d := u.tape.Describe()
	x.Stages, x.Arena, x.Sum, x.Nodes = d.Stages, d.Arena, d.Sum, d.Nodes
	for _, n := range u.e.Graph.AllNodes() {
		if len(op.Children(n)) > 0 {
			x.Unused++
		}
	}
	x.Unused -= x.Nodes
	return x, nil
}

// Flops returns the floating-point operations of a step.
func (x *Explanation) Flops() (sum int) {
	if x == nil {
		return 0
	}
	for _, s := range x.Stages {
		sum += s.Flops
	}
	return sum
}

// PerVertex sums operations and bytes by owner, in order of first appearance.
func (x *Explanation) PerVertex() []StageInfo {
	if x == nil {
		return nil
	}
	var out []StageInfo
	for _, s := range x.Stages {
		i := slices.IndexFunc(out, func(o StageInfo) bool { return o.Owner == s.Owner })
		if i < 0 {
			out = append(out, StageInfo{Owner: s.Owner})
			i = len(out) - 1
		}
		out[i].Flops += s.Flops
		out[i].Bytes += s.Bytes
		out[i].Nodes = append(out[i].Nodes, s.Nodes...)
	}
	return out
}

// String prints the stages and the sums.
func (x *Explanation) String() string {
	if x == nil {
		return "nothing was explained\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d stages for %d nodes, batch %d; nodes not needed: %d\n", len(x.Stages), x.Nodes, x.Batch, x.Unused)
	fmt.Fprintf(&b, "%d floating-point operations; arena %d bytes for %d bytes of buffers\n\n", x.Flops(), x.Arena, x.Sum)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "stage\tof\twhat\toperations\tbytes\tinto\tnodes")
	for _, s := range x.Stages {
		var into []string
		for _, m := range s.Made {
			if m.Offset < 0 {
				into = append(into, "own")
			} else {
				into = append(into, fmt.Sprintf("%d+%d", m.Offset, m.Bytes))
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%s\t%s\n", s.Kind, s.Owner, s.Text, s.Flops, s.Bytes, strings.Join(into, " "), strings.Join(s.Nodes, ", "))
	}
	w.Flush()
	b.WriteString("\n")
	w = tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "vertex or arrow\toperations\tbytes\tnodes")
	for _, s := range x.PerVertex() {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", s.Owner, s.Flops, s.Bytes, len(s.Nodes))
	}
	w.Flush()
	return b.String()
}
