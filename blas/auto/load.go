//go:build (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo))

package auto

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/ebitengine/purego"
)

// errAbsent says that there is no library of that name, which is not worth a line.
var errAbsent = errors.New("there is none")

// choose finds the library for the value of Variable, among names unless it is a path.
func choose(wish string, names []string) (outcome, *library) {
	o := outcome{wish: wish}
	switch {
	case wish == "go":
		o.why = "asked for"
		return o, nil
	case wish == "" || wish == "auto":
	case named(wish):
		names = []string{wish}
	default:
		o.why, o.failed = fmt.Sprintf("%s is none of go, auto and a path", strconv.Quote(wish)), true
		return o, nil
	}
	path := named(wish)
	core, restore := prepare(detectCore())
	defer restore()
	seen := map[string]bool{}
	for _, name := range names {
		l, err := load(name, path, core, seen)
		switch {
		case err == nil:
			o.taken = &l.facts
			return o, l
		case path:
			o.why, o.failed = name+": "+err.Error(), true
		case !errors.Is(err, errAbsent):
			o.refused = append(o.refused, refusal{name, err.Error()})
		}
	}
	if o.why == "" {
		o.why = "none found that is fast; tried " + strings.Join(briefly(names), ", ")
	}
	return o, nil
}

// named reports whether the wish is a file: it has a directory or the ending of a library.
func named(wish string) bool {
	return strings.ContainsAny(wish, `/\`) || regexp.MustCompile(`\.(so|dylib|dll)(\.[0-9.]+)?$`).MatchString(wish)
}

// briefly leaves out the names with a directory.
func briefly(names []string) (short []string) {
	for _, n := range names {
		if !strings.ContainsAny(n, `/\`) {
			short = append(short, n)
		}
	}
	return short
}

// load opens one library, finds its functions and tries them. With any set it takes a library of no known kind.
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
			return nil, errAbsent // the same under another name
		}
		seen[l.path] = true
	}
	if err != nil {
		shut(h) // nothing of it ran
		return nil, err
	}
	l.calls = make(chan *call, calls)
	for range calls {
		l.calls <- newCall()
	}
	// A library that fails stays in memory: it may have started threads.
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
	case q.openBLAS(l, core, &calls):
		if slow := l.outdated(); slow != "" && !anyKind && core.by != byUser {
			return 0, errors.New(slow)
		}
	case q.blis(l), q.mkl(l), accelerate(l):
	case !anyKind:
		return 0, errors.New("it is not OpenBLAS, MKL or BLIS: the reference BLAS is slower than kernels in Go (name it by its path to take it)")
	default:
		l.kind = "unrecognised BLAS"
	}
	if l.bits == 64 {
		l.limit = math.MaxInt
	}
	return calls, nil
}

// query asks a library about itself, through functions whose names may be decorated.
type query struct {
	h              uintptr
	prefix, suffix string
}

// find sets the function f to the C function of that name, if there is one.
func (q query) find(f any, name string) bool {
	p := symbol(q.h, q.prefix+name+q.suffix)
	if p != 0 {
		purego.RegisterFunc(f, p)
	}
	return p != 0
}

func (q query) openBLAS(l *library, core coreWish, calls *int) bool {
	var (
		text        func() string
		number      func() int32
		setThreads  func(int32)
		notThreaded bool
	)
	if !q.find(&text, "openblas_get_config") {
		return false
	}
	l.kind, l.config = "OpenBLAS", text()
	if f := strings.Fields(l.config); len(f) > 1 && f[0] == "OpenBLAS" {
		l.version = f[1]
	}
	if strings.Contains(l.config, "USE64BITINT") {
		l.bits = 64
	}
	if q.find(&text, "openblas_get_corename") {
		l.core, l.coreBy = text(), core.by
		if core.by == byFlags && !strings.EqualFold(l.core, core.name) {
			l.coreBy = "the library's own choice; asked for " + core.name
		}
	}
	if q.find(&setThreads, "openblas_set_num_threads") {
		setThreads(1)
	}
	if q.find(&number, "openblas_get_num_threads") {
		l.threads = count(int64(number()))
	}
	if q.find(&number, "openblas_get_parallel") {
		notThreaded = number() == 0
	}
	if n := regexp.MustCompile(`MAX_THREADS=(\d+)`).FindStringSubmatch(l.config); n != nil {
		if most, err := strconv.Atoi(n[1]); err == nil && most > 0 {
			*calls = min(*calls, most)
		}
	}
	if notThreaded {
		// Built without threads, it may be without locks too.
		*calls, l.threads = 1, "1 thread, one call at a time (built without threads)"
	}
	return true
}

// outdated says that the kernels are for a processor much older than this one.
func (l *library) outdated() string {
	old := []string{"PRESCOTT", "CORE2", "PENRYN", "DUNNINGTON", "NEHALEM", "ATOM", "NANO", "KATMAI", "COPPERMINE", "NORTHWOOD", "BANIAS", "ATHLON", "OPTERON", "OPTERON_SSE3", "BARCELONA", "BOBCAT", "SANDYBRIDGE", "BULLDOZER", "PILEDRIVER", "STEAMROLLER", "GENERIC"}
	if detectCore() != "" && slices.Contains(old, strings.ToUpper(l.core)) {
		return fmt.Sprintf("it runs its kernels for %s, and this processor could run those for %s: kernels in Go are faster", l.core, detectCore())
	}
	return ""
}

func (q query) blis(l *library) bool {
	var (
		text   func() string
		number func() int64
		set    func(int64)
		core   func() int32
		name   func(int32) string
	)
	q.prefix, q.suffix = "", ""
	if !q.find(&text, "bli_info_get_version_str") {
		return false
	}
	l.kind, l.version = "BLIS", text()
	if q.find(&core, "bli_arch_query_id") && q.find(&name, "bli_arch_string") {
		l.core = name(core())
	}
	if q.find(&number, "bli_info_get_blas_int_type_size") && number() == 64 {
		l.bits = 64
	}
	if q.find(&set, "bli_thread_set_num_threads") {
		set(1)
	}
	if q.find(&number, "bli_thread_get_num_threads") {
		l.threads = count(number())
	}
	return true
}

func (q query) mkl(l *library) bool {
	var (
		text   func(*byte, int32)
		number func() int32
		set    func(int32)
	)
	q.prefix, q.suffix = "", ""
	if !q.find(&text, "MKL_Get_Version_String") && !q.find(&text, "mkl_get_version_string") {
		return false
	}
	buf := make([]byte, 256)
	text(&buf[0], int32(len(buf)-1))
	l.kind, l.config = "MKL", strings.TrimSpace(strings.TrimRight(string(buf), "\x00"))
	if n := regexp.MustCompile(`\d{4}[0-9.]*[0-9]`).FindString(l.config); n != "" {
		l.version = n
	}
	if strings.Contains(strings.ToUpper(os.Getenv("MKL_INTERFACE_LAYER")), "ILP64") {
		l.bits = 64
	}
	if q.find(&set, "MKL_Set_Num_Threads") {
		set(1)
	}
	if q.find(&number, "MKL_Get_Max_Threads") {
		l.threads = count(int64(number()))
	}
	return true
}

func accelerate(l *library) bool {
	if !strings.Contains(l.path, "Accelerate.framework") {
		return false
	}
	l.kind, l.threads = "Accelerate", "1 thread asked for (VECLIB_MAXIMUM_THREADS)"
	return true
}

func count(n int64) string {
	if n == 1 {
		return "1 thread"
	}
	return fmt.Sprintf("%d threads", n)
}
