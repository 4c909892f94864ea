package store

import (
	"fmt"
	"reflect"
	"strings"
)

// FormatError reports a file that is not what this package writes, or a
// representation that it cannot write.
type FormatError struct {
	Path   string // the file, or "" for a reader or writer
	At     string // the place: `tensor "x->h1"`, "header", …
	Reason string
	Next   string // what to do about it
	Err    error  // the cause, or nil
}

func (e *FormatError) Error() string {
	var b strings.Builder
	b.WriteString("store: ")
	for _, s := range []string{e.Path, e.At} {
		if s != "" {
			b.WriteString(s + ": ")
		}
	}
	b.WriteString(e.Reason)
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if e.Next != "" {
		b.WriteString("; " + e.Next)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *FormatError) Unwrap() error { return e.Err }

// What to do next, where several errors share it.
const (
	nextCopy   = "copy the file again from its source"
	nextRepack = "save it again with this package"

	// A file of weights that was made elsewhere, by PyTorch for example.
	nextForeign = "build the network with package layers or quiver.New, read the tensors with a reader of safetensors, " +
		"convert them to float64 and copy each into its arrow with Rep.Set; the weight of torch.nn.Linear has the shape of an arrow, dim(target)×dim(source), its bias is the column of an arrow from a quiver.Bias"
)

func bad(at, next, format string, args ...any) *FormatError {
	return &FormatError{At: at, Next: next, Reason: fmt.Sprintf(format, args...)}
}

// tensorAt names a tensor in an error, shortened where a hostile file makes it long.
func tensorAt(name string) string { return "tensor " + short(name) }

func short(s string) string {
	const most = 80
	if len(s) > most {
		s = s[:most] + "…"
	}
	return fmt.Sprintf("%q", s)
}

// isNil reports whether an interface is nil or holds a nil pointer.
func isNil(x any) bool {
	v := reflect.ValueOf(x)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}
