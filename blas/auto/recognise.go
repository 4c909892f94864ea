//go:build (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo))

package auto

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ebitengine/purego"
)

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
		if core.name != "" && !strings.EqualFold(l.core, core.name) {
			l.coreBy = fmt.Sprintf("%s; it has none for %s, %s", byItself, core.name, core.by)
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

// beforeAVX2 are the names that OpenBLAS and BLIS give to kernels without AVX2 and FMA.
var beforeAVX2 = []string{
	"generic", "katmai", "coppermine", "northwood", "prescott", "banias", "core2", "penryn", "dunnington", "nehalem", "sandybridge", "atom", "nano",
	"athlon", "opteron", "opteron_sse3", "barcelona", "bobcat", "bulldozer", "piledriver", "steamroller",
}

// outdated says that the kernels are for a processor much older than this one.
func (l *library) outdated() string {
	if detectCore() != "" && slices.Contains(beforeAVX2, strings.ToLower(l.core)) {
		s := fmt.Sprintf("it runs its kernels for %s, and this processor could run those for %s: ours are faster", l.core, detectCore())
		if l.kind == "OpenBLAS" {
			s += " (" + coreVariable + " may choose others)"
		}
		return s
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
		l.core, l.coreBy = name(core()), byItself
		if os.Getenv("BLIS_ARCH_TYPE") != "" {
			l.coreBy = byUser
		}
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
	if !q.find(&text, "MKL_Get_Version_String") {
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
