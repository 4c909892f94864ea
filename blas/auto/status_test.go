package auto

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/quivernet/quivernet/internal/golden"

	"github.com/stretchr/testify/assert"
)

// outcomes are the ends that a search can have.
var outcomes = map[string]outcome{
	"taken": {
		wish: "auto",
		taken: &facts{
			kind: "OpenBLAS", version: "0.3.21", path: "/usr/lib/libopenblas.so.0", config: "OpenBLAS 0.3.21 DYNAMIC_ARCH SkylakeX MAX_THREADS=64",
			core: "SkylakeX", coreBy: "from the processor's flags", double: "dgemm_", single: "sgemm_", bits: 32, threads: "1 thread",
		},
		refused: []refusal{{"libopenblas.so", "its sgemm is wrong"}},
	},
	"plain":   {wish: "/opt/libblas.so", taken: &facts{kind: "unrecognised BLAS", path: "/opt/libblas.so", double: "dgemm_64_", single: "sgemm_64_", bits: 64}},
	"unknown": {wish: "/opt/libblas.so", taken: &facts{kind: "unrecognised BLAS", path: "/opt/libblas.so", double: "dgemm_", single: "sgemm_"}},
	"none":    {why: "no fast one was found", looked: []string{"libopenblas.so.0", "libblas.so.3"}, refused: []refusal{{"libblas.so.3", "it is not known"}}},
	"failed":  {wish: "/opt/lib.so", failed: true, why: "/opt/lib.so: it has dgemm_ and no sgemm_"},
}

func TestTexts(t *testing.T) {
	for name, o := range outcomes {
		var s bytes.Buffer
		s.WriteString(o.String())
		o.log(slog.New(slog.NewTextHandler(&s, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}})))
		golden.Check(t, name+".golden", s.String())
	}
}

func TestSetLogger(t *testing.T) {
	assert.NotPanics(t, func() { SetLogger(nil) })
	var s bytes.Buffer
	SetLogger(slog.New(slog.NewTextHandler(&s, nil)))
	assert.Contains(t, s.String(), "BLAS")
}
