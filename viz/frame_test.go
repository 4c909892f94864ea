package viz

import (
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	stripPattern = regexp.MustCompile(`<svg x="[-0-9.]+" y="[-0-9.]+" width="[-0-9.]+" height="[-0-9.]+" viewBox="([-0-9.]+) ([-0-9.]+) ([-0-9.]+) ([-0-9.]+)"`)
	boxPattern   = regexp.MustCompile(`<rect class="box[^"]*" x="([-0-9.]+)" y="[-0-9.]+" width="([-0-9.]+)"`)
)

// TestFrames: the strips of a folded picture show the boxes at its two ends with the whole of their frames, which reach beyond them
// by half of a stroke of 2.
func TestFrames(t *testing.T) {
	for _, reach := range []int{1, 3} {
		picture, err := SVG(ladder(t, 48, reach))
		require.NoError(t, err)
		number := func(s string) float64 {
			x, err := strconv.ParseFloat(s, 64)
			require.NoError(t, err)
			return x
		}
		strips := stripPattern.FindAllStringSubmatch(string(picture), -1)
		require.Greater(t, len(strips), 1)
		boxes := boxPattern.FindAllStringSubmatch(string(picture), -1)
		require.Greater(t, len(boxes), 40)
		for _, b := range boxes {
			x0, whole := number(b[1]), 0
			x1 := x0 + number(b[2])
			for _, s := range strips {
				if lo := number(s[1]); x0-1 >= lo && x1+1 <= lo+number(s[3]) {
					whole++
				}
			}
			assert.Equal(t, 1, whole, "the box from %v to %v", x0, x1)
		}
	}
}
