package op

import (
	"reflect"
	"runtime/debug"
	"slices"
	"sync"
	"unsafe"

	"gorgonia.org/gorgonia"
)

// prepare spares the next AddNode a search through all nodes. Gorgonia looks a new node
// up by its id in an unexported map and, because it is not there yet, scans the
// whole graph: building is quadratic. Writing the id that the node will get into
// the map first makes it linear. Nothing else depends on it: where Gorgonia is not the
// version that is known, building is only slow.
func prepare(g *gorgonia.ExprGraph) {
	offset := fastBuild()
	if offset == nil {
		return
	}
	p := unsafe.Pointer(g)
	byID := *(*map[int64]int)(unsafe.Add(p, offset.byID))
	counter := *(*uint)(unsafe.Add(p, offset.counter))
	if n := len(g.AllNodes()); byID != nil && counter == uint(n) {
		byID[int64(counter)] = n
	}
}

type offsets struct{ byID, counter uintptr }

// fastBuild returns where the two fields lie in an ExprGraph, or nil where Gorgonia is not the version that is known.
var fastBuild = sync.OnceValue(func() *offsets {
	info, _ := debug.ReadBuildInfo()
	if !knownVersion(info) {
		return nil
	}
	return fieldsOf(reflect.TypeFor[gorgonia.ExprGraph]())
})

const gorgoniaModule, gorgoniaVersion = "gorgonia.org/gorgonia", "v0.9.18"

// knownVersion says whether a program is built with the version of Gorgonia whose graph is known, not with a replacement. Binaries of tests do not record
// their modules; there the fields of the graph, all of them, decide alone.
func knownVersion(info *debug.BuildInfo) bool {
	if info == nil {
		return false
	}
	for _, m := range info.Deps {
		if m.Path == gorgoniaModule {
			return m.Version == gorgoniaVersion && m.Replace == nil
		}
	}
	return len(info.Deps) == 0
}

// graphFields are all fields of an ExprGraph of that version.
var graphFields = [][2]string{
	{"name", "string"}, {"all", "gorgonia.Nodes"}, {"byID", "map[int64]int"}, {"byHash", "map[uint32]*gorgonia.Node"}, {"evac", "map[uint32]gorgonia.Nodes"},
	{"to", "map[*gorgonia.Node]gorgonia.Nodes"}, {"leaves", "gorgonia.Nodes"}, {"constants", "gorgonia.Nodes"}, {"roots", "gorgonia.Nodes"}, {"counter", "uint"},
}

// fieldsOf returns where byID and counter lie, nil where a type has not exactly those fields.
func fieldsOf(t reflect.Type) *offsets {
	if t.Kind() != reflect.Struct || t.NumField() != len(graphFields) {
		return nil
	}
	for i, want := range graphFields {
		if f := t.Field(i); f.Name != want[0] || f.Type.String() != want[1] {
			return nil
		}
	}
	at := func(name string) uintptr {
		return t.Field(slices.IndexFunc(graphFields, func(f [2]string) bool { return f[0] == name })).Offset
	}
	return &offsets{at("byID"), at("counter")}
}
