package data_test

import (
	"fmt"
	"log"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/data"
)

func Example() {
	s := data.DigitsSplit()
	fmt.Println(s.Note)
	labels, err := s.Train.OneHot()
	if err != nil {
		log.Fatal(err)
	}
	batches, err := data.Batches([]*mat.Dense{s.Train.X}, []*mat.Dense{labels}, 500, rand.NewPCG(1, 2))
	if err != nil {
		log.Fatal(err)
	}
	for xs, ys := range batches { // one epoch
		n, pixels := xs[0].Dims()
		_, classes := ys[0].Dims()
		fmt.Println(n, "images of", pixels, "pixels in", classes, "classes")
	}
	// Output:
	// digits: 1437 to train, 360 to test, fixed and stratified
	// 500 images of 64 pixels in 10 classes
	// 500 images of 64 pixels in 10 classes
	// 437 images of 64 pixels in 10 classes
}
