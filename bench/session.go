package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/quivernet/quivernet/internal/blas"
)

// settings are those of a comparison.
type settings struct {
	cases    []benchCase
	variants []string // a choice; empty is all
	rounds   int
	millis   int // of a measurement
	peers    bool
	inside   bool // in this process, without children
	python   string
	gomlx    string // the folder of its module
	blas     string // see library
	core     int    // -1: the last one
	log      io.Writer
}

// participant is a variant that takes part: how it is started and where.
type participant struct {
	name  string
	ours  bool // a variant of this binary, whose failure ends the comparison
	cores int
	does  func(benchCase) bool
	start func(cores []int) (*process, error)
}

// skip is a variant that does not take part.
type skip struct {
	Variant string `json:"skipped"`
	Reason  string `json:"reason"`
}

// session holds what all processes of one comparison share.
type session struct {
	settings
	dir   string // temporary
	cores []int
	skips []skip
	stop  chan os.Signal
}

func newSession(s settings) (*session, error) {
	dir, err := os.MkdirTemp("", "quivernet-bench")
	if err != nil {
		return nil, err
	}
	x := &session{settings: s, dir: dir, cores: cores(), stop: make(chan os.Signal, 1)}
	signal.Notify(x.stop, os.Interrupt)
	go func() {
		if _, interrupted := <-x.stop; interrupted { // compiled peers leave much in the folder
			_ = os.RemoveAll(dir)
			os.Exit(130)
		}
	}()
	return x, nil
}

func (s *session) close() {
	signal.Stop(s.stop)
	close(s.stop)
	_ = os.RemoveAll(s.dir)
}

// on returns the processors for a variant that uses n of them: always the same, one after the other.
func (s *session) on(n int) []int {
	if s.inside || len(s.cores) < n {
		return nil
	}
	if n == 1 && s.core >= 0 {
		return []int{s.core}
	}
	return s.cores[len(s.cores)-n:]
}

func (s *session) wants(name string) bool {
	return len(s.variants) == 0 || slices.Contains(s.variants, name)
}

func (s *session) skip(name, reason string) {
	s.skips = append(s.skips, skip{name, reason})
	fmt.Fprintf(s.log, "skipped %s: %s\n", name, reason)
}

// participants returns all that can take part, and notes the others.
func (s *session) participants() []participant {
	var out []participant
	for _, v := range goVariants {
		switch {
		case !s.wants(v.name):
		case s.inside && (v.plain || v.cores > 1):
			s.skip(v.name, "needs a process of its own")
		case s.inside:
			out = append(out, participant{v.name, true, 1, v.does, func([]int) (*process, error) { return here(v) }})
		case v.cores > 1 && len(s.cores) < v.cores:
			s.skip(v.name, fmt.Sprintf("needs %d processors and may use %d", v.cores, len(s.cores)))
		default:
			out = append(out, participant{v.name, true, v.cores, v.does, func(on []int) (*process, error) { return s.child(v, on) }})
		}
	}
	if s.peers {
		out = append(out, s.pythons()...)
		out = append(out, s.gomlxes()...)
	}
	return out
}

// child starts a variant of this binary.
func (s *session) child(v variant, on []int) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "-serve", v.name)
	cmd.Env = environment(fmt.Sprintf("GOMAXPROCS=%d", v.cores))
	if lib := s.library(); v.plain {
		cmd.Env = append(cmd.Env, "QUIVERNET_BLAS=go")
	} else if lib != "" {
		cmd.Env = append(cmd.Env, "QUIVERNET_BLAS="+lib)
	}
	return startProcess(v.name, cmd, on)
}

// library is what QUIVERNET_BLAS is set to: the setting, or for "numpy" the library that the peers'
// numpy carries.
func (s *session) library() string {
	if s.blas != "numpy" {
		return s.blas
	}
	out, err := exec.Command(s.python, "-c", "import numpy, os; print(os.path.dirname(numpy.__file__))").Output()
	if err == nil {
		for _, dir := range []string{".libs", "s.libs"} {
			base := filepath.Dir(strings.TrimSpace(string(out)))
			if found, _ := filepath.Glob(filepath.Join(base, "numpy"+dir, "*openblas*")); len(found) > 0 {
				return found[0]
			}
		}
	}
	s.skip("numpy's BLAS", "not found beside numpy; the variants with a library use what they find")
	s.blas = ""
	return ""
}

// environment is that of a child: one thread for every library, and each library free to choose its kernels.
// A machine that pins OpenBLAS to old kernels for old builds would hold a current one back.
func environment(more ...string) []string {
	var env []string
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		if name != "OPENBLAS_CORETYPE" && name != "OPENBLAS_L2_SIZE" {
			env = append(env, e)
		}
	}
	for _, n := range []string{"OMP", "MKL", "OPENBLAS", "BLIS", "VECLIB", "NUMEXPR"} {
		name := "_NUM_THREADS"
		if n == "VECLIB" {
			name = "_MAXIMUM_THREADS"
		}
		env = append(env, n+name+"=1")
	}
	return append(env, more...)
}

// libraryHere names the library for products that this process has, or "".
func libraryHere() string {
	if l := blas.Registered(); l != nil {
		return l.Name()
	}
	return ""
}
