package viz

import "unicode"

// Lengths, in pixels.
const (
	inch       = 72.0 // of Graphviz
	gapAcross  = 28.0
	gapAlong   = 46.0
	titleSize  = 16.0
	textSize   = 13.0
	smallSize  = 11.0
	lineHeight = 18.0
	padX, padY = 12.0, 8.0
	margin     = 28.0
	stub       = 9.0  // the mark of a bias below its vertex
	bold       = 1.08 // how much wider bold letters are
	longest    = 150.0
	perDim     = 9.0 // a vertex of few dimensions
)

// face is one sans-serif face, on all systems of nearly the same widths.
const face = `Inter,"Helvetica Neue",Helvetica,Arial,"Liberation Sans",sans-serif`

// look is the style sheet: a quiet palette, light and dark.
const look = `
svg{--paper:#fff;--ink:#1f2933;--quiet:#66727f;--line:#a3afbb;--forward:#f1f5f9;--forward-edge:#c2ced9;--loss:#fbf3dc;--loss-edge:#d9c37c;--backward:#e6f3ec;--backward-edge:#93c3a7;--gradient:#2b7a55;--second:#f1eaf8;--second-edge:#bfa5d6;--asked:#b9501a}
@media(prefers-color-scheme:dark){svg{--paper:#12161b;--ink:#e4e9ee;--quiet:#95a1ad;--line:#56626e;--forward:#1b222a;--forward-edge:#3b4855;--loss:#2b2617;--loss-edge:#6e6033;--backward:#15271e;--backward-edge:#3d6f55;--gradient:#6cc79a;--second:#251d2e;--second-edge:#6a5480;--asked:#f0945a}}
text{font-family:` + face + `;font-size:13px;fill:var(--ink)}
.paper{fill:var(--paper)}.name{font-weight:600}.small{font-size:11px;fill:var(--quiet)}.title{font-size:16px;font-weight:600}
.box{stroke-width:1.2;fill:var(--forward);stroke:var(--forward-edge)}.box.loss{fill:var(--loss);stroke:var(--loss-edge)}.box.backward{fill:var(--backward);stroke:var(--backward-edge)}.box.second{fill:var(--second);stroke:var(--second-edge)}
.box.input,.box.idle{fill:var(--paper)}.box.output{stroke:var(--quiet)}.box.bold{stroke:var(--asked);stroke-width:2}
.bar{fill:var(--line)}.bar.backward{fill:var(--gradient)}.bar.output,.bar.input{fill:var(--quiet)}
.line{fill:none;stroke:var(--line);stroke-width:1.3;stroke-linecap:round}.line.backward{stroke:var(--gradient)}.line.second{stroke:var(--second-edge)}.line.asked{stroke:var(--asked);stroke-width:2.2}.line.idle{stroke-width:1}.line.many{stroke-width:.8;stroke-opacity:.45}.line.dashed{stroke-dasharray:5 4}
.tip{fill:var(--line)}.tip.backward{fill:var(--gradient)}.tip.second{fill:var(--second-edge)}.tip.asked{fill:var(--asked)}
.dot{fill:var(--paper);stroke:var(--quiet);stroke-width:1.3}.stub{stroke:var(--quiet);stroke-width:1.2}
.on{font-size:11px;fill:var(--quiet);paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}.on.backward{fill:var(--gradient)}.on.asked{fill:var(--asked);font-weight:600}
.cut{stroke:var(--line);stroke-width:1;stroke-dasharray:2 4;fill:none}.delta{fill:var(--gradient)}
`

// wide holds the widths of printable ASCII in the face, in thousandths of its size.
var wide = [95]uint16{278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
	1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
	333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584}

// textWidth is how wide a text is in the face.
func textWidth(s string, size float64) float64 {
	sum := 0.0
	for _, r := range s {
		switch {
		case r >= ' ' && r <= '~':
			sum += float64(wide[r-' '])
		case unicode.Is(unicode.Mn, r):
		case r == 'ᵀ' || r == 'ₚ':
			sum += 420
		case r == '·' || r == '′' || r == '|' || r == '⟨' || r == '⟩':
			sum += 340
		case r == '→' || r == '…':
			sum += 1000
		case r == '²' || r == '³' || r >= '₀' && r <= '₉' || r == '⁻' || r == '¹':
			sum += 360
		case r >= 0x2E80:
			sum += 1000
		default:
			sum += 600
		}
	}
	return sum * size / 1000
}
