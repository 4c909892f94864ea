//go:build (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo))

package auto

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// A name without a directory is never handed to the system's loader, which looks for it in the working directory where a list of
// directories has an empty or relative entry. It is looked up here, in absolute directories alone.

// loaderDirs are the directories in which the system's loader looks for a name, beside those of the environment.
func loaderDirs() []string {
	switch runtime.GOOS {
	case "windows":
		return nil
	case "darwin":
		return []string{"/usr/local/lib", "/usr/lib"}
	case "freebsd":
		return []string{"/usr/local/lib", "/usr/lib", "/lib"}
	}
	triplet := map[string]string{"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}[runtime.GOARCH]
	dirs := configured("/etc/ld.so.conf", 8)
	return append(dirs, filepath.Join("/lib", triplet), filepath.Join("/usr/lib", triplet), "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib")
}

// configured reads the directories in a configuration of the loader of glibc, and in those that it includes.
func configured(file string, depth int) (dirs []string) {
	f, err := os.Open(file)
	if err != nil || depth == 0 {
		return nil
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		text, _, _ := strings.Cut(lines.Text(), "#")
		switch words := strings.Fields(text); {
		case len(words) == 0:
		case words[0] == "include":
			for _, pattern := range words[1:] {
				if !filepath.IsAbs(pattern) {
					pattern = filepath.Join(filepath.Dir(file), pattern)
				}
				more, _ := filepath.Glob(pattern)
				for _, m := range more {
					dirs = append(dirs, configured(m, depth-1)...)
				}
			}
		case filepath.IsAbs(words[0]):
			dirs = append(dirs, words[0])
		}
	}
	return dirs
}

// searched are the absolute directories in which a name is looked for: those of the environment, unless the program is
// privileged, and those of the loader.
func (p places) searched() []string {
	var dirs []string
	if !p.privileged {
		dirs = filepath.SplitList(os.Getenv(p.pathList))
	}
	if p.byName {
		dirs = append(dirs, p.loader...)
	}
	return slices.DeleteFunc(dirs, func(d string) bool { return !filepath.IsAbs(d) })
}

// find returns the files of that name in directories, those alone that are trusted in a privileged program.
func (p places) find(name string, dirs ...string) (files []string) {
	for _, dir := range dirs {
		if !filepath.IsAbs(dir) {
			continue // nobody meant a library in the working directory
		}
		file := filepath.Join(dir, name)
		if s, err := os.Stat(file); err == nil && s.Mode().IsRegular() && !slices.Contains(files, file) && (!p.privileged || trusted(file)) {
			files = append(files, file)
		}
	}
	return files
}

// resolve turns the library that a user names into an absolute path.
func (p places) resolve(wish string) (string, error) {
	if strings.ContainsAny(wish, `/\`) {
		return filepath.Abs(wish)
	}
	if files := p.find(wish, append(p.searched(), p.dirs...)...); len(files) > 0 {
		return files[0], nil
	}
	return "", fmt.Errorf("there is no library of that name in %s; give its path", strings.Join(append(p.searched(), p.dirs...), ", "))
}
