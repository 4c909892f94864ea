package graph

// made refuses a program that Compile has not made.
func (p *Program) made() error {
	if p == nil || p.engine == nil {
		return &RepError{Reason: "a nil program; make one with graph.Compile"}
	}
	return nil
}

// made refuses a problem that no program has made.
func (o *Problem) made() error {
	if o == nil {
		return &RepError{Reason: "a nil problem; make one with Program.Problem"}
	}
	return o.p.made()
}
