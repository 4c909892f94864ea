package tape

import "slices"

// layout gives each slot of the arena its place, so that slots which are never alive at
// the same time share memory. It returns the size of the arena.
func layout(slots []slot, stages int) int {
	const align = 16 // numbers: a cache line in single precision, two in double
	begin := make([][]int, stages+1)
	end := make([][]int, stages+1)
	for i, s := range slots {
		if s.bound || s.private || s.size == 0 {
			continue
		}
		begin[s.first+1] = append(begin[s.first+1], i)
		if s.last < stages {
			end[s.last+1] = append(end[s.last+1], i)
		}
	}
	var free []hole // by place
	top := 0
	for stage := range stages + 1 {
		for _, i := range begin[stage] {
			size := (slots[i].size + align - 1) / align * align
			best := -1
			for j, h := range free {
				if h.size >= size && (best < 0 || h.size < free[best].size) {
					best = j
				}
			}
			if best < 0 {
				slots[i].at = top
				top += size
				continue
			}
			h := &free[best]
			slots[i].at = h.at
			if h.at, h.size = h.at+size, h.size-size; h.size == 0 {
				free = slices.Delete(free, best, best+1)
			}
		}
		for _, i := range end[stage] {
			free = release(free, hole{slots[i].at, (slots[i].size + align - 1) / align * align})
		}
	}
	return top
}

// hole is free memory of the arena.
type hole struct{ at, size int }

// release puts a hole into the list and joins it with its neighbours.
func release(free []hole, h hole) []hole {
	i, _ := slices.BinarySearchFunc(free, h, func(a, b hole) int { return a.at - b.at })
	if i < len(free) && h.at+h.size == free[i].at {
		free[i].at, free[i].size = h.at, h.size+free[i].size
	} else {
		free = slices.Insert(free, i, h)
	}
	if i > 0 && free[i-1].at+free[i-1].size == free[i].at {
		free[i-1].size += free[i].size
		free = slices.Delete(free, i, i+1)
	}
	return free
}
