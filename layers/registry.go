package layers

import (
	"strconv"
	"strings"
	"sync"

	"github.com/quivernet/quivernet/internal/scalar"
)

var registry = struct {
	sync.RWMutex
	lambdas map[string]Lambda
}{lambdas: map[string]Lambda{"onenorm": OneNorm{}}}

// RegisterLambda makes Parse know the rescaling activation Rescaling(name, lambda),
// which is a closure that no text describes. A later registration of the same name
// replaces the earlier one. It panics with *ConstantError where the name is empty or means
// an activation of the catalogue, or lambda is nil.
func RegisterLambda(name string, lambda Lambda) {
	if name == "" || lambda == nil {
		panic(refusal("RegisterLambda", strconv.Quote(name), "want a name and a function"))
	}
	if _, err := parseActivation(name, 0); err == nil || strings.HasPrefix(name, "restrict(") {
		panic(refusal("RegisterLambda", strconv.Quote(name), "that name is taken by the catalogue; choose another"))
	}
	registry.Lock()
	defer registry.Unlock()
	registry.lambdas[name] = lambda
}

func registered(name string) (Lambda, bool) {
	registry.RLock()
	defer registry.RUnlock()
	l, ok := registry.lambdas[name]
	return l, ok
}

// funcs are the functions without constants, and families those with constants, by name.
var (
	funcs = func() map[string]Func {
		m := make(map[string]Func)
		for _, f := range scalar.Catalogue() {
			m[f.Text] = f
		}
		return m
	}()
	families = func() map[string]scalar.Family {
		m := make(map[string]scalar.Family)
		for _, f := range scalar.Families() {
			m[f.Name] = f
		}
		return m
	}()
)

// Catalogue returns the functions of the catalogue that have no constants, by name.
func Catalogue() []Func {
	var fs []Func
	for _, f := range scalar.Catalogue() {
		fs = append(fs, f)
	}
	return fs
}

// near returns the name that is fewest edits away from s, if few; "" otherwise.
func near(s string, names []string) string {
	best, least := "", 3
	for _, n := range names {
		if d := edits(s, n, least); d < least {
			best, least = n, d
		}
	}
	return best
}

// edits returns the number of inserted, deleted and replaced bytes between a and b, or
// most where there are more.
func edits(a, b string, most int) int {
	if len(a) > len(b)+most || len(b) > len(a)+most {
		return most
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		left := row[0]
		row[0] = i + 1
		for j := range len(b) {
			up := row[j+1]
			d := left
			if a[i] != b[j] {
				d = 1 + min(left, up, row[j])
			}
			row[j+1], left = d, up
		}
	}
	return row[len(b)]
}
