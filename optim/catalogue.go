package optim

import "reflect"

// catalogue are the records of all methods, in the order of the table of guarantees.
var catalogue = []*record{&sgd, &momentum, &nesterov, &lbfgs, &muon, &signSGD, &lion, &adagrad, &rmsProp, &adam, &adamW}

// Entry is a method of this package as data: for programs that choose one by name or list them, and
// for tests that hold for every method.
type Entry struct {
	Name     string          // of its type, as in errors and in State.Method
	New      func() Stateful // the zero value
	Settings []Setting       // the numbers among its fields
}

// Setting is a number among the fields of a method.
type Setting struct {
	Field   string
	Default float64 // what 0 means
	Want    string  // which values are taken, as in a *SettingError
}

// Catalogue returns the methods of this package.
func Catalogue() []Entry {
	out := make([]Entry, len(catalogue))
	for i, r := range catalogue {
		out[i] = Entry{r.name, r.make, r.settings()}
	}
	return out
}

// settings lists the numbers among the fields of the method.
func (r *record) settings() (out []Setting) {
	all := append([]setting{{"Rate", r.rate, &positive}}, r.own...)
	all = append(all, setting{"Decay", r.decay, &atLeast0})
	fields := reflect.TypeOf(r.make()).Elem()
	for _, s := range all {
		if _, ok := fields.FieldByName(s.field); ok {
			out = append(out, Setting{s.field, s.preset, s.in.want})
		}
	}
	return out
}
