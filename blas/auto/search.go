//go:build (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo))

package auto

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// places say where libraries may be on one operating system.
type places struct {
	privileged bool       // the environment is not read, and what others than root can change is left alone
	first      []string   // tried before all
	families   [][]string // file names, the best family first
	byName     bool       // whether names are looked for where the system's loader looks
	loader     []string   // there
	pathList   string     // the environment variable with more directories
	dirs       []string   // the usual directories
}

// system is the search on this machine, for this program.
func system() places {
	p := usual()
	p.privileged, p.loader = privileged(), loaderDirs()
	return p
}

func usual() places {
	switch runtime.GOOS {
	case "darwin":
		return places{
			first:    []string{"/System/Library/Frameworks/Accelerate.framework/Accelerate"},
			families: [][]string{{"libopenblas.dylib", "libopenblas.0.dylib"}, {"libblis.4.dylib", "libblis.dylib"}},
			byName:   true,
			pathList: "DYLD_LIBRARY_PATH",
			dirs:     []string{"/opt/homebrew/opt/openblas/lib", "/opt/homebrew/lib", "/usr/local/opt/openblas/lib", "/usr/local/lib", "/opt/local/lib"},
		}
	case "windows":
		// Windows would also look in the working directory.
		return places{
			families: [][]string{{"libopenblas.dll", "openblas.dll"}, {"mkl_rt.2.dll", "mkl_rt.dll"}, {"libblis.dll"}},
			pathList: "PATH",
		}
	}
	p := places{
		families: [][]string{
			{"libopenblas.so.0", "libopenblasp.so.0", "libopenblaso.so.0", "libopenblas.so", "libopenblas64.so.0", "libopenblas64_.so.0", "libopenblasp64_.so.0"},
			{"libmkl_rt.so.2", "libmkl_rt.so.3", "libmkl_rt.so.1", "libmkl_rt.so"},
			{"libblis.so.4", "libblis.so.3", "libblis-mt.so.4", "libblis.so", "libblis64.so.4"},
			{"libblas.so.3"},
		},
		byName:   true,
		pathList: "LD_LIBRARY_PATH",
		dirs: []string{
			"/usr/local/lib", "/usr/local/lib64", "/usr/lib64", "/usr/lib",
			"/opt/OpenBLAS/lib", "/opt/openblas/lib", "/opt/intel/oneapi/mkl/latest/lib", "/opt/intel/oneapi/mkl/latest/lib/intel64",
			"/home/linuxbrew/.linuxbrew/lib",
		},
	}
	// Debian keeps each variant in a directory of its own, and a link to the chosen one outside.
	for _, pattern := range []string{"/usr/lib/*-linux-gnu*/openblas*", "/usr/lib/*-linux-gnu*/blis*"} {
		found, _ := filepath.Glob(pattern)
		p.dirs = append(p.dirs, found...)
	}
	return p
}

// candidates lists what to try, best first, as absolute paths: each family by its names where the loader looks, then as files
// in the directories of pathList, of Conda and oneAPI, and in the usual ones. In a privileged program the environment
// says nothing.
func (p places) candidates() []string {
	where := p.dirs
	if !p.privileged {
		where = filepath.SplitList(os.Getenv(p.pathList))
		for _, v := range []string{"CONDA_PREFIX", "MKLROOT"} {
			if dir := os.Getenv(v); dir != "" {
				where = append(where, filepath.Join(dir, "lib"), filepath.Join(dir, "Library", "bin"))
			}
		}
		where = append(where, p.dirs...)
	}
	names := p.first
	add := func(files ...string) {
		for _, f := range files {
			if !slices.Contains(names, f) {
				names = append(names, f)
			}
		}
	}
	for _, family := range p.families {
		if p.byName {
			for _, name := range family {
				add(p.find(name, p.searched()...)...)
			}
		}
		for _, dir := range where {
			for _, name := range family {
				add(p.find(name, dir)...)
			}
		}
	}
	return names
}

// wish is what the user asks for by Variable, nothing in a privileged program.
func (p places) wish() string {
	if p.privileged {
		return ""
	}
	return os.Getenv(Variable)
}
