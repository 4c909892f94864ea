//go:build (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo))

package auto

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// absent is the error for a name without a library, which is not worth a line.
type absent string

func (e absent) Error() string { return string(e) }

// choose finds the library for the value of Variable, among names unless it is a path.
func choose(p places, wish string, names []string) (outcome, *library) {
	o := outcome{wish: wish}
	switch {
	case wish == "go":
		o.why = "asked for"
		return o, nil
	case wish == "" || wish == "auto":
	case named(wish):
		file, err := p.resolve(wish)
		if err != nil {
			o.why, o.failed = wish+": "+err.Error(), true
			return o, nil
		}
		names = []string{file}
	default:
		o.why, o.failed = fmt.Sprintf("%s is none of go, auto and a path", strconv.Quote(wish)), true
		return o, nil
	}
	path := named(wish)
	core, restore := prepare(detectCore(), !p.privileged)
	defer restore()
	seen := map[string]bool{}
	for _, name := range names {
		l, err := load(name, path, core, seen)
		switch {
		case err == nil:
			o.taken = &l.facts
			return o, l
		case path:
			o.why, o.failed = wish+": "+err.Error(), true
		case !errors.As(err, new(absent)):
			o.refused = append(o.refused, refusal{name, err.Error()})
		}
	}
	if o.why == "" {
		o.why = "no fast one was found; install OpenBLAS, or give the path of a library as " + Variable
		if p.privileged {
			o.why = "no fast one was found where root alone can write; a privileged program takes no other and does not read " + Variable
		}
		o.looked = slices.Concat(p.families...)
	}
	return o, nil
}

// named reports whether the wish is a file: it has a directory or the ending of a library.
func named(wish string) bool {
	return strings.ContainsAny(wish, `/\`) || regexp.MustCompile(`\.(so|dylib|dll)(\.[0-9.]+)?$`).MatchString(wish)
}

// load opens one library, finds its functions and tries them. With anyKind it takes a library that is unknown or
// slow. What is refused stays in memory: closing is not safe for a library that may have started threads.
func load(name string, anyKind bool, core coreWish, seen map[string]bool) (*library, error) {
	h, err := open(name)
	if err != nil {
		return nil, err
	}
	l := &library{facts: facts{path: name}, limit: math.MaxInt32}
	calls, err := l.bind(h, anyKind, core)
	if l.dgemm != 0 {
		l.path = cmp.Or(home(l.dgemm), name)
		if seen[l.path] {
			return nil, absent("the same under another name")
		}
		seen[l.path] = true
	}
	if err != nil {
		return nil, err
	}
	l.calls = make(chan *call, calls)
	for range calls {
		l.calls <- newCall()
	}
	if err := verify(l); err != nil {
		return nil, err
	}
	return l, nil
}

// bind finds the two functions, asks the library what it is and returns how many calls may run at once.
func (l *library) bind(h uintptr, anyKind bool, core coreWish) (calls int, err error) {
	prefix, suffix := "", ""
	for _, v := range [][2]string{{"", ""}, {"", "64_"}, {"scipy_", ""}, {"scipy_", "64_"}} {
		l.double, l.single = v[0]+"dgemm_"+v[1], v[0]+"sgemm_"+v[1]
		if l.dgemm, l.sgemm = symbol(h, l.double), symbol(h, l.single); l.dgemm != 0 || l.sgemm != 0 {
			prefix, suffix = v[0], v[1]
			break
		}
	}
	switch {
	case l.dgemm == 0 && l.sgemm == 0:
		return 0, errors.New("it has no dgemm_, nor dgemm_64_, scipy_dgemm_ or scipy_dgemm_64_")
	case l.sgemm == 0:
		return 0, fmt.Errorf("it has %s and no %s", l.double, l.single)
	case l.dgemm == 0:
		return 0, fmt.Errorf("it has %s and no %s", l.single, l.double)
	}
	l.bits = 32
	if suffix == "64_" {
		l.bits = 64
	}
	calls = max(runtime.NumCPU(), runtime.GOMAXPROCS(0))
	q := query{h, prefix, suffix}
	switch {
	case q.openBLAS(l, core, &calls), q.blis(l), q.mkl(l), accelerate(l):
		if slow := l.outdated(); slow != "" && !anyKind && l.coreBy != byUser {
			return 0, errors.New(slow)
		}
	case !anyKind:
		return 0, errors.New("it is not known as OpenBLAS, MKL or BLIS; the reference BLAS is slower than kernels in Go (its path as " + Variable + " takes it all the same)")
	default:
		l.kind = "unrecognised BLAS"
		if l.bits == 32 {
			l.bits = 0
		}
	}
	if l.bits == 64 {
		l.limit = math.MaxInt
	}
	return calls, nil
}
