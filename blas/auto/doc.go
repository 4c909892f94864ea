// Package auto finds a fast BLAS on the machine and loads it at run time, without cgo.
//
// Import it for its effect, in a program and never in a library:
//
//	import _ "github.com/quivernet/quivernet/blas/auto"
//
// Large matrix products of this module then run in that library, on slices where they lie; small
// ones stay in Go, where they are faster. Nothing else of the program changes: gonum and Gorgonia
// keep the BLAS that they have. [Status] says what was found, tried and refused, and [SetLogger]
// hands the same to a logger; without it the package is silent.
//
// The environment variable QUIVERNET_BLAS chooses:
//
//	auto, or not set   the first library of the list below that passes
//	go                 none: kernels of this module
//	a path             that library and no other, for example /opt/lib/libopenblas.so
//
// A library that cannot be loaded, lacks a function or computes a wrong product is never used: the
// module's own kernels stay, and Status says why. (A library that crashes takes the program with it: then start with
// QUIVERNET_BLAS=go.) The search, with the test of the products, takes about 20 ms at the start of the program.
//
// # What is looked for
//
// In this order: Accelerate (macOS), OpenBLAS, MKL, BLIS, then libblas, which may be any of them; in LD_LIBRARY_PATH and where
// the loader looks, then in the usual directories of distributions, Homebrew,
// Conda and oneAPI. Only absolute directories count: the system's loader, which takes an empty or relative entry of
// LD_LIBRARY_PATH for the working directory, is given no bare name. The reference BLAS, slower than plain Go, is recognised and left alone, and so is a
// library that runs kernels without AVX2 on a processor with it. A path takes these too, and the
// libopenblas and libscipy_openblas that Python wheels carry.
//
// A program that has rights which the user who starts it has not (setuid, setgid, file capabilities: where the kernel sets
// AT_SECURE) reads no variable, QUIVERNET_BLAS among them, and takes only files that nobody but root can change,
// with all directories above them.
//
// # How it is called
//
// Through dgemm_ and sgemm_ of the Fortran interface, or the same with the suffix 64_, whose
// arguments are all pointers. Integers are passed as 64 bits on little-endian machines, which a library with
// 32-bit integers reads as the same number, so that neither kind can be mistaken for the other; a size
// that 32 bits do not hold is computed in Go. One call uses one thread: who wants more cores starts more calls.
// For that the package sets OPENBLAS_NUM_THREADS, MKL_NUM_THREADS and their like, while the
// library loads, and then through the library's own function.
//
// An OpenBLAS older than the processor would choose kernels for the oldest one. So, unless
// the user has set OPENBLAS_CORETYPE, it is set to what the processor's flags allow: SkylakeX with AVX-512,
// Haswell with AVX2 and FMA. All these variables are put back as they were after loading.
//
// If the program holds the same library already, linked by cgo for instance, both share its number of threads.
//
// # Where it works
//
// Tested on linux/amd64 with OpenBLAS (0.3.21 and 0.3.34, with 32- and 64-bit integers, with and without
// threads), BLIS 0.9 and MKL 2024.2. On linux/arm64, darwin, windows (amd64 and arm64) and freebsd
// with cgo it compiles and is untested. Elsewhere (js, wasip1, 32-bit and big-endian machines …) the package
// loads nothing and Status says so. A Linux program that imports it is linked dynamically with glibc, so that it does
// not start on a system with musl or without a C library.
//
// In reading order:
//
//	status.go              what the program sees: Status, SetLogger
//	platform.go            the start, where libraries can be loaded
//	noplatform.go          the start elsewhere
//	search.go              where libraries may be, and in which order they are tried
//	resolve.go             from a name to files, without the system's loader
//	trusted_unix.go        files that nobody but root can change
//	privileged_linux.go    whether the program has more rights than its user: Linux
//	privileged_bsd.go      macOS and FreeBSD
//	privileged_windows.go  Windows
//	environment.go         the variables that a library reads while it loads
//	load.go                the choice: a library loaded, tried, taken or refused
//	open_unix.go           a file opened, and its functions found
//	open_windows.go        the same on Windows
//	recognise.go           which library it is: version, kernels, threads
//	selftest.go            its products compared with plain Go
//	library.go             the products of the library that is in use
//	call.go                one call, without allocation
//	race.go                what the race detector is told
//	norace.go              without it, nothing
package auto
