// Package symbolic reads the nodes of an expression graph as formulas: it prints them, opens them, simplifies and evaluates them.
//
// An Expr is a node with the names and origins of what it needs. Every rewriting makes a graph of its own and keeps the numbers. A Source
// makes the expressions of one model: values of vertices, the loss, gradients and second derivatives. Package graph documents what users
// see of it.
//
//	expr.go          Expr, and its value
//	source.go        Source: what expressions are made of
//	gradient.go      the expressions of a model: values, gradients, second gradients
//	hessiangraph.go  the whole Hessian as one expression
//	again.go         the same expression for another batch
//	origin.go        where a node comes from, and its name in the field
//
//	equation.go      an expression as lines, each a named value and its formula
//	read.go          the formula of a node
//	readact.go       of an activation and its derivatives
//	readforeign.go   of an operation of Gorgonia's
//	show.go          which lines are shown
//	legend.go        what the symbols mean
//	block.go         lines as text and as LaTeX
//	dot.go           lines and quivers for Graphviz
//
//	rebuild.go       an expression copied, with rules for what stands in the place of a node
//	expand.go        activations opened level by level
//	openact.go       the open form of activations and their derivatives
//	openparts.go     of their parts
//	openscalar.go    of scalar functions
//	simplify.go      the table of rules
//	rules.go         the rules
package symbolic
