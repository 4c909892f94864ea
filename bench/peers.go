package main

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed peers/*.py
var scripts embed.FS

// pythonVariants are the peers in Python, by script.
var pythonVariants = []struct {
	script, needs string
	names         []string
}{
	{"numpy_peer.py", "numpy", []string{"numpy"}},
	{"jax_peer.py", "jax", []string{"jax-jit", "jax-scan"}},
	{"torch_peer.py", "torch", []string{"torch-eager", "torch-compile-loss", "torch-compile-step"}},
}

// pythons returns the peers in Python that can be started.
func (s *session) pythons() (out []participant) {
	reason := ""
	if s.python == "" {
		reason = "no -python given: the interpreter of an environment with bench/peers/requirements.txt"
	} else if path, err := exec.LookPath(s.python); err != nil {
		reason = err.Error()
	} else {
		s.python = path
	}
	for _, p := range pythonVariants {
		why := reason
		if why == "" {
			if text, err := exec.Command(s.python, "-c", "import numpy, "+p.needs).CombinedOutput(); err != nil {
				lines := strings.Split(strings.TrimSpace(string(text)), "\n")
				why = fmt.Sprintf("%s has no %s (%s); pip install -r bench/peers/requirements.txt", s.python, p.needs, lines[len(lines)-1])
			}
		}
		for _, name := range p.names {
			switch {
			case !s.wants(name):
			case why != "":
				s.skip(name, why)
			default:
				out = append(out, participant{name, false, 1, steps, func(on []int) (*process, error) {
					dir, err := s.scripts()
					if err != nil {
						return nil, err
					}
					cmd := exec.Command(s.python, filepath.Join(dir, p.script), name)
					cmd.Env = environment("PYTHONDONTWRITEBYTECODE=1", "TORCHINDUCTOR_CACHE_DIR="+filepath.Join(s.dir, "inductor"))
					return startProcess(name, cmd, on)
				}})
			}
		}
	}
	return out
}

// scripts writes the programs of the peers into the session's folder.
func (s *session) scripts() (string, error) {
	dir := filepath.Join(s.dir, "peers")
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	sub, err := fs.Sub(scripts, "peers")
	if err != nil {
		return "", err
	}
	return dir, os.CopyFS(dir, sub)
}

// gomlxes returns GoMLX, as it is built by default and with the experimental vector package of Go.
func (s *session) gomlxes() (out []participant) {
	for _, v := range []struct{ name, experiment string }{{"gomlx", ""}, {"gomlx-simd", "simd"}} {
		if !s.wants(v.name) {
			continue
		}
		bin := filepath.Join(s.dir, v.name)
		build := exec.Command("go", "build", "-o", bin, ".")
		build.Dir = s.gomlx
		build.Env = append(os.Environ(), "GOEXPERIMENT="+v.experiment, "GOFLAGS=-mod=readonly")
		if s.gomlx == "" {
			s.skip(v.name, "the folder bench/gomlx is not here; run from a clone or give -gomlx")
			continue
		}
		fmt.Fprintf(s.log, "building %s\n", v.name)
		if text, err := build.CombinedOutput(); err != nil {
			lines := strings.Split(strings.TrimSpace(string(text)), "\n")
			s.skip(v.name, fmt.Sprintf("%v: %s", err, lines[len(lines)-1]))
			continue
		}
		out = append(out, participant{v.name, false, 1, steps, func(on []int) (*process, error) {
			cmd := exec.Command(bin, v.name)
			cmd.Env = environment("GOMAXPROCS=1")
			return startProcess(v.name, cmd, on)
		}})
	}
	return out
}

// gomlxFolder finds the module beside this package's source.
func gomlxFolder() string {
	for _, dir := range []string{"bench/gomlx", "gomlx"} {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	return ""
}
