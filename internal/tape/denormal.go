package tape

import (
	"math"
	"unsafe"

	"github.com/quivernet/quivernet/internal/op"
)

// Processors compute with denormal numbers, those below the normal range, many times slower than with others. A timed
// program counts them.

// denormalEvery is how many runs of a tape there are to one in which denormal numbers are counted, beside the first.
const denormalEvery = 16

// smallest is the smallest normal number of a precision.
func smallest[T op.Float]() T {
	if unsafe.Sizeof(T(0)) == 4 {
		return T(0x1p-126)
	}
	x := math.Float64frombits(1 << 52) // 2⁻¹⁰²²
	return T(x)
}

// denormals counts the denormal numbers that a stage reads and makes, and all of them.
func (t *Tape[T]) denormals(m *Memory[T], a *about) (denormal, all int) {
	least := smallest[T]()
	count := func(slot int) {
		l, data := &t.slots[slot], m.slot[slot]
		rows, cols, ld := 1, len(data), 0
		if l.lane {
			rows, cols, ld = l.cols, t.n, t.ld
		}
		for i := range rows {
			for _, v := range data[i*ld:][:min(cols, len(data)-i*ld)] {
				if v != 0 && v < least && v > -least {
					denormal++
				}
			}
			all += cols
		}
	}
	for _, s := range a.reads {
		count(s)
	}
	for _, r := range a.makes {
		count(r.slot)
	}
	return denormal, all
}
