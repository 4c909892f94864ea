package formula

import (
	"fmt"
	"strings"
	"unicode"
)

// texRunes are the characters of names that LaTeX does not take as they are in math mode, and
// those beyond ASCII that it has.
var texRunes = map[rune]string{
	'_': `\_`, '#': `\#`, '$': `\$`, '%': `\%`, '&': `\&`, '{': `\{`, '}': `\}`,
	'~': `{\sim}`, '^': `{\wedge}`, '\\': `{\backslash}`, '\'': `{\prime}`,
	'→': `{\to}`, '·': `{\cdot}`, '∘': `{\circ}`, '∂': `{\partial}`, '×': `{\times}`, '÷': `{\div}`, '⊙': `{\odot}`, '≥': `{\geq}`, '≤': `{\leq}`, '∇': `{\nabla}`, '²': `{}^{2}`, '−': `-`, '′': `{\prime}`,
	'α': `{\alpha}`, 'β': `{\beta}`, 'γ': `{\gamma}`, 'δ': `{\delta}`, 'ε': `{\epsilon}`, 'ζ': `{\zeta}`, 'η': `{\eta}`,
	'θ': `{\theta}`, 'ι': `{\iota}`, 'κ': `{\kappa}`, 'λ': `{\lambda}`, 'μ': `{\mu}`, 'ν': `{\nu}`, 'ξ': `{\xi}`,
	'π': `{\pi}`, 'ρ': `{\rho}`, 'σ': `{\sigma}`, 'τ': `{\tau}`, 'υ': `{\upsilon}`, 'φ': `{\phi}`, 'χ': `{\chi}`,
	'ψ': `{\psi}`, 'ω': `{\omega}`, 'Γ': `{\Gamma}`, 'Δ': `{\Delta}`, 'Θ': `{\Theta}`, 'Λ': `{\Lambda}`, 'Ξ': `{\Xi}`,
	'Π': `{\Pi}`, 'Σ': `{\Sigma}`, 'Φ': `{\Phi}`, 'Ψ': `{\Psi}`, 'Ω': `{\Omega}`,
}

// TexName writes a name upright. Characters that no LaTeX of every installation has are
// written by their code point, U4E2D.
func TexName(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch t, ok := texRunes[r]; {
		case ok:
			b.WriteString(t)
		case r >= '₀' && r <= '₉':
			fmt.Fprintf(&b, "{}_{%c}", '0'+r-'₀')
		case r < unicode.MaxASCII && unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "{U%04X}", r)
		}
	}
	return `\mathrm{` + b.String() + "}"
}
