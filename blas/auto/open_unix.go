//go:build (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || (freebsd && cgo))

package auto

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"
)

// open loads a library whose symbols no other library sees.
func open(name string) (uintptr, error) {
	runtime.LockOSThread() // dlerror, which is asked next, speaks of this thread
	defer runtime.UnlockOSThread()
	h, err := purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err == nil {
		return h, nil
	}
	text := strings.TrimPrefix(err.Error(), name+": ")
	// The same words after another name speak of something that this library needs.
	if strings.HasPrefix(text, "cannot open shared object file") || strings.Contains(text, "(no such file)") || strings.HasPrefix(text, "Cannot open \"") {
		return 0, absent(text)
	}
	return 0, fmt.Errorf("it cannot be loaded: %s", text)
}

func symbol(h uintptr, name string) uintptr {
	p, err := purego.Dlsym(h, name)
	if err != nil {
		return 0
	}
	return p
}

// home is the file that holds the function at p.
func home(p uintptr) string {
	var info struct {
		file       *byte
		base       uintptr
		name, addr uintptr
	}
	var dladdr func(uintptr, unsafe.Pointer) int32
	f := symbol(purego.RTLD_DEFAULT, "dladdr")
	if f == 0 {
		return ""
	}
	purego.RegisterFunc(&dladdr, f)
	if dladdr(p, unsafe.Pointer(&info)) == 0 || info.file == nil {
		return ""
	}
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(info.file), n)) != 0 {
		n++
	}
	file := string(unsafe.Slice(info.file, n))
	if real, err := filepath.EvalSymlinks(file); err == nil {
		return real
	}
	return file
}
