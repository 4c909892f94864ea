package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// mutant is one change: the bytes [From, To) of File become Text.
type mutant struct {
	ID       string // file, function, change and its number within the function, separated by tabs
	File     string // relative to the module
	Line     int
	From, To int
	Text     string
	Source   []byte // the file as it was when the mutant was chosen
}

// swaps are the operators and what each becomes.
var swaps = map[token.Token][]token.Token{
	token.ADD: {token.SUB}, token.SUB: {token.ADD}, token.MUL: {token.QUO}, token.QUO: {token.MUL},
	token.LSS: {token.LEQ, token.GTR}, token.LEQ: {token.LSS}, token.GTR: {token.GEQ, token.LSS}, token.GEQ: {token.GTR},
	token.EQL: {token.NEQ}, token.NEQ: {token.EQL}, token.LAND: {token.LOR}, token.LOR: {token.LAND},
	token.ADD_ASSIGN: {token.SUB_ASSIGN, token.ASSIGN}, token.SUB_ASSIGN: {token.ADD_ASSIGN}, token.MUL_ASSIGN: {token.QUO_ASSIGN, token.ASSIGN},
	token.INC: {token.DEC},
}

// mutants lists every change of every written file of the packages, in the order of the source.
func mutants(root string, packages []string) ([]mutant, error) {
	var all []mutant
	for _, dir := range packages {
		files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("no Go files in %s", dir)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			src, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			if bytes.HasPrefix(src, []byte("// Code generated")) {
				continue
			}
			found, err := inFile(dir+"/"+filepath.Base(name), src)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
	}
	return all, nil
}

// inFile lists the changes of one file.
func inFile(name string, src []byte) ([]mutant, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var all []mutant
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		c := &collector{fset: fset, src: src, file: name, function: functionName(f)}
		ast.Inspect(f.Body, c.visit)
		seen := map[string]int{}
		slices.SortStableFunc(c.found, func(a, b mutant) int { return a.From - b.From })
		for _, m := range c.found {
			seen[m.ID]++
			m.ID += "\t" + strconv.Itoa(seen[m.ID])
			all = append(all, m)
		}
	}
	return all, nil
}

func functionName(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	t := f.Recv.List[0].Type
	if s, ok := t.(*ast.StarExpr); ok {
		t = s.X
	}
	if x, ok := t.(*ast.IndexExpr); ok {
		t = x.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name + "." + f.Name.Name
	}
	return f.Name.Name
}

// collector gathers the changes of one function.
type collector struct {
	fset           *token.FileSet
	src            []byte
	file, function string
	found          []mutant
}

func (c *collector) text(n ast.Node) string {
	return string(c.src[c.offset(n.Pos()):c.offset(n.End())])
}

func (c *collector) offset(p token.Pos) int { return c.fset.Position(p).Offset }

// change records that the bytes from p to end become text; what names the change in context.
func (c *collector) change(p, end token.Pos, context ast.Node, text string) {
	from, to := c.offset(p), c.offset(end)
	start, stop := c.offset(context.Pos()), c.offset(context.End())
	before := string(c.src[start:stop])
	after := string(c.src[start:from]) + text + string(c.src[to:stop])
	c.found = append(c.found, mutant{
		ID:   strings.Join([]string{c.file, c.function, oneLine(before) + " → " + oneLine(after)}, "\t"),
		File: c.file, Line: c.fset.Position(p).Line, From: from, To: to, Text: text, Source: c.src,
	})
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 90 {
		s = string(r[:60]) + " … " + string(r[len(r)-25:])
	}
	return s
}

func (c *collector) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if c.isText(n) {
			return true
		}
		for _, op := range swaps[n.Op] {
			c.change(n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), n, op.String())
		}
		if n.Op == token.ADD || n.Op == token.SUB || n.Op == token.LAND || n.Op == token.LOR {
			c.change(n.Pos(), n.End(), n, c.text(n.X)) // the second term is dropped
		}
	case *ast.UnaryExpr:
		if n.Op == token.SUB || n.Op == token.NOT {
			c.change(n.Pos(), n.X.Pos(), n, "")
		}
	case *ast.AssignStmt:
		for _, op := range swaps[n.Tok] {
			if !c.isText(n.Rhs[0]) {
				c.change(n.TokPos, n.TokPos+token.Pos(len(n.Tok.String())), n, op.String())
			}
		}
	case *ast.IncDecStmt:
		for _, op := range swaps[n.Tok] {
			c.change(n.TokPos, n.TokPos+token.Pos(len(n.Tok.String())), n, op.String())
		}
	case *ast.IndexExpr:
		if _, number := n.Index.(*ast.BasicLit); !number && c.isPlain(n.Index) {
			c.change(n.Index.Pos(), n.Index.End(), n, "("+c.text(n.Index)+")^1")
		}
	case *ast.BasicLit:
		c.literal(n)
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.Ident); ok && len(n.Args) > 1 {
			switch f.Name {
			case "min":
				c.change(f.Pos(), f.End(), n, "max")
			case "max":
				c.change(f.Pos(), f.End(), n, "min")
			}
		}
	case *ast.ExprStmt:
		if call, ok := n.X.(*ast.CallExpr); ok && !strings.HasPrefix(c.text(call), "panic(") {
			c.change(n.Pos(), n.End(), n, "_ = 0")
		}
	case *ast.IfStmt:
		c.change(n.Cond.Pos(), n.Cond.End(), n.Cond, "("+c.text(n.Cond)+") && false")
	}
	return true
}

// literal changes a number.
func (c *collector) literal(n *ast.BasicLit) {
	switch n.Kind {
	case token.INT:
		if v, err := strconv.ParseInt(n.Value, 0, 32); err == nil {
			c.change(n.Pos(), n.End(), n, strconv.FormatInt(v+1, 10))
		}
	case token.FLOAT:
		if v, err := strconv.ParseFloat(n.Value, 64); err == nil && v != 0 {
			c.change(n.Pos(), n.End(), n, n.Value+"*4")
		}
	}
}

// isPlain reports whether an index is a name or a sum of names and numbers: an index into a slice
// rather than a key.
func (c *collector) isPlain(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return len(e.Name) == 1
	case *ast.BinaryExpr:
		return c.isPlain(e.X) || c.isPlain(e.Y)
	}
	return false
}

// isText reports whether an expression contains a string, whose sum is no arithmetic.
func (c *collector) isText(e ast.Expr) (text bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			text = true
		}
		return !text
	})
	return text
}
