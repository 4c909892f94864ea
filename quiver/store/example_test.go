package store_test

import (
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/store"
)

func Example() {
	q, err := layers.MLP(layers.Radial(layers.Tanh), 2, 8, 1)
	if err != nil {
		log.Fatal(err)
	}
	w := quiver.Random(q, nil, rand.NewPCG(1, 2))
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	path := filepath.Join(dir, "model.safetensors")
	if err := store.Save(path, w, store.WithMetadata(map[string]string{"trained": "not yet"})); err != nil {
		log.Fatal(err)
	}
	notes := make(map[string]string)
	again, err := store.Load(path, store.MetadataInto(notes))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.Quiver().NumParams(), "parameters, trained:", notes["trained"])
	fmt.Println("same weights:", again.Arrow("x->h1").At(3, 1) == w.Arrow("x->h1").At(3, 1))
	// Output:
	// 33 parameters, trained: not yet
	// same weights: true
}
