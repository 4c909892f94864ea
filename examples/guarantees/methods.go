package main

import "github.com/quivernet/quivernet/optim"

// method is a line of the table.
type method struct {
	name  string
	short bool // rounding decides early between its steps
	// make returns a maker for a kind of decay, or nil where the method has none.
	make func(decay string) func() optim.Method
}

func (m method) steps(n int) int {
	if m.short {
		return min(n, 10)
	}
	return n
}

// decays returns λ and whether it is decoupled.
func decays(kind string) (lambda float64, decoupled bool) {
	if kind == "none" {
		return 0, false
	}
	return 0.01, kind == "decoupled"
}

var methods = []method{
	{name: "SGD", make: func(k string) func() optim.Method {
		l, d := decays(k)
		return func() optim.Method { return &optim.SGD{Rate: 0.05, Decay: l, Decoupled: d} }
	}},
	{name: "momentum", make: func(k string) func() optim.Method {
		l, d := decays(k)
		return func() optim.Method { return &optim.Momentum{Rate: 0.02, Decay: l, Decoupled: d} }
	}},
	{name: "Nesterov", make: func(k string) func() optim.Method {
		l, d := decays(k)
		return func() optim.Method { return &optim.Nesterov{Rate: 0.02, Decay: l, Decoupled: d} }
	}},
	{name: "SGD, clipped", make: func(k string) func() optim.Method {
		l, d := decays(k)
		return func() optim.Method { return optim.Clip(&optim.SGD{Rate: 0.05, Decay: l, Decoupled: d}, 0.1) }
	}},
	{name: "Muon", make: func(k string) func() optim.Method {
		l, d := decays(k)
		return func() optim.Method { return &optim.Muon{Rate: 0.005, Decay: l, Decoupled: d} }
	}},
	{name: "L-BFGS", short: true, make: func(k string) func() optim.Method {
		l, d := decays(k)
		if d {
			return nil
		}
		return func() optim.Method { return &optim.LBFGS{Decay: l} }
	}},
	{name: "sign-SGD", make: func(k string) func() optim.Method {
		l, d := decays(k)
		return func() optim.Method { return &optim.SignSGD{Rate: 0.002, Decay: l, Decoupled: d} }
	}},
	{name: "Lion", make: func(k string) func() optim.Method {
		l, d := decays(k)
		if l != 0 && !d {
			return nil
		}
		return func() optim.Method { return &optim.Lion{Rate: 0.002, Decay: l} }
	}},
	{name: "Adagrad", make: func(k string) func() optim.Method {
		l, d := decays(k)
		return func() optim.Method { return &optim.Adagrad{Rate: 0.02, Decay: l, Decoupled: d} }
	}},
	{name: "RMSProp", make: func(k string) func() optim.Method {
		l, d := decays(k)
		return func() optim.Method { return &optim.RMSProp{Rate: 0.002, Decay: l, Decoupled: d} }
	}},
	{name: "Adam, AdamW", make: func(k string) func() optim.Method {
		l, d := decays(k)
		if d {
			return func() optim.Method { return &optim.AdamW{Rate: 0.01, Decay: l} }
		}
		return func() optim.Method { return &optim.Adam{Rate: 0.01, Decay: l} }
	}},
}
