package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run is main with its streams.
func run(args []string, out, log io.Writer) error {
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(log)
	var (
		s        = settings{log: log, gomlx: gomlxFolder()}
		cases    = f.String("cases", "", "`list` of cases or networks, by commas; all if empty: "+strings.Join(names(allCases), ", "))
		variants = f.String("variants", "", "`list` of variants, by commas; all if empty")
		quick    = f.Bool("quick", false, "a few seconds, in this process, variants in Go only")
		reaching = f.Bool("reach", false, "time to a loss of 0.01, full and reduced network")
		seeds    = f.Int("seeds", 10, "`draws` of the weights for -reach")
		grid     = f.Int("grid", reachGrid, "`points` of an axis of the square that -reach learns on; the paper has 121")
		asJSON   = f.Bool("json", false, "print JSON lines")
		markdown = f.Bool("markdown", false, "print tables for README.md")
		quiet    = f.Bool("quiet", false, "no progress")
		serving  = f.String("serve", "", "answer requests on the standard input with this `variant`; the command starts its own children so")
	)
	f.BoolVar(&s.peers, "peers", false, "PyTorch, JAX, numpy and GoMLX too")
	f.IntVar(&s.rounds, "rounds", 7, "`times` that every variant is asked")
	f.IntVar(&s.millis, "millis", 150, "`length` of a measurement")
	f.StringVar(&s.python, "python", "", "`interpreter` of an environment with bench/peers/requirements.txt")
	f.StringVar(&s.gomlx, "gomlx", s.gomlx, "`folder` of the module bench/gomlx")
	f.StringVar(&s.blas, "blas", os.Getenv("QUIVERNET_BLAS"), "`library` for products: a path, auto, or numpy for the one that numpy carries")
	f.IntVar(&s.core, "core", -1, "`processor` for the variants with one thread; -1 is the last one allowed")
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; see -help", f.Arg(0))
	}
	if *serving != "" {
		return serveVariant(*serving)
	}
	if *quiet {
		s.log = io.Discard
	}
	if s.rounds < 1 || s.millis < 1 || *seeds < 1 || *grid < 2 {
		return fmt.Errorf("-rounds %d, -millis %d and -seeds %d must be at least 1, and -grid %d at least 2", s.rounds, s.millis, *seeds, *grid)
	}
	if *markdown {
		fmt.Fprintf(out, "`go run ./bench %s`\n\n", strings.Join(withoutFolders(args), " "))
	}
	if *reaching {
		return reach(out, s.log, *seeds, *grid, *quick, *asJSON, *markdown)
	}
	if *quick {
		s.inside, s.peers = true, false
		s.rounds, s.millis = min(s.rounds, 3), min(s.millis, 20)
		if *cases == "" {
			*cases = "reduced/121,full/121,arrows"
		}
	}
	if *variants != "" {
		s.variants = strings.Split(*variants, ",")
		if err := known(s.variants); err != nil {
			return err
		}
	}
	var err error
	if s.cases, err = selectCases(*cases); err != nil {
		return err
	}
	r, err := compareAll(s)
	if err != nil {
		return err
	}
	if *asJSON {
		return r.printJSON(out)
	}
	r.print(out, *markdown)
	return nil
}

// withoutFolders shortens paths, which say nothing on another machine.
func withoutFolders(args []string) (out []string) {
	for _, a := range args {
		name, path, joined := strings.Cut(a, "=")
		if !joined {
			name, path = "", a
		} else {
			name += "="
		}
		if strings.ContainsRune(path, filepath.Separator) && isFile(path) {
			path = "…/" + filepath.Base(path)
		}
		out = append(out, name+path)
	}
	return out
}

func isFile(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// known refuses a variant that does not exist.
func known(list []string) error {
	all := append(names(goVariants), "gomlx", "gomlx-simd")
	for _, p := range pythonVariants {
		all = append(all, p.names...)
	}
	for _, v := range list {
		found := false
		for _, k := range all {
			found = found || k == v
		}
		if !found {
			return &UnknownError{"variant", v, all}
		}
	}
	return nil
}
