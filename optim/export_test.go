package optim

import "fmt"

// Keeps says what a method keeps by its record, squares of gradients as "v²".
func Keeps(method string) (names []string, err error) {
	for _, r := range catalogue {
		if r.name != method {
			continue
		}
		for _, k := range r.keeps {
			if k.squares {
				k.name += "²"
			}
			names = append(names, k.name)
		}
		return names, nil
	}
	return nil, fmt.Errorf("no method %s", method)
}
