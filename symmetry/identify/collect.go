package identify

import (
	"hash/fnv"
	"math"
	"math/big"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/rank"
	"github.com/quivernet/quivernet/internal/rescale"
)

// collector takes samples one by one and keeps what a report on them needs: the
// factor R of their Jacobian, the activation patterns, the slopes that each unit
// has shown.
type collector struct {
	net      *pieces.Network
	sweep    *pieces.Sweep
	red      *rank.Reducer
	block    []float64
	balance  []float64
	tol      float64
	samples  int
	boundary *pieces.BoundaryError
	patterns map[[16]byte]struct{} // hashes
	crowded  bool                  // more patterns than are kept
	low, top [][]float64
}

// mostPatterns is how many activation patterns a collector tells apart.
const mostPatterns = 1 << 18

func newCollector(net *pieces.Network, tol float64) *collector {
	c := &collector{net: net, sweep: net.NewSweep(), red: rank.NewReducer(net.Params), block: make([]float64, net.OutDim*net.Params),
		balance: rescale.Balance(net), tol: tol, boundary: &pieces.BoundaryError{}, patterns: make(map[[16]byte]struct{})}
	for i := range net.Vertices {
		lo, hi := make([]float64, net.Vertices[i].Dim), make([]float64, net.Vertices[i].Dim)
		for r := range lo {
			lo[r], hi[r] = math.Inf(1), math.Inf(-1)
		}
		c.low, c.top = append(c.low, lo), append(c.top, hi)
	}
	return c
}

// add takes one sample; one that lies on a kink is left out and counted. Errors:
// OverflowError.
func (c *collector) add(x []float64) error {
	s, n := c.sweep.State, c.boundary.Of
	c.boundary.Of++
	b, kink, err := c.sweep.Sample(c.block, x, n)
	if err != nil {
		return err
	}
	if kink {
		c.boundary.Count++
		if len(c.boundary.First) < 8 {
			c.boundary.First = append(c.boundary.First, b)
		}
		return nil
	}
	c.samples++
	for k := range c.net.OutDim {
		c.red.Add(c.block[k*c.net.Params : (k+1)*c.net.Params])
	}
	for i := range c.net.Vertices {
		for r, d := range s.Slope[i] {
			c.low[i][r], c.top[i][r] = min(c.low[i][r], d), max(c.top[i][r], d)
		}
	}
	if !c.crowded {
		var key [16]byte
		h := fnv.New128a()
		_, _ = h.Write([]byte(c.net.Pattern(s)))
		h.Sum(key[:0])
		c.patterns[key] = struct{}{}
		c.crowded = len(c.patterns) >= mostPatterns
	}
	return nil
}

func (c *collector) rank() rank.Report { return c.red.ScaledRank(c.balance, c.tol) }

// constant returns the slope of a piecewise linear unit that was the same at all
// samples.
func (c *collector) constant(v, unit int) (float64, bool) {
	lo, hi := c.low[v][unit], c.top[v][unit]
	return lo, c.net.Vertices[v].PiecewiseLinear && !c.net.Vertices[v].IsSource() && lo == hi
}

// bounds returns the upper bounds on the rank of J that apply to the samples seen.
func (c *collector) bounds() []Bound {
	net := c.net
	var bs []Bound
	add := func(name string, value int, why string) { bs = append(bs, Bound{name, value, why}) }
	rows := new(big.Int).Mul(big.NewInt(int64(c.samples)), big.NewInt(int64(net.OutDim)))
	if rows.IsInt64() && rows.Int64() < math.MaxInt {
		add("rows", int(rows.Int64()), "samples × outputs")
	}
	s := rescale.Of(net)
	add("rescaling", net.Params-s.Dim(), "parameters − independent rescalings")
	if net.CheckLinear("") != nil {
		return bs
	}
	if !c.crowded {
		add("patterns", (net.InDim+1)*net.OutDim*len(c.patterns), "(inputs+1) × outputs × activation patterns")
	}
	if v, ok := c.symmetryBound(s); ok {
		add("symmetry", v, "parameters − those of units off at all samples − symmetries of units with one slope at all samples")
	}
	return bs
}
