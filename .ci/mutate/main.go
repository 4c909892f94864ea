// Command mutate measures whether the tests see small mistakes: it changes one place of the
// source at a time (a sign, an index, a comparison, a constant, a term that is dropped), runs
// the tests that cover the place, and lists the changes that no test noticed.
//
//	go run ./.ci/mutate                      # 300 mutants of the default packages, seed 1
//	go run ./.ci/mutate -n 60 -seed 7        # a part
//	go run ./.ci/mutate -packages optim -n 0 # all mutants of one package
//	go run ./.ci/mutate -only list.txt       # the mutants whose identifiers the file names
//	go run ./.ci/mutate -own                 # with the tests of the mutant's own package alone
//
// Nothing in the tree is changed: a mutant is compiled by `go test -overlay`. Which test covers
// which line is measured first, by running each test alone, and kept in the user's cache until a
// Go file changes, where that is a test for the tests of its package only. A mutant that does not compile does not count; one that makes a test fail,
// panic or run for ever is killed. Mutants that change nothing that a caller can see stand, each
// with its reason, in equivalent.txt; they are not run. The exit code is 1 where others survive.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("mutate: ")
	var (
		packages = flag.String("packages", "quiver,symmetry,symmetry/group,internal/units,internal/subspace,internal/matching,internal/enclose,internal/rounding,optim,graph,internal/tape,internal/symbolic,internal/verify,internal/op", "directories to mutate, separated by commas")
		n        = flag.Int("n", 300, "how many mutants, 0 for all")
		seed     = flag.Uint64("seed", 1, "chooses the mutants")
		jobs     = flag.Int("jobs", 2, "mutants tested at once")
		only     = flag.String("only", "", "a file with identifiers, one a line: these mutants instead of a random choice")
		list     = flag.Bool("list", false, "print the identifiers of the chosen mutants and stop")
		own      = flag.Bool("own", false, "run only the tests of the package that the mutant is in: fast and stricter")
		budget   = flag.Duration("budget", 90*time.Second, "the most that the tests of one mutant in one package may take")
	)
	flag.Parse()
	root, err := moduleRoot()
	if err != nil {
		log.Fatal(err)
	}
	all, err := mutants(root, strings.Split(*packages, ","))
	if err != nil {
		log.Fatal(err)
	}
	equivalent, err := identifiers(filepath.Join(root, ".ci", "mutate", "equivalent.txt"))
	if err != nil {
		log.Fatal(err)
	}
	for id := range equivalent {
		if inPackages(id, *packages) && !slices.ContainsFunc(all, func(m mutant) bool { return m.ID == id }) {
			log.Printf("equivalent.txt names a mutant that does not exist any more: %s", id)
		}
	}
	chosen := choose(all, equivalent, *n, *seed)
	if *only != "" {
		wanted, err := identifiers(*only)
		if err != nil {
			log.Fatal(err)
		}
		chosen = slices.DeleteFunc(all, func(m mutant) bool { _, ok := wanted[m.ID]; return !ok })
		if len(chosen) < len(wanted) {
			log.Printf("%d of %d identifiers of %s name no mutant", len(wanted)-len(chosen), len(wanted), *only)
		}
	}
	if *list {
		for _, m := range chosen {
			fmt.Println(m.ID)
		}
		return
	}
	cover, err := coverage(root, strings.Split(*packages, ","), *own)
	if err != nil {
		log.Fatal(err)
	}
	if survivors := run(root, chosen, cover, *n, *jobs, *budget, *only != ""); survivors > 0 {
		os.Exit(1)
	}
}

func inPackages(id, packages string) bool {
	file, _, _ := strings.Cut(id, "\t")
	return slices.Contains(strings.Split(packages, ","), filepath.Dir(file))
}

// moduleRoot returns the directory of go.mod.
func moduleRoot() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", err
	}
	mod := strings.TrimSpace(string(out))
	if mod == "" || mod == os.DevNull {
		return "", fmt.Errorf("run it inside the module")
	}
	return filepath.Dir(mod), nil
}

// choose returns the mutants in random order, as many of each package as there are, without the equivalent ones. More than n come
// back, since some will not compile: run stops after n that did.
func choose(all []mutant, equivalent map[string]string, n int, seed uint64) []mutant {
	chosen := slices.DeleteFunc(slices.Clone(all), func(m mutant) bool { _, ok := equivalent[m.ID]; return ok })
	if n == 0 {
		return chosen
	}
	r := rand.New(rand.NewPCG(seed, 0))
	r.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
	// The k-th mutant of every package comes before the (k+1)-th of any.
	place := make(map[string]int)
	turn := make(map[string]int, len(chosen))
	for _, m := range chosen {
		dir := filepath.Dir(m.File)
		turn[m.ID] = place[dir]
		place[dir]++
	}
	slices.SortStableFunc(chosen, func(a, b mutant) int { return turn[a.ID] - turn[b.ID] })
	return chosen[:min(len(chosen), n+n/4+8)]
}

// identifiers reads a file of lines "file⇥function⇥change⇥number" with an optional fifth field,
// the reason. Empty lines and lines that start with # are skipped.
func identifiers(name string) (map[string]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	found := map[string]string{}
	for s := bufio.NewScanner(f); s.Scan(); {
		line := strings.TrimRight(s.Text(), " ")
		if line == "" || line[0] == '#' {
			continue
		}
		fields := strings.SplitN(line, "\t", 5)
		if len(fields) < 4 {
			return nil, fmt.Errorf("%s: %q has %d fields, want file, function, change and number, separated by tabs", name, line, len(fields))
		}
		reason := ""
		if len(fields) == 5 {
			reason = fields[4]
		}
		found[strings.Join(fields[:4], "\t")] = reason
	}
	return found, nil
}
