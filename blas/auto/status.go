package auto

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// Variable is the environment variable that chooses: go, auto or a path.
const Variable = "QUIVERNET_BLAS"

// found is written once, before main.
var found = start()

// Status tells, in a few lines for a person, which BLAS is used: its version, path, kernels, width of
// integers and threads, and what was tried and refused, with the reason.
func Status() string { return found.String() }

// SetLogger writes what Status tells to l: the choice at level Info, each refusal at Debug, and at Warn
// that a library the user asked for is not used. The search is over before main begins, so that a
// logger set later misses nothing.
func SetLogger(l *slog.Logger) {
	if l != nil {
		found.log(l)
	}
}

// outcome is the end of a search.
type outcome struct {
	wish    string // the value of Variable
	why     string // why no library is used, if none is
	failed  bool   // the wish could not be met
	taken   *facts
	looked  []string // the names looked for, if none was taken
	refused []refusal
}

// refusal is a library that was looked at and not taken.
type refusal struct{ name, reason string }

// facts describe a library.
type facts struct {
	kind    string // OpenBLAS, BLIS, MKL, Accelerate or unrecognised
	version string
	path    string
	config  string // what the library says of its build
	core    string // the processor its kernels are for
	coreBy  string // who chose it
	double  string // the names of the two functions
	single  string
	bits    int // of an integer, 0 when unknown
	threads string
}

// name is the library in a few words.
func (f *facts) name() string {
	s := f.kind
	if f.version != "" {
		s += " " + f.version
	}
	if f.core != "" {
		s += ", kernels " + f.core
	}
	if f.threads != "" {
		s += ", " + f.threads
	}
	return s
}

func (o outcome) String() string {
	var s strings.Builder
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&s, "  %-9s %s\n", name, value)
		}
	}
	if f := o.taken; f != nil {
		fmt.Fprintf(&s, "BLAS: %s\n", f.name())
		row("path", f.path)
		row("config", f.config)
		if f.coreBy != "" {
			row("kernels", f.core+", "+f.coreBy)
		}
		integers := fmt.Sprintf("%d-bit integers", f.bits)
		if f.bits == 0 {
			integers = "integers of 32 bits or more"
		}
		row("functions", fmt.Sprintf("%s, %s, %s", f.double, f.single, integers))
		row("threads", cmp.Or(f.threads, "unknown"))
	} else {
		s.WriteString("BLAS: none, kernels of this module\n")
		row("reason", o.why)
	}
	if o.wish != "" {
		row("asked", fmt.Sprintf("%s=%q", Variable, o.wish))
	}
	row("searched", strings.Join(o.looked, ", "))
	for _, r := range o.refused {
		row("refused", r.name+": "+r.reason)
	}
	return s.String()
}

func (o outcome) log(l *slog.Logger) {
	ctx := context.Background()
	for _, r := range o.refused {
		l.LogAttrs(ctx, slog.LevelDebug, "BLAS refused", slog.String("library", r.name), slog.String("reason", r.reason))
	}
	switch {
	case o.taken != nil:
		l.LogAttrs(ctx, slog.LevelInfo, "BLAS in use", slog.String("library", o.taken.name()), slog.String("path", o.taken.path))
	case o.failed:
		l.LogAttrs(ctx, slog.LevelWarn, "BLAS not usable, kernels of this module instead", slog.String("reason", o.why), slog.String(Variable, o.wish))
	default:
		l.LogAttrs(ctx, slog.LevelInfo, "no BLAS, kernels of this module", slog.String("reason", o.why))
	}
}
