package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMain lets the test binary be its own child, as the command is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-serve" {
		main()
		return
	}
	os.Exit(m.Run())
}

// lines decodes JSON lines.
func lines(t *testing.T, text []byte) (out []map[string]any) {
	for line := range bytes.Lines(text) {
		var m map[string]any
		require.NoError(t, json.Unmarshal(line, &m), "%s", line)
		out = append(out, m)
	}
	return out
}

// The quick run needs nothing but Go, agrees on the losses, and says what it leaves out.
func TestQuick(t *testing.T) {
	var out, log bytes.Buffer
	require.NoError(t, run([]string{"-quick", "-json", "-rounds", "2", "-millis", "1"}, &out, &log))
	seen := map[string]bool{}
	for _, l := range lines(t, out.Bytes()) {
		if l["case"] != nil && l["variant"] != nil {
			seen[l["case"].(string)+" "+l["variant"].(string)] = true
			assert.Greater(t, l["min_us"], 0.0)
			assert.GreaterOrEqual(t, l["median_us"], l["min_us"])
			assert.Greater(t, l["loss100"], 0.0)
		}
	}
	for _, want := range []string{"reduced/121 quivernet", "reduced/121 hand", "reduced/121 gorgonia", "full/121 hand", "arrows quivernet", "arrows gorgonia"} {
		assert.True(t, seen[want], want)
	}
	assert.False(t, seen["arrows hand"])
	assert.Contains(t, log.String(), "skipped quivernet-go: needs a process of its own")
}

// Without Python and without GoMLX the rest runs, each variant in a process of its own.
func TestPeersThatAreNotThere(t *testing.T) {
	var out, log bytes.Buffer
	require.NoError(t, run([]string{"-peers", "-python", "/no/such/python", "-gomlx", filepath.Join(t.TempDir(), "none"), "-json", "-rounds", "1", "-millis", "1",
		"-cases", "reduced/121", "-variants", "quivernet,quivernet-go,hand,numpy,jax-jit,torch-eager,gomlx"}, &out, &log))
	reasons, processes := map[string]string{}, 0
	for _, l := range lines(t, out.Bytes()) {
		if v, ok := l["skipped"]; ok {
			reasons[v.(string)] = l["reason"].(string)
		}
		if about, ok := l["about"].(map[string]any); ok {
			processes++
			assert.EqualValues(t, 1, about["threads"])
			if len(cores()) > 0 {
				assert.Len(t, l["cores"], 1)
			}
		}
	}
	assert.Equal(t, 3, processes)
	assert.Len(t, reasons, 4)
	assert.Contains(t, reasons["numpy"], "/no/such/python")
	assert.Contains(t, reasons["gomlx"], "none")
}

// A variant that computes something else is caught, named, and nothing is reported.
func TestAWrongLossIsCaught(t *testing.T) {
	before := goVariants
	t.Cleanup(func() { goVariants = before })
	goVariants = append(goVariants[:len(goVariants):len(goVariants)], variant{"wrong", false, 1, steps, func(c benchCase, in *instance) (stepper, error) {
		in.rate *= 1 + 1e-5
		return newHand(in), nil
	}})
	var out bytes.Buffer
	err := run([]string{"-quick", "-cases", "reduced/121"}, &out, io.Discard)
	var e *DisagreementError
	require.ErrorAs(t, err, &e)
	assert.Regexp(t, `(?m)^  wrong +\S+  differs by`, err.Error())
	assert.NotRegexp(t, `(?m)^  hand +\S+  differs by`, err.Error())
	assert.Empty(t, out.String())

	goVariants[len(goVariants)-1].make = makeHandStep // the same variant without its fault
	require.NoError(t, run([]string{"-quick", "-cases", "reduced/121", "-millis", "1"}, &out, io.Discard))
}

func TestArguments(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-cases full/7", `no case "full/7"; there are reduced/121, reduced/1024, full/121`},
		{"-variants tensorflow", `no variant "tensorflow"; there are quivernet, `},
		{"-serve nobody", `no variant "nobody"`},
		{"-rounds 0", "-rounds 0"},
		{"-cases arrows -variants hand", "no variant takes part"},
		{"extra", `unexpected argument "extra"`},
	} {
		err := run(strings.Fields(c.args), io.Discard, io.Discard)
		assert.ErrorContains(t, err, c.want, c.args)
	}
	got, err := selectCases("full,reduced/121,full/121")
	require.NoError(t, err)
	assert.Equal(t, []string{"full/121", "full/1024", "reduced/121"}, names(got))
}

func TestReach(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run([]string{"-reach", "-quick", "-seeds", "1"}, &out, io.Discard))
	assert.Regexp(t, `sigmoid, the authors' program +full +1 of 1`, out.String())
	assert.Regexp(t, `sigmoid, the authors' program: full / reduced [\d.]+ times`, out.String())
	assert.Regexp(t, `the paper's text +full +0 of 1 +–`, out.String(), "what is not reached has no time")
}

func TestWithoutFolders(t *testing.T) {
	file := filepath.Join(t.TempDir(), "python")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	assert.Equal(t, []string{"-peers", "-python", "…/python", "-python=…/python", "-cases", "full/121", "-rounds=7"},
		withoutFolders([]string{"-peers", "-python", file, "-python=" + file, "-cases", "full/121", "-rounds=7"}))
}
