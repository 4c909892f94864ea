package store

import (
	"io"
	"strings"
)

// Info is what the header of a file says.
type Info struct {
	Quiver   string            // the quiver's JSON
	Metadata map[string]string // what WithMetadata added
	Tensors  []TensorInfo      // in the order of the file
}

// TensorInfo names a tensor of a file.
type TensorInfo struct {
	Name  string
	Shape []int
}

// Inspect reads the header of a file and no more: neither the weights nor the
// checksum are looked at. Errors: *FormatError.
func Inspect(src io.Reader, opts ...Option) (*Info, error) {
	if isNil(src) {
		return nil, bad("file", "give one such as an open file", "the reader is nil")
	}
	meta, ts, err := readHeader(src, newSettings(opts).limits)
	if err != nil {
		return nil, err
	}
	i := &Info{Quiver: meta[metaQuiver], Metadata: make(map[string]string)}
	for k, v := range meta {
		if !strings.HasPrefix(k, metaPrefix) {
			i.Metadata[k] = v
		}
	}
	for _, t := range ts {
		i.Tensors = append(i.Tensors, TensorInfo{t.name, t.shape})
	}
	return i, nil
}
