package data

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gonum.org/v1/gonum/mat"
)

// LoadMNIST reads the MNIST images from a directory: the files train-images-idx3-ubyte,
// train-labels-idx1-ubyte and the same two with t10k, with or without .gz. Any data set in
// that form will do, such as Fashion-MNIST. Pixels are scaled from 0..255 to 0..1.
//
// Where the training half is missing, the test half is cut: its first four fifths to train and
// the rest to test, which for MNIST is 8,000 and 2,000. TestHalfOnly and Note say so.
//
// A pixel, one byte in the file, takes eight bytes here, and ten at the peak. Errors:
// *IDXError, which wraps fs.ErrNotExist where the directory does not hold what it needs.
func LoadMNIST(dir string, opts ...IDXOption) (*Split, error) {
	return LoadMNISTFS(os.DirFS(dir), dir, opts...)
}

// LoadMNISTFS is LoadMNIST for a file system; errors show its files as name/file.
func LoadMNISTFS(fsys fs.FS, name string, opts ...IDXOption) (*Split, error) {
	if isNil(fsys) {
		return nil, &IDXError{Path: name, Reason: "the file system is nil", Next: "give one, such as os.DirFS(dir)"}
	}
	test, err := half(fsys, name, "t10k", opts)
	if err != nil {
		return nil, err
	}
	train, err := half(fsys, name, "train", opts)
	switch {
	case errors.Is(err, fs.ErrNotExist) && absent(fsys, "train"):
		cut := test.Len() * 4 / 5
		rows := make([]int, test.Len())
		for i := range rows {
			rows[i] = i
		}
		return &Split{
			Train: test.Rows(rows[:cut]...), Test: test.Rows(rows[cut:]...), TestHalfOnly: true,
			Note: fmt.Sprintf("mnist: only the test half was found: its first %d images to train, its last %d to test", cut, test.Len()-cut),
		}, nil
	case err != nil:
		return nil, err
	}
	if train.Width != test.Width || train.Height != test.Height {
		return nil, &IDXError{Path: name, Reason: fmt.Sprintf("the training images are %d×%d, the test images %d×%d", train.Height, train.Width, test.Height, test.Width), Next: "put the files of one data set there"}
	}
	return &Split{Train: train, Test: test, Note: fmt.Sprintf("mnist: %d to train, %d to test, as published", train.Len(), test.Len())}, nil
}

// half reads the images and labels whose file names start with prefix.
func half(fsys fs.FS, dir, prefix string, opts []IDXOption) (*Set, error) {
	images, imagesPath, err := idxFile(fsys, dir, prefix+"-images-idx3-ubyte", 3, opts)
	if err != nil {
		return nil, err
	}
	labels, labelsPath, err := idxFile(fsys, dir, prefix+"-labels-idx1-ubyte", 1, opts)
	if err != nil {
		return nil, err
	}
	n, h, w := images.Dims[0], images.Dims[1], images.Dims[2]
	if labels.Dims[0] != n {
		return nil, &IDXError{Path: labelsPath, Reason: fmt.Sprintf("%d labels for %d images", labels.Dims[0], n), Next: "put the files of one data set there"}
	}
	if n == 0 || h == 0 || w == 0 {
		return nil, &IDXError{Path: imagesPath, Reason: fmt.Sprintf("%s holds no pixels", product(images.Dims)), Next: again}
	}
	s := &Set{Name: "mnist", X: mat.NewDense(n, h*w, nil), Labels: make([]int, n), Classes: 10, Height: h, Width: w}
	for i, l := range labels.Data {
		if int(l) >= s.Classes {
			return nil, &IDXError{Path: labelsPath, Reason: fmt.Sprintf("label %d of image %d; want 0 to %d", l, i, s.Classes-1), Next: again}
		}
		s.Labels[i] = int(l)
	}
	x := s.X.RawMatrix().Data
	for i, p := range images.Data {
		x[i] = float64(p) / 255
	}
	return s, nil
}

// idxFile reads name or name.gz and checks its number of dimensions.
func idxFile(fsys fs.FS, dir, name string, dims int, opts []IDXOption) (*IDX, string, error) {
	f, err := fsys.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		var zipped fs.File
		if zipped, err = fsys.Open(name + ".gz"); err == nil {
			f, name = zipped, name+".gz"
		}
	}
	path := filepath.Join(dir, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, path, &IDXError{Path: path, Reason: "not there, with or without .gz", Next: "name the directory that holds the four MNIST files, or the two of the test half", Err: fs.ErrNotExist}
	}
	if err != nil {
		return nil, path, &IDXError{Path: path, Reason: "cannot be opened", Err: err}
	}
	defer f.Close()
	x, err := ReadIDX(f, opts...)
	if err != nil {
		if e := (*IDXError)(nil); errors.As(err, &e) {
			e.Path = path
		}
		return nil, path, err
	}
	if len(x.Dims) != dims {
		return nil, path, &IDXError{Path: path, Reason: fmt.Sprintf("an array of %d dimensions, want %d", len(x.Dims), dims), Next: "the files may have been renamed; " + again}
	}
	return x, path, nil
}

// absent reports whether neither file of a half exists: half a half is an error.
func absent(fsys fs.FS, prefix string) bool {
	for _, n := range []string{"-images-idx3-ubyte", "-labels-idx1-ubyte"} {
		for _, ext := range []string{"", ".gz"} {
			if _, err := fs.Stat(fsys, prefix+n+ext); !errors.Is(err, fs.ErrNotExist) {
				return false
			}
		}
	}
	return true
}
