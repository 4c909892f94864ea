package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// counter is a stepper whose loss is the number of steps since the start.
type counter struct {
	steps, resets int
	fails         bool
}

func (c *counter) reset() error { c.steps, c.resets = 0, c.resets+1; return nil }

func (c *counter) run(n int) error {
	if c.steps += n; c.fails {
		return errors.New("a step that fails")
	}
	return nil
}
func (c *counter) loss() (float64, error) { return float64(c.steps), nil }

func counting(c *counter) variant {
	return variant{"counter", false, 1, both, func(benchCase, *instance) (stepper, error) { return c, nil }}
}

func proc(t *testing.T, v variant, asks ...string) (out []answer) {
	var say bytes.Buffer
	require.NoError(t, serve(strings.NewReader(strings.Join(asks, "\n")), &say, v))
	for line := range bytes.Lines(say.Bytes()) {
		var a answer
		require.NoError(t, jsonUnmarshal(line, &a))
		out = append(out, a)
	}
	return out
}

func TestProtocol(t *testing.T) {
	c := &counter{}
	got := proc(t, counting(c),
		`{"do":"measure","case":"arrows","millis":1}`, // before prepare
		`{"do":"prepare","case":"arrows"}`,
		`{"do":"measure","case":"arrows","millis":1}`,
		`{"do":"measure","case":"full/121","millis":1}`, // another case
		`not json`,
		`{"do":"dance","case":"arrows"}`,
		`{"do":"prepare","case":"no such"}`,
		`{"do":"measure","case":"arrows","millis":1}`, // the failed one is gone
		`{"do":"quit"}`,
		`{"do":"measure","case":"arrows","millis":1}`)
	require.Len(t, got, 9, "one line at the start and one for each request before quit")
	assert.NotNil(t, got[0].About)
	for i, ok := range []bool{false, true, true, false, false, false, false, false} {
		a := got[i+1]
		assert.Equal(t, ok, a.Error == "", "answer %d: %+v", i+1, a)
		assert.Equal(t, "counter", a.Variant)
	}
	assert.Equal(t, 100.0, got[2].Loss100, "the loss after exactly 100 steps")
	assert.Equal(t, 100.0, got[3].Loss100)
	assert.Equal(t, 1, c.resets, "a measurement begins at the starting weights")
	assert.Greater(t, got[3].MinUs, 0.0)
	assert.GreaterOrEqual(t, got[3].MedianUs, got[3].MinUs)
}

func TestProtocolReportsAFailingStep(t *testing.T) {
	got := proc(t, counting(&counter{fails: true}), `{"do":"prepare","case":"arrows"}`)
	assert.Equal(t, "a step that fails", got[1].Error)
	c, err := here(counting(&counter{fails: true}))
	require.NoError(t, err)
	defer c.close()
	_, err = c.ask(request{Do: "prepare", Case: "arrows"})
	assert.EqualError(t, err, "counter, case arrows: a step that fails")
}

// A child that dies, says nothing or says something else is an error with its last words.
func TestConversationWithABrokenChild(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh")
	}
	for _, c := range []struct{ script, want string }{
		{"echo out of memory >&2; exit 3", "out of memory"},
		{"exit 0", "ended without an answer"},
		{"echo hello", `answers "hello"`},
		{`echo '{"variant":"x"}'`, "does not say what it is"},
	} {
		_, err := startProcess("x", exec.Command(sh, "-c", c.script), nil)
		assert.ErrorContains(t, err, c.want)
	}
	liar, err := startProcess("x", exec.Command(sh, "-c", `echo '{"variant":"x","about":{"version":"1"}}'; read a; echo '{"variant":"x","case":"full/121","loss100":1}'; read a; echo '{"variant":"x","case":"arrows"}'; read a; echo late >&2; exit 1`), nil)
	require.NoError(t, err)
	_, err = liar.ask(request{Do: "prepare", Case: "arrows"})
	assert.ErrorContains(t, err, "was asked about case arrows")
	_, err = liar.ask(request{Do: "measure", Case: "arrows"})
	assert.ErrorContains(t, err, "are no times")
	_, err = liar.ask(request{Do: "measure", Case: "arrows"})
	assert.ErrorContains(t, err, "late")
	liar.close()
}

func TestStartOn(t *testing.T) {
	all := cores()
	sh, err := exec.LookPath("sh")
	if err != nil || len(all) < 2 {
		t.Skip("needs two processors that a process can be bound to")
	}
	var out bytes.Buffer
	cmd := exec.Command(sh, "-c", "grep Cpus_allowed_list /proc/self/status")
	cmd.Stdout = &out
	require.NoError(t, startOn(cmd, all[1:2]))
	require.NoError(t, cmd.Wait())
	assert.Equal(t, []string{"Cpus_allowed_list:", itoa(all[1])}, strings.Fields(out.String()))
	assert.Equal(t, all, cores(), "this process keeps its processors")
}

func TestEnvironment(t *testing.T) {
	t.Setenv("OPENBLAS_CORETYPE", "Prescott")
	t.Setenv("OPENBLAS_NUM_THREADS", "8")
	last := map[string]string{}
	for _, e := range environment("GOMAXPROCS=1") {
		name, value, _ := strings.Cut(e, "=")
		last[name] = value
	}
	assert.NotContains(t, last, "OPENBLAS_CORETYPE")
	assert.Equal(t, "1", last["OPENBLAS_NUM_THREADS"])
	assert.Equal(t, "1", last["GOMAXPROCS"])
}

// The programs in Python are at least programs.
func TestPeersInPythonParse(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	files, err := filepath.Glob("peers/*.py")
	require.NoError(t, err)
	require.Len(t, files, 4)
	for _, f := range files {
		out, err := exec.Command(python, "-c", "import ast, sys; ast.parse(open(sys.argv[1], encoding='utf-8').read())", f).CombinedOutput()
		assert.NoError(t, err, "%s", out)
	}
}

// With BENCH_PYTHON, an interpreter with peers/requirements.txt, they compute what Go computes.
func TestPeersInPythonAgree(t *testing.T) {
	python := os.Getenv("BENCH_PYTHON")
	if python == "" {
		t.Skip("BENCH_PYTHON names no interpreter with peers/requirements.txt")
	}
	var out bytes.Buffer
	require.NoError(t, run([]string{"-peers", "-python", python, "-json", "-rounds", "1", "-millis", "1", "-cases", "reduced/121",
		"-variants", "hand,numpy,jax-jit,jax-scan,torch-eager"}, &out, io.Discard))
	assert.NotContains(t, out.String(), "skipped")
}
