// Package store keeps a representation, weights and quiver together, in one
// safetensors file. Python reads it with the safetensors package:
//
//	from safetensors import safe_open
//	with safe_open("model.safetensors", "np") as f:
//	    f.get_tensor("x->h1")  # dim h1 × dim x
//
// What stands in the file, each tensor F64:
//
//   - one tensor per trainable arrow, under its name, dim(target) × dim(source); tied
//     arrows once, under the name of the owner;
//   - "params v": the parameters of the activation at vertex v, where it has some;
//   - one tensor per fixed arrow whose matrix is not an Inclusion, under its name;
//   - "basis #hash": the basis of the activations that print as restrict(…,#hash);
//   - in __metadata__: "quivernet", the version of this format; "quivernet.quiver", the
//     quiver's JSON, in which a fixed matrix that is a tensor is replaced by a zero
//     Inclusion; "quivernet.fixed", the names of those arrows; "quivernet.sha256",
//     a checksum of all tensors and of all other metadata; and what WithMetadata adds.
//
// The laws of the package:
//
//   - Every bit of every float64 is kept: a loaded network gives the same bits.
//     A NaN or infinity among the weights is an error both ways unless
//     AllowNonFinite is given; then its bits are kept too.
//   - The same Rep makes the same file, byte for byte.
//   - The file holds the Rep's current fixed matrices; they are the initial ones
//     of the quiver that is loaded.
//   - A file is written whole or not at all.
//   - Whatever a file says, reading it allocates at most 32 bytes for each byte of the
//     file and 128 KiB beside them, garbage included, and takes a time proportional
//     to its length; what an activation outside the catalogue allocates when it is
//     parsed or tried out comes on top. A file that is cut, changed or made up gives a
//     *FormatError, and no file makes a reader panic.
//
// A program that loads a network with this package and runs it with Rep.Eval links one other module,
// gonum, and is a file of 4.7 MB (linux/amd64, Go 1.26; 3.2 MB with -ldflags "-s -w"). One that imports package
// graph links 20 modules and has 23 MB. Measured with CGO_ENABLED=0 go build, ls -l and go version -m.
//
// In reading order:
//
//	file.go     Save, Load, Read, Write
//	options.go  WithParser, WithMetadata, limits
//	inspect.go  Inspect: what a file holds, without its numbers
//	rep.go      a Rep as tensors and metadata
//	unpack.go   and back
//	probe.go    whether an activation of a file can live at its vertex
//	header.go   the header of a safetensors file, checked
//	stream.go   tensors and checksum, written and read piece by piece
//	replace.go  a file that is replaced whole or not at all
//	disk.go     the file system beneath, with disk_flock.go and disk_other.go
//	errors.go   FormatError
package store
