package rewrite

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/op"
)

// checkGolden compares text with a file of testdata.
// Measured gaps are rounding, which depends on the processor: a small one is written ≈0.
func checkGolden(t *testing.T, file, text string) {
	t.Helper()
	golden.Check(t, file, rounding.ReplaceAllString(text, "max gap ≈0"))
}

var rounding = regexp.MustCompile(`max gap (0|[0-9.]+e-1[3-9])\b`)

// drawing writes what the roots need, one node a line, numbered afresh.
func drawing(roots G.Nodes) string {
	var b strings.Builder
	number := make(map[*G.Node]int)
	for i, n := range op.Ancestors(roots) {
		number[n] = i
		var in []string
		for _, c := range op.Children(n) {
			in = append(in, fmt.Sprintf("%%%d", number[c]))
		}
		what := fmt.Sprint(n.Op())
		if n.Op() == nil || inspect.KindOf(n.Op()).Name == "constant" {
			what = n.Name()
			if n.Op() != nil {
				what = fmt.Sprint(n.Value())
			}
		}
		if len(in) > 0 {
			what += "(" + strings.Join(in, ", ") + ")"
		}
		fmt.Fprintf(&b, "  %%%d = %s %v\n", i, what, n.Shape())
	}
	for _, n := range roots {
		fmt.Fprintf(&b, "  root %%%d\n", number[n])
	}
	return b.String()
}
