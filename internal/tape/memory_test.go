package tape

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// TestLayout: slots that are alive at the same time do not overlap, and those that are not
// share memory.
func TestLayout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stages := rapid.IntRange(1, 20).Draw(t, "stages")
		slots := make([]slot, rapid.IntRange(0, 30).Draw(t, "slots"))
		sum := 0
		for i := range slots {
			s := &slots[i]
			s.size = rapid.IntRange(0, 100).Draw(t, "size")
			s.first = rapid.IntRange(-1, stages-1).Draw(t, "first")
			s.last = rapid.IntRange(max(s.first, 0), stages).Draw(t, "last")
			s.bound = rapid.IntRange(0, 9).Draw(t, "bound") == 0
			sum += (s.size + 15) / 16 * 16
		}
		top := layout(slots, stages)
		assert.LessOrEqual(t, top, sum)
		for i, a := range slots {
			if a.bound || a.size == 0 {
				continue
			}
			assert.Zero(t, a.at%16)
			assert.LessOrEqual(t, a.at+a.size, top)
			for _, b := range slots[:i] {
				if b.bound || b.size == 0 || a.last < b.first || b.last < a.first {
					continue
				}
				if a.at < b.at+b.size && b.at < a.at+a.size {
					t.Fatalf("%+v and %+v overlap", a, b)
				}
			}
		}
	})
	chain := []slot{{size: 16, first: -1, last: 0}, {size: 16, first: 0, last: 1}, {size: 16, first: 1, last: 2}, {size: 16, first: 2, last: 3}}
	assert.Equal(t, 32, layout(chain, 4), "a chain needs two buffers")
}
