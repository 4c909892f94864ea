package viz

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"

	"github.com/goccy/go-graphviz"
)

// Drawing is what Graphviz can draw: a *graph.Expr, a *quiver.Quiver, or a Text.
type Drawing interface {
	// DOT returns the graph in the language of Graphviz.
	DOT() string
}

// Text is a drawing given in the language of Graphviz.
type Text string

// DOT returns the text.
func (t Text) DOT() string { return string(t) }

// Error reports a drawing that Graphviz refuses.
type Error struct {
	Doing string // "read" or "draw"
	Err   error
}

func (e *Error) Error() string {
	return fmt.Sprintf("viz: Graphviz could not %s it: %v", e.Doing, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// one is held while Graphviz works: it has a single memory.
var one sync.Mutex

// SVG returns a drawing as a picture, an XML document. The same drawing gives the same bytes. It is safe
// for concurrent use. Laying out takes time that grows faster than the number of edges: a
// second for some hundred nodes. Errors: *Error.
func SVG(d Drawing) (picture []byte, err error) {
	text, err := textOf(d)
	if err != nil {
		return nil, err
	}
	one.Lock()
	defer one.Unlock()
	doing := "read"
	defer func() {
		if r := recover(); r != nil {
			picture, err = nil, &Error{doing, fmt.Errorf("%v", r)}
		}
	}()
	ctx := context.Background()
	if strings.ContainsRune(text, 0) {
		return nil, &Error{doing, fmt.Errorf("the text contains a zero byte")}
	}
	g, err := graphviz.ParseBytes([]byte(text))
	if err != nil {
		return nil, &Error{doing, err}
	}
	if g == nil {
		return nil, &Error{doing, fmt.Errorf("there is no graph in it")}
	}
	defer g.Close()
	doing = "draw"
	v, err := graphviz.New(ctx)
	if err != nil {
		return nil, &Error{doing, err}
	}
	defer v.Close()
	var b bytes.Buffer
	if err := v.Render(ctx, g, graphviz.SVG, &b); err != nil {
		return nil, &Error{doing, err}
	}
	return b.Bytes(), nil
}

// textOf returns the text of a drawing, or an error where it is nil or panics.
func textOf(d Drawing) (text string, err error) {
	if v := reflect.ValueOf(d); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return "", &Error{"read", fmt.Errorf("the drawing is nil; see the error of what was to make it")}
	}
	defer func() {
		if r := recover(); r != nil {
			text, err = "", &Error{"read", fmt.Errorf("%v", r)}
		}
	}()
	return d.DOT(), nil
}

// WriteSVG writes the picture to w.
func WriteSVG(w io.Writer, d Drawing) error {
	b, err := SVG(d)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// Save writes a drawing to a file, whole or not at all: a picture where the name ends in .svg, the text
// for Graphviz where it ends in .dot or .gv. Errors: *Error, *FormatError, those of the file.
func Save(path string, d Drawing) error {
	var b []byte
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".svg":
		var err error
		if b, err = SVG(d); err != nil {
			return err
		}
	case ".dot", ".gv":
		text, err := textOf(d)
		if err != nil {
			return err
		}
		b = []byte(text)
	default:
		return &FormatError{path}
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".viz-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err = f.Write(b); err == nil {
		err = f.Chmod(0o644)
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// FormatError reports a file name whose ending says nothing.
type FormatError struct{ Path string }

func (e *FormatError) Error() string {
	return fmt.Sprintf("viz: %q: the ending decides the format; want .svg, .dot or .gv", e.Path)
}
