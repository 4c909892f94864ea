package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/quivernet/quivernet/blas/auto"
	"github.com/quivernet/quivernet/graph"
)

const module = "github.com/quivernet/quivernet"

func doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine computes with, and why",
		Long: `doctor prints the versions of the module and of Go, the kernels that the processor's
flags allow, and the fast BLAS that was found: its path, version, kernels, width of integers
and threads, and which libraries were refused and why.

  QUIVERNET_BLAS  go: use none. auto: search. A path: use that library only.
  QUIVERNET_SIMD  go, avx2 or avx512: use no kernels above these.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return here().write(c.OutOrStdout()) },
	}
}

// diagnosis is what doctor prints.
type diagnosis struct {
	version    string // of this module
	toolchain  string
	platform   string
	processors int
	procs      int    // GOMAXPROCS
	engine     string // lines of graph.Engine
	blas       string // lines of auto.Status
}

func here() diagnosis {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return diagnosis{
		version:    version(info),
		toolchain:  runtime.Version(),
		platform:   runtime.GOOS + "/" + runtime.GOARCH,
		processors: runtime.NumCPU(),
		procs:      runtime.GOMAXPROCS(0),
		engine:     graph.Engine(),
		blas:       auto.Status(),
	}
}

// version is the module's version, be it the program's own module or one that it uses.
func version(info *debug.BuildInfo) string {
	for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if m.Path == module && m.Version != "" {
			return m.Version
		}
	}
	return "(unknown)"
}

func (d diagnosis) write(w io.Writer) error {
	var s strings.Builder
	fmt.Fprintf(&s, "%s %s\n", module, d.version)
	fmt.Fprintf(&s, "%s %s, %d processors, GOMAXPROCS %d\n", d.toolchain, d.platform, d.processors, d.procs)
	s.WriteString(d.engine)
	s.WriteString(d.blas)
	_, err := io.WriteString(w, s.String())
	return err
}
