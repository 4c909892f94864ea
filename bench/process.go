package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// process is a variant that is kept alive and asked, line by line.
type process struct {
	name  string
	about about
	in    io.WriteCloser
	lines *bufio.Scanner
	kill  func()       // ends it at once
	end   func() error // waits until it has ended
	says  *lastLines   // what it wrote to its error output
}

// patience is how long an answer may take: a first compilation takes minutes on a slow machine.
const patience = 10 * time.Minute

// open takes the first line of a variant.
func (c *process) open() error {
	a, err := c.read()
	if err != nil {
		return err
	}
	if a.About == nil {
		return fmt.Errorf("%s does not say what it is", c.name)
	}
	c.about = *a.About
	return nil
}

func (c *process) read() (answer, error) {
	late := false
	t := time.AfterFunc(patience, func() { late = true; c.kill() })
	ok := c.lines.Scan()
	if t.Stop(); !ok {
		switch err := c.lines.Err(); {
		case late:
			return answer{}, fmt.Errorf("%s gave no answer within %v", c.name, patience)
		case err != nil:
			return answer{}, fmt.Errorf("%s: %w", c.name, err)
		}
		if err := c.end(); err != nil {
			return answer{}, fmt.Errorf("%s ended: %w: %s", c.name, err, c.says.last())
		}
		return answer{}, fmt.Errorf("%s ended without an answer: %s", c.name, c.says.last())
	}
	var a answer
	if err := json.Unmarshal(c.lines.Bytes(), &a); err != nil {
		return a, fmt.Errorf("%s answers %q: %w", c.name, c.lines.Text(), err)
	}
	if a.Error != "" {
		return a, fmt.Errorf("%s, case %s: %s", c.name, a.Case, a.Error)
	}
	return a, nil
}

// ask sends a request and returns its answer.
func (c *process) ask(r request) (answer, error) {
	line, err := json.Marshal(r)
	if err != nil {
		return answer{}, err
	}
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		return answer{}, errors.Join(fmt.Errorf("%s: %w: %s", c.name, err, c.says.last()), c.end())
	}
	a, err := c.read()
	if err == nil && (a.Case != r.Case || a.Variant != c.name) {
		err = fmt.Errorf("%s was asked about case %s and %s answers about %s", c.name, r.Case, a.Variant, a.Case)
	}
	if err == nil && r.Do == "measure" && !(a.MinUs > 0 && a.MedianUs >= a.MinUs) {
		err = fmt.Errorf("%s, case %s: %v µs at least and %v µs in the middle are no times", c.name, r.Case, a.MinUs, a.MedianUs)
	}
	return a, err
}

// close lets the variant end.
func (c *process) close() {
	_, _ = io.WriteString(c.in, `{"do":"quit"}`+"\n")
	_ = c.in.Close()
	t := time.AfterFunc(10*time.Second, c.kill)
	defer t.Stop()
	_ = c.end()
}

// startProcess starts a process on the given cores.
func startProcess(name string, cmd *exec.Cmd, cores []int) (*process, error) {
	c := &process{name: name, says: &lastLines{}}
	cmd.Stderr = c.says
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := startOn(cmd, cores); err != nil {
		return nil, err
	}
	c.in, c.lines = in, bufio.NewScanner(out)
	c.kill = func() { _ = cmd.Process.Kill() }
	c.end = sync.OnceValue(cmd.Wait)
	if err := c.open(); err != nil {
		c.kill()
		_ = c.end()
		return nil, err
	}
	return c, nil
}

// here runs a variant in this process.
func here(v variant) (*process, error) {
	ask, in := io.Pipe()
	out, say := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := serve(ask, say, v)
		done <- err
		say.CloseWithError(err)
		ask.CloseWithError(err)
	}()
	c := &process{name: v.name, says: &lastLines{}, in: in, lines: bufio.NewScanner(out)}
	c.kill = func() { _ = in.CloseWithError(io.ErrUnexpectedEOF) }
	c.end = sync.OnceValue(func() error { return <-done })
	return c, c.open()
}

// lastLines keeps the end of what is written to it.
type lastLines struct {
	mu   sync.Mutex
	text []byte
}

func (t *lastLines) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-4096):]
	return len(p), nil
}

// last returns the last line.
func (t *lastLines) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	return lines[len(lines)-1]
}
