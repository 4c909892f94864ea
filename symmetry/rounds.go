package symmetry

import (
	"github.com/quivernet/quivernet/internal/deviation"
	"github.com/quivernet/quivernet/quiver"
)

// rounds removes units and chooses subspaces in turn, until nothing changes.
func (c *Compression) rounds(o options) error {
	for w := c.original; w != nil; w = c.again() {
		if c.removed != nil {
			less, changed, err := c.removed.Reduce(w, o.keep, o.domain, c.turned())
			if err != nil {
				return err
			}
			if !changed && c.frame != nil {
				break // the last round stands
			}
			if c.frame != nil {
				c.bases = append(c.bases, deviation.Step{Original: c.original, Reduced: c.Reduced, Frame: c.frame})
			}
			w = less
		}
		c.original = w
		if err := c.reframe(o); err != nil {
			return err
		}
	}
	if c.removed != nil {
		for _, u := range c.removed.Units {
			c.Units = append(c.Units, UnitChange{u.Vertex, u.Unit, Fate(u.Fate), u.Twin, u.Factor, u.Value, u.On})
		}
	}
	return nil
}

// turned says which vertices have new coordinates; nil before the first frame.
func (c *Compression) turned() []bool {
	if c.frame == nil {
		return nil
	}
	t := make([]bool, len(c.frame.Basis))
	for v, b := range c.frame.Basis {
		t[v] = b != nil
	}
	return t
}

// again returns the network that another round should start from: the reduced one, if its
// vertices have new coordinates, in which units may be equal that were not, and nothing but
// rounding was cut; or nil.
func (c *Compression) again() *quiver.Rep {
	if c.removed == nil || !c.frame.Exact && !c.frame.Summed {
		return nil
	}
	for _, b := range c.frame.Basis {
		if b != nil {
			return c.Reduced
		}
	}
	return nil
}
