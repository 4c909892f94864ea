package viz

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/quiver"
)

// Drawing is what can be drawn: a *graph.Expr, a *quiver.Quiver, a Part of them, a Reduction, or a Text.
type Drawing interface {
	// DOT returns the graph in the language of Graphviz.
	DOT() string
}

// Text is a drawing given in the language of Graphviz, which draws it as the text says.
type Text string

// DOT returns the text.
func (t Text) DOT() string { return string(t) }

// one is held while Graphviz works: it has a single memory.
var one sync.Mutex

// SVG returns a drawing as a picture, an XML document. Expressions, quivers and reductions are drawn in the look of
// this package, light or dark as the reader's system is; other drawings as Graphviz draws their text. Each edge of the
// graph has its line, else the error is a *MissingError. The same drawing gives the same bytes. It is safe
// for concurrent use. Laying out takes time that grows faster than the number of edges: a
// second for some hundred nodes. Errors: *Error, *MissingError.
func SVG(d Drawing) (picture []byte, err error) {
	if isNil(d) {
		return nil, &Error{"read", errNil}
	}
	one.Lock()
	defer one.Unlock()
	defer func() {
		if r := recover(); r != nil {
			picture, err = nil, &Error{"draw", fmt.Errorf("%v", r)}
		}
	}()
	scenes, err := scenesOf(d)
	if err != nil {
		return nil, err
	}
	if scenes == nil {
		text, err := textOf(d)
		if err != nil {
			return nil, err
		}
		return foreign(text)
	}
	for _, s := range scenes {
		s.measure()
		if err := s.place(); err != nil {
			return nil, err
		}
	}
	return drawing(scenes...), nil
}

// scenesOf returns what to draw in the look of this package, nil for what Graphviz draws.
func scenesOf(d Drawing) ([]*scene, error) {
	switch d := d.(type) {
	case *graph.Expr:
		text, err := textOf(d)
		if err != nil {
			return nil, err
		}
		s, err := readScene(text)
		return []*scene{s}, err
	case *quiver.Quiver:
		return []*scene{sceneOf(d, nil)}, nil
	case *part:
		return []*scene{sceneOf(d.q, d.keep)}, nil
	case *reduction:
		if d.before == nil || d.after == nil {
			return nil, &Error{"read", errNil}
		}
		return d.scenes(), nil
	}
	return nil, nil
}

func isNil(d any) bool {
	v := reflect.ValueOf(d)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

// textOf returns the text of a drawing, or an error where it is nil or panics.
func textOf(d Drawing) (text string, err error) {
	if isNil(d) {
		return "", &Error{"read", errNil}
	}
	if r, ok := d.(*reduction); ok && (r.before == nil || r.after == nil) {
		return "", &Error{"read", errNil}
	}
	defer func() {
		if r := recover(); r != nil {
			text, err = "", &Error{"read", fmt.Errorf("%v", r)}
		}
	}()
	return d.DOT(), nil
}

// WriteSVG writes the picture to w. Errors: those of SVG and of w; an *Error where w is nil.
func WriteSVG(w io.Writer, d Drawing) error {
	if isNil(w) {
		return &Error{"write", errNoWriter}
	}
	b, err := SVG(d)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// Save writes a drawing to a file, whole or not at all: a picture where the name ends in .svg, the text
// for Graphviz where it ends in .dot or .gv. Errors: those of SVG, *FormatError, those of the file.
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
