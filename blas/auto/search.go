//go:build (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo))

package auto

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// machine lists what to try, best first: each family by its names as the loader finds them, then as
// files in the usual directories.
func machine() []string {
	switch runtime.GOOS {
	case "darwin":
		return candidates([][]string{
			{"libopenblas.dylib", "libopenblas.0.dylib"},
			{"libblis.4.dylib", "libblis.dylib"},
		}, "DYLD_LIBRARY_PATH", []string{
			"/opt/homebrew/opt/openblas/lib", "/opt/homebrew/lib", "/usr/local/opt/openblas/lib", "/usr/local/lib", "/opt/local/lib",
		}, "/System/Library/Frameworks/Accelerate.framework/Accelerate")
	case "windows":
		return candidates([][]string{
			{"libopenblas.dll", "openblas.dll"},
			{"mkl_rt.2.dll", "mkl_rt.dll"},
			{"libblis.dll"},
		}, "PATH", nil)
	}
	dirs := []string{
		"/usr/local/lib", "/usr/local/lib64", "/usr/lib64", "/usr/lib",
		"/opt/OpenBLAS/lib", "/opt/openblas/lib", "/opt/intel/oneapi/mkl/latest/lib", "/opt/intel/oneapi/mkl/latest/lib/intel64",
		"/home/linuxbrew/.linuxbrew/lib",
	}
	// Debian keeps each variant in a directory of its own, and a link to the chosen one outside.
	for _, pattern := range []string{"/usr/lib/*-linux-gnu*/openblas*", "/usr/lib/*-linux-gnu*/blis*"} {
		found, _ := filepath.Glob(pattern)
		dirs = append(dirs, found...)
	}
	return candidates([][]string{
		{"libopenblas.so.0", "libopenblasp.so.0", "libopenblaso.so.0", "libopenblas.so", "libopenblas64.so.0", "libopenblas64_.so.0", "libopenblasp64_.so.0"},
		{"libmkl_rt.so.2", "libmkl_rt.so.3", "libmkl_rt.so.1", "libmkl_rt.so"},
		{"libblis.so.4", "libblis.so.3", "libblis-mt.so.4", "libblis.so", "libblis64.so.4"},
		{"libblas.so.3"},
	}, "LD_LIBRARY_PATH", dirs)
}

// candidates puts first before the families; each family is its names, and then its files in the directories of
// the variable pathList, of Conda and MKL, and of dirs.
func candidates(families [][]string, pathList string, dirs []string, first ...string) []string {
	names := first
	where := filepath.SplitList(os.Getenv(pathList))
	for _, v := range []string{"CONDA_PREFIX", "MKLROOT"} {
		if dir := os.Getenv(v); dir != "" {
			where = append(where, filepath.Join(dir, "lib"), filepath.Join(dir, "Library", "bin"))
		}
	}
	where = append(where, dirs...)
	for _, family := range families {
		names = append(names, family...)
		for _, dir := range where {
			if !filepath.IsAbs(dir) || strings.Contains(dir, "..") {
				continue // a library from the working directory is not what anyone meant
			}
			for _, name := range family {
				file := filepath.Join(dir, name)
				if s, err := os.Stat(file); err == nil && s.Mode().IsRegular() {
					names = append(names, file)
				}
			}
		}
	}
	return names
}
