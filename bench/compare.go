package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// report is all that a comparison found.
type report struct {
	settings
	library  string // for products, as the variants with one name it
	abouts   []versions
	measured []answer // one per case and variant
	rows     []row
	skips    []skip
	minima   map[string]map[string]float64 // by case, by variant
}

// versions is a variant with what it says of itself.
type versions struct {
	Variant string `json:"variant"`
	About   about  `json:"about"`
	Cores   []int  `json:"cores,omitempty"`
}

// compareAll keeps one process per variant alive and asks them in turn, case by case and round by round. A disagreement
// of the losses is a *DisagreementError, and there is no report then.
func compareAll(set settings) (*report, error) {
	s, err := newSession(set)
	if err != nil {
		return nil, err
	}
	defer s.close()
	r := &report{minima: map[string]map[string]float64{}}
	processes := map[string]*process{}
	defer func() {
		for _, c := range processes {
			c.close()
		}
	}()
	var all []participant
	for _, c := range s.participants() {
		used := false
		for _, k := range s.cases {
			used = used || c.does(k)
		}
		if !used {
			continue
		}
		fmt.Fprintf(s.log, "starting %s\n", c.name)
		on := s.on(c.cores)
		proc, err := c.start(on)
		if err != nil {
			if c.ours {
				return nil, fmt.Errorf("%s does not start: %w", c.name, err)
			}
			s.skip(c.name, "it does not start: "+err.Error())
			continue
		}
		processes[c.name] = proc
		all = append(all, c)
		r.abouts = append(r.abouts, versions{c.name, proc.about, on})
	}
	if len(all) == 0 {
		return nil, errors.New("no variant takes part in these cases")
	}
	r.library = libraryHere()
	for _, a := range r.abouts {
		if a.Variant == "quivernet" {
			r.library = strings.TrimPrefix(a.About.BLAS, noLibrary)
		}
	}
	for _, c := range s.cases {
		if err := s.measure(c, all, processes, r); err != nil {
			return nil, err
		}
	}
	r.settings, r.skips = s.settings, s.skips
	return r, nil
}

// measure does one case.
func (s *session) measure(c benchCase, all []participant, processes map[string]*process, r *report) error {
	file := ""
	if c.kind == training {
		in, err := c.instance()
		if err != nil {
			return err
		}
		file = filepath.Join(s.dir, strings.ReplaceAll(c.String(), "/", "-")+".safetensors")
		if err := in.save(file); err != nil {
			return err
		}
	}
	var here []participant
	var prepared []answer
	for _, v := range all {
		if !v.does(c) {
			continue
		}
		fmt.Fprintf(s.log, "%s: preparing %s\n", c, v.name)
		a, err := processes[v.name].ask(request{Do: "prepare", Case: c.String(), File: file})
		if err != nil {
			if v.ours {
				return err
			}
			s.skip(v.name, err.Error()) // a compiler that is not there, say
			continue
		}
		here, prepared = append(here, v), append(prepared, a)
	}
	if err := agree(c, prepared); err != nil {
		return err
	}
	answers := map[string][]answer{}
	for round := range s.rounds {
		fmt.Fprintf(s.log, "%s: round %d of %d\n", c, round+1, s.rounds)
		for _, v := range here {
			a, err := processes[v.name].ask(request{Do: "measure", Case: c.String(), Millis: s.millis})
			if err != nil {
				return err
			}
			answers[v.name] = append(answers[v.name], a)
		}
	}
	least := map[string]float64{}
	for i, v := range here {
		sum := total(answers[v.name])
		sum.Allocs, sum.Layout = prepared[i].Allocs, prepared[i].Layout
		r.measured = append(r.measured, sum)
		least[v.name] = sum.MinUs
	}
	r.minima[c.String()] = least
	r.rows = append(r.rows, rows(c.String(), answers, r.library == "")...)
	for _, a := range r.measured {
		if a.Case == c.String() && a.Allocs != nil && (a.Variant == "quivernet" || a.Variant == "quivernet-go") {
			r.rows = append(r.rows, allocations(a))
		}
	}
	return nil
}
