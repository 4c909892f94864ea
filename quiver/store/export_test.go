package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"regexp"
)

var sumText = regexp.MustCompile(`"quivernet\.sha256":"[0-9a-z]*"`)

// Sealed returns a file with the checksum that belongs to its contents, as far as it can be read.
func Sealed(file []byte) []byte {
	r := bytes.NewReader(file)
	meta, ts, err := readHeader(r, newSettings(nil).limits)
	if err != nil {
		return file
	}
	n := 8 + binary.LittleEndian.Uint64(file)
	digests := make([][]byte, len(ts))
	for i, t := range ts {
		if n+uint64(t.end) > uint64(len(file)) {
			return file
		}
		d := sha256.Sum256(file[n+uint64(t.begin) : n+uint64(t.end)])
		digests[i] = d[:]
	}
	header := sumText.ReplaceAll(file[8:n], []byte(`"quivernet.sha256":"`+checksum(meta, ts, digests)+`"`))
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...), file[n:]...)
}
