// Command bench measures this library beside others, each on the same weights and data.
//
//	go run ./bench                                  the variants in Go
//	go run ./bench -peers -python VENV/bin/python   PyTorch, JAX, numpy and GoMLX too
//	go run ./bench -reach                           time to a loss of 0.01, full and reduced network
//	go run ./bench -quick                           a short look, in this process
//
// See README.md beside this file for what is measured and how.
//
// # Files
//
//	file            what you find there
//	main.go         flags
//	cases.go        networks, cases and how each is trained
//	instance.go     what every variant of a case starts from
//	variants.go     the variants in Go
//	ours.go         this library, as a user would use it
//	handwritten.go  the step by hand, on our kernels
//	gorgonia.go     Gorgonia alone
//	arrows.go       the quiver with 192 arrows, ours and with builtin operations
//	products.go     gonum's BLAS with our products, for Gorgonia
//	peers.go        the variants in Python, and GoMLX
//	protocol.go     how a variant is asked, and what it answers
//	process.go      a variant that is kept alive
//	session.go      who takes part in a comparison
//	compare.go      the comparison, round by round
//	agree.go        losses are compared before times are
//	rows.go         ratios, with what is expected of each
//	report.go       tables and JSON
//	reach.go        the time until a loss is reached
//	pin_linux.go    binding a process to processors; elsewhere pin_other.go
package main
