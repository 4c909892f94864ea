// Package golden compares what a test prints with what stands in a file, and writes the file where the test
// runs with -update: a change of wording is then a difference that a reader of the change sees.
package golden

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files in the place of comparing with them")

// Updating says whether the tests run with -update.
func Updating() bool { return *update }

// Check compares a text with the file testdata/name of the package under test.
func Check(t testing.TB, name, got string) {
	t.Helper()
	File(t, filepath.Join("testdata", name), []byte(got))
}

// File compares a text with a whole file. Line ends that git has changed do not count.
func File(t testing.TB, path string, got []byte) {
	t.Helper()
	if err := file(path, got, *update); err != nil {
		t.Error(err)
	}
}

// Block compares a text with a part of a file that begins behind the line from and ends before the line
// to, and leaves the rest of the file as it is.
func Block(t testing.TB, path, from, to, got string) {
	t.Helper()
	whole, err := os.ReadFile(path)
	if err == nil {
		whole, err = replace(whole, from, to, got)
	}
	if err != nil {
		t.Errorf("golden: %s: %v", path, err)
		return
	}
	File(t, path, whole)
}

func file(path string, got []byte, update bool) error {
	if update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		return os.WriteFile(path, got, 0o644)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%w; run the test with -update once", err)
	}
	return compare(path, bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")), got)
}

// compare names the first line in which two texts differ.
func compare(path string, want, got []byte) error {
	if bytes.Equal(want, got) {
		return nil
	}
	a, b := bytes.Split(want, []byte("\n")), bytes.Split(got, []byte("\n"))
	for i := 0; ; i++ {
		if i == len(a) || i == len(b) || !bytes.Equal(a[i], b[i]) {
			return fmt.Errorf("%s:%d differs; run the test with -update and read the difference\nwant %s\ngot  %s", path, i+1, line(a, i), line(b, i))
		}
	}
}

func line(lines [][]byte, i int) string {
	if i == len(lines) {
		return "the end"
	}
	return fmt.Sprintf("%q", lines[i])
}

// replace puts got between two lines of a text, each of which stands there once.
func replace(text []byte, from, to, got string) ([]byte, error) {
	begin, end := []byte(from+"\n"), []byte(to+"\n")
	if bytes.Count(text, begin) != 1 || bytes.Count(text, end) != 1 {
		return nil, fmt.Errorf("want the lines %q and %q, each once", from, to)
	}
	i, j := bytes.Index(text, begin)+len(begin), bytes.Index(text, end)
	if j < i {
		return nil, fmt.Errorf("want the line %q before %q", from, to)
	}
	return append(append(append([]byte(nil), text[:i]...), got...), text[j:]...), nil
}
