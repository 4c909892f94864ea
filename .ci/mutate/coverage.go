package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// test is one test function of one package.
type test struct {
	Package string // import path
	Name    string
	Seconds float64
}

// block is a run of lines of a file that tests execute or not, as `go test -cover` reports it.
type block struct {
	From, To int   // lines, both included
	Tests    []int // indices into covered.Tests
}

// covered says which test executes which lines.
type covered struct {
	Tests  []test
	Blocks map[string][]block // by file, relative to the module
}

// of returns the tests that execute a line, the fastest first.
func (c *covered) of(file string, line int) []test {
	var found []int
	for _, b := range c.Blocks[file] {
		if b.From <= line && line <= b.To {
			found = append(found, b.Tests...)
		}
	}
	slices.Sort(found)
	tests := make([]test, 0, len(found))
	for _, i := range slices.Compact(found) {
		tests = append(tests, c.Tests[i])
	}
	slices.SortStableFunc(tests, func(a, b test) int {
		switch {
		case a.Seconds < b.Seconds:
			return -1
		case a.Seconds > b.Seconds:
			return 1
		}
		return 0
	})
	return tests
}

// coverage runs every test that reaches the packages alone and notes what it executes, or reads
// what an earlier run noted for the same source: a changed test is measured again with its package
// and no other. With own, only the tests of the packages themselves count.
func coverage(root string, packages []string, own bool) (*covered, error) {
	module, err := command(root, "go", "list", "-m")
	if err != nil {
		return nil, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	cache = filepath.Join(cache, "quivernet-mutate")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return nil, err
	}
	var targets []string
	for _, p := range packages {
		targets = append(targets, module+"/"+p)
	}
	list, err := command(root, "go", "list", "-f", `{{.ImportPath}} {{len .TestGoFiles}} {{len .XTestGoFiles}} {{join .Deps ","}},{{join .TestImports ","}},{{join .XTestImports ","}}`, "./...")
	if err != nil {
		return nil, err
	}
	c := &covered{Blocks: map[string][]block{}}
	for line := range strings.SplitSeq(list, "\n") {
		f := strings.Fields(line)
		if len(f) < 3 || f[1] == "0" && f[2] == "0" || strings.HasSuffix(f[0], "/bench") {
			continue
		}
		reaches := slices.Contains(targets, f[0])
		for _, t := range targets {
			reaches = reaches || !own && len(f) > 3 && slices.Contains(strings.Split(f[3], ","), t)
		}
		if !reaches {
			continue
		}
		key, err := sourceHash(root, directory(root, module, f[0]), packages)
		if err != nil {
			return nil, err
		}
		name := filepath.Join(cache, key+".json")
		part := &covered{}
		if text, err := os.ReadFile(name); err != nil || json.Unmarshal(text, part) != nil {
			log.Printf("which test covers which line: running every test alone: %s", f[0])
			if part, err = measure(root, module, f[0], targets); err != nil {
				return nil, err
			}
			text, err := json.Marshal(part)
			if err != nil {
				return nil, err
			}
			if err := os.WriteFile(name, text, 0o644); err != nil {
				return nil, err
			}
		}
		c.merge(part)
	}
	return c, nil
}

// merge adds what other tests cover.
func (c *covered) merge(d *covered) {
	for file, blocks := range d.Blocks {
		for _, b := range blocks {
			for i := range b.Tests {
				b.Tests[i] += len(c.Tests)
			}
			c.Blocks[file] = append(c.Blocks[file], b)
		}
	}
	c.Tests = append(c.Tests, d.Tests...)
}

// directory is where a package of the module stands.
func directory(root, module, pkg string) string {
	return filepath.Join(root, strings.TrimPrefix(pkg, module))
}

// sourceHash identifies the Go files of the module, of the tests only those in one directory, and
// the packages asked for.
func sourceHash(root, tests string, packages []string) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, packages, tests)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".s") {
			return nil
		}
		if strings.HasSuffix(path, "_test.go") && filepath.Dir(path) != tests {
			return nil
		}
		text, err := os.ReadFile(path)
		fmt.Fprintln(h, path, len(text))
		h.Write(text)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)[:12]), err
}

// measure runs the tests of one package one by one.
func measure(root, module, pkg string, targets []string) (*covered, error) {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	c := &covered{Blocks: map[string][]block{}}
	bin := filepath.Join(dir, "test")
	if _, err := command(root, "go", "test", "-c", "-o", bin, "-coverpkg", strings.Join(targets, ","), pkg); err != nil {
		return nil, err
	}
	work := directory(root, module, pkg)
	names, err := command(work, bin, "-test.list", "^(Test|Example|Fuzz)")
	if err != nil {
		return nil, err
	}
	var (
		mu sync.Mutex
		wg sync.WaitGroup
	)
	slots := make(chan struct{}, 2)
	for name := range strings.FieldsSeq(names) {
		wg.Add(1)
		slots <- struct{}{}
		go func() {
			defer func() { <-slots; wg.Done() }()
			profile := filepath.Join(dir, name+".cover")
			start := time.Now()
			_, err := command(work, bin, "-test.run", "^"+name+"$", "-test.coverprofile", profile, "-test.timeout", "10m")
			seconds := time.Since(start).Seconds()
			text, readErr := os.ReadFile(profile)
			os.Remove(profile)
			mu.Lock()
			defer mu.Unlock()
			if err != nil || readErr != nil {
				log.Printf("    left out, it fails alone or without its flags: %s", name)
				return
			}
			c.add(test{pkg, name, seconds}, module, text)
		}()
	}
	wg.Wait()
	return c, nil
}

// add notes what a profile says of one test.
func (c *covered) add(t test, module string, profile []byte) {
	c.Tests = append(c.Tests, t)
	for s := bufio.NewScanner(bytes.NewReader(profile)); s.Scan(); {
		var from, fromColumn, to, toColumn, statements, count int
		name, rest, ok := strings.Cut(s.Text(), ":")
		if !ok {
			continue
		}
		if n, _ := fmt.Sscanf(rest, "%d.%d,%d.%d %d %d", &from, &fromColumn, &to, &toColumn, &statements, &count); n != 6 || count == 0 {
			continue
		}
		file := strings.TrimPrefix(name, module+"/")
		i := slices.IndexFunc(c.Blocks[file], func(b block) bool { return b.From == from && b.To == to })
		if i < 0 {
			i = len(c.Blocks[file])
			c.Blocks[file] = append(c.Blocks[file], block{From: from, To: to})
		}
		b := &c.Blocks[file][i]
		if k := len(c.Tests) - 1; len(b.Tests) == 0 || b.Tests[len(b.Tests)-1] != k {
			b.Tests = append(b.Tests, k)
		}
	}
}

// command runs a program in dir and returns what it printed.
func command(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, &stderr)
	}
	return strings.TrimSpace(string(out)), nil
}
