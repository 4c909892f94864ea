package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// outcome is what became of a mutant.
type outcome int

const (
	killed outcome = iota
	survived
	uncovered // no test executes the line
	invalid   // the mutant does not compile
)

func (o outcome) String() string {
	return [...]string{"killed", "SURVIVED", "NOT COVERED", "does not compile"}[o]
}

// run tests mutants until n of them have compiled (all where n is 0 or the list was given), prints
// each and a summary, and returns the number of survivors.
func run(root string, chosen []mutant, cover *covered, n, jobs int, budget time.Duration, listed bool) int {
	var (
		mu    sync.Mutex
		wg    sync.WaitGroup
		count [4]int
		left  []mutant
	)
	next := make(chan mutant)
	for range max(jobs, 1) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for m := range next {
				start := time.Now()
				o, by := test1(root, m, cover, budget)
				mu.Lock()
				count[o]++
				if o == survived || o == uncovered {
					left = append(left, m)
				}
				fmt.Printf("%-16s %5.1fs  %s:%d  %s %s\n", o, time.Since(start).Seconds(), m.File, m.Line, strings.ReplaceAll(m.ID, "\t", " | "), by)
				mu.Unlock()
			}
		}()
	}
	for _, m := range chosen {
		mu.Lock()
		enough := !listed && n > 0 && count[killed]+count[survived]+count[uncovered] >= n
		mu.Unlock()
		if enough {
			break
		}
		next <- m
	}
	close(next)
	wg.Wait()
	fmt.Printf("\n%d mutants: %d killed, %d survived, %d not covered (%d more did not compile)\n",
		count[killed]+count[survived]+count[uncovered], count[killed], count[survived], count[uncovered], count[invalid])
	for _, m := range left {
		fmt.Println(m.ID)
	}
	return len(left)
}

// test1 compiles the mutant; then it compiles the test binaries of the packages that cover it, its
// own first, and runs the covering tests, the fastest first.
func test1(root string, m mutant, cover *covered, budget time.Duration) (outcome, string) {
	dir, err := os.MkdirTemp("", "mutant")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	original := filepath.Join(root, m.File)
	changed := filepath.Join(dir, "changed.go")
	text := string(m.Source[:m.From]) + m.Text + string(m.Source[m.To:])
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		log.Fatal(err)
	}
	replace := filepath.Join(dir, "overlay.json")
	if err := errors.Join(os.WriteFile(changed, []byte(text), 0o644), os.WriteFile(replace, overlay, 0o644)); err != nil {
		log.Fatal(err)
	}
	own := filepath.Dir(m.File)
	if _, err := command(root, "go", "build", "-overlay", replace, "./"+own); err != nil {
		return invalid, ""
	}
	tests := cover.of(m.File, m.Line)
	if len(tests) == 0 {
		return uncovered, ""
	}
	packages := []string{}
	for _, t := range tests {
		if !slices.Contains(packages, t.Package) {
			packages = append(packages, t.Package)
		}
	}
	slices.SortStableFunc(packages, func(a, b string) int {
		return order(a, own) - order(b, own)
	})
	for _, p := range packages {
		bin := filepath.Join(dir, "test")
		if _, err := command(root, "go", "test", "-c", "-vet=off", "-o", bin, "-overlay", replace, p); err != nil {
			return killed, "by the build of " + p
		}
		if by, dead := fails(root, bin, p, tests, budget); dead {
			return killed, by
		}
	}
	return survived, fmt.Sprintf("(%d tests)", len(tests))
}

// order sorts the package of the mutant first, and examples last.
func order(pkg, own string) int {
	switch {
	case strings.HasSuffix(pkg, "/"+own):
		return 0
	case strings.Contains(pkg, "/examples/"):
		return 2
	}
	return 1
}

// fails runs the covering tests of one package in groups of growing length, so that a mutant is
// mostly killed by a fast test.
func fails(root, bin, pkg string, tests []test, budget time.Duration) (string, bool) {
	var names []string
	for _, t := range tests {
		if t.Package == pkg {
			names = append(names, t.Name)
		}
	}
	module, err := command(root, "go", "list", "-m")
	if err != nil {
		log.Fatal(err)
	}
	work := filepath.Join(root, strings.TrimPrefix(pkg, module+"/"))
	for size := 8; len(names) > 0; size *= 4 {
		group := names[:min(size, len(names))]
		names = names[len(group):]
		ctx, cancel := context.WithTimeout(context.Background(), budget)
		cmd := exec.CommandContext(ctx, bin, "-test.failfast", "-test.run", "^("+strings.Join(group, "|")+")$")
		cmd.Dir = work
		cmd.WaitDelay = time.Second
		out, err := cmd.CombinedOutput()
		late := ctx.Err() != nil
		cancel()
		if late {
			return "by running for ever", true
		}
		if err != nil {
			by := ""
			for line := range strings.SplitSeq(string(out), "\n") {
				if rest, ok := strings.CutPrefix(line, "--- FAIL: "); ok {
					by, _, _ = strings.Cut(rest, " ")
					break
				}
			}
			return "by " + by, true
		}
	}
	return "", false
}
