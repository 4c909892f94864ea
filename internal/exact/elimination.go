package exact

// Elimination eliminates rows one by one modulo a prime and counts those that do not
// vanish. The rank modulo a prime is at most the rank over the rationals, since a minor
// that is not 0 modulo p is not 0.
type Elimination struct {
	p    uint64
	rows [][]uint64 // reduced rows with a leading 1
	lead []int
}

// NewElimination returns an elimination modulo the prime p < 2⁶³ that has no rows yet.
func NewElimination(p uint64) *Elimination { return &Elimination{p: p} }

// Rank returns the number of rows that did not vanish.
func (m *Elimination) Rank() int { return len(m.rows) }

// Add gives one row, which it overwrites, and reports whether the rank grew.
func (m *Elimination) Add(row []uint64) bool {
	p := m.p
	for k, r := range m.rows {
		j := m.lead[k]
		f := row[j]
		if f == 0 {
			continue
		}
		f = p - f
		for t := j; t < len(row); t++ {
			if r[t] != 0 {
				if row[t] += mulMod(f, r[t], p); row[t] >= p {
					row[t] -= p
				}
			}
		}
	}
	for j, v := range row {
		if v == 0 {
			continue
		}
		inv := powMod(v, p-2, p)
		for t := j; t < len(row); t++ {
			row[t] = mulMod(row[t], inv, p)
		}
		// keep the rows in order of their leading columns, so that one pass suffices
		k := len(m.lead)
		for k > 0 && m.lead[k-1] > j {
			k--
		}
		m.lead = append(m.lead, 0)
		copy(m.lead[k+1:], m.lead[k:])
		m.lead[k] = j
		m.rows = append(m.rows, nil)
		copy(m.rows[k+1:], m.rows[k:])
		m.rows[k] = append([]uint64(nil), row...)
		return true
	}
	return false
}
