package store

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"maps"
	"math"
	"slices"
)

// chunk is the number of float64 that are converted at a time.
const chunk = 8 << 10

// writeTensors writes a whole file: the length of the header as 8 bytes, little-endian, the
// header, and the tensors' contents, little-endian. It adds the checksum to meta.
func writeTensors(w io.Writer, meta map[string]string, ts []tensor) error {
	digests := make([][]byte, len(ts))
	for i, t := range ts {
		h := sha256.New()
		if err := encode(h, t.data); err != nil {
			return err
		}
		digests[i] = h.Sum(nil)
	}
	meta[metaSum] = checksum(meta, ts, digests)
	header, err := encodeHeader(meta, ts)
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(w, 1<<16)
	b.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(header))))
	b.Write(header)
	for _, t := range ts {
		if err := encode(b, t.data); err != nil {
			return err
		}
	}
	return b.Flush()
}

// encode writes the bits of x.
func encode(w io.Writer, x []float64) error {
	buf := make([]byte, 0, 8*min(len(x), chunk))
	for part := range slices.Chunk(x, chunk) {
		buf = buf[:0]
		for _, v := range part {
			buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(v))
		}
		if _, err := w.Write(buf); err != nil {
			return err
		}
	}
	return nil
}

// checksum hashes what the file means, not how it is laid out: all metadata but the checksum
// itself, and each tensor's name, type, shape and contents.
func checksum(meta map[string]string, ts []tensor, digests [][]byte) string {
	h := sha256.New()
	text := func(s string) {
		writeInt(h, len(s))
		io.WriteString(h, s)
	}
	keys := slices.AppendSeq(make([]string, 0, len(meta)), maps.Keys(meta))
	slices.Sort(keys)
	for _, k := range keys {
		if k != metaSum {
			text(k)
			text(meta[k])
		}
	}
	order := make([]int, len(ts))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return bytes.Compare([]byte(ts[i].name), []byte(ts[j].name)) })
	text("tensors")
	for _, i := range order {
		text(ts[i].name)
		text(dtype)
		writeInt(h, len(ts[i].shape))
		for _, d := range ts[i].shape {
			writeInt(h, d)
		}
		h.Write(digests[i])
	}
	return hex.EncodeToString(h.Sum(nil))
}

func writeInt(h hash.Hash, n int) {
	h.Write(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

// readHeader reads a file up to the end of its header.
func readHeader(r io.Reader, limits Limits) (meta map[string]string, ts []tensor, err error) {
	var start [9]byte // the length and the first byte of the JSON
	if n, err := io.ReadFull(r, start[:]); err != nil {
		return nil, nil, cut("header", fmt.Sprintf("%d bytes", n), err)
	}
	n := binary.LittleEndian.Uint64(start[:])
	if what := archive(start[:]); what != "" {
		return nil, nil, bad("header", "in Python, save the weights as safetensors; then "+nextForeign, "this is %s and not a safetensors file", what)
	}
	if start[8] != '{' || n == 0 {
		return nil, nil, bad("header", nextCopy, "does not start with {; this is not a safetensors file")
	}
	if n > uint64(limits.Header) {
		return nil, nil, bad("header", "raise Limits.Header if the file can be trusted", "its length is given as %d bytes, more than the limit of %d", n, limits.Header)
	}
	text := bytes.NewBufferString("{")
	if _, err := io.Copy(text, io.LimitReader(r, int64(n)-1)); err != nil || uint64(text.Len()) < n {
		return nil, nil, cut("header", fmt.Sprintf("%d of %d bytes", text.Len(), n), err)
	}
	if meta, ts, err = decodeHeader(text.Bytes()); err != nil {
		return nil, nil, err
	}
	if len(ts) > 0 && ts[len(ts)-1].end > limits.Tensors {
		return nil, nil, bad("header", "raise Limits.Tensors if the file can be trusted", "the tensors take %d bytes, more than the limit of %d", ts[len(ts)-1].end, limits.Tensors)
	}
	return meta, ts, nil
}

// archive names the kinds of file in which PyTorch itself keeps weights.
func archive(start []byte) string {
	switch {
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return "a zip archive, as torch.save writes it,"
	case start[0] == 0x80 && start[1] >= 2 && start[1] <= 5 && start[8] != '{':
		return "a pickle, as torch.save writes it,"
	}
	return ""
}

// readTensors reads the contents of the tensors, which must end where r ends, and checks the sum.
func readTensors(r io.Reader, meta map[string]string, ts []tensor) error {
	digests := make([][]byte, len(ts))
	for i := range ts {
		t := &ts[i]
		h := sha256.New()
		var err error
		var got int64
		if t.data, got, err = decode(io.TeeReader(r, h), (t.end-t.begin)/8); err != nil {
			return cut(tensorAt(t.name), fmt.Sprintf("%d of %d bytes", got, t.end-t.begin), err)
		}
		digests[i] = h.Sum(nil)
	}
	switch n, err := io.ReadFull(r, make([]byte, 1)); {
	case n > 0:
		return bad("end", nextCopy, "bytes follow the last tensor")
	case err != io.EOF:
		return &FormatError{At: "end", Reason: "reading failed", Err: err}
	}
	want, ok := meta[metaSum]
	if !ok {
		return bad("metadata", `set it to "none" if the file was made by hand`, "no %s", metaSum)
	}
	if got := checksum(meta, ts, digests); got != want && want != noSum {
		return bad("checksum", nextCopy+", or set the metadata entry "+metaSum+` to "none" if it was changed on purpose`, "the contents are not what was saved")
	}
	return nil
}

// decode reads n numbers and says how many bytes it has read. Memory grows with what
// has been read: a length that the file does not hold costs nothing.
func decode(r io.Reader, n int64) (x []float64, read int64, err error) {
	buf := make([]byte, 8*min(n, chunk))
	x = make([]float64, 0, min(n, chunk))
	for int64(len(x)) < n {
		part := buf[:8*min(n-int64(len(x)), chunk)]
		got, err := io.ReadFull(r, part)
		if read += int64(got); err != nil {
			return nil, read, err
		}
		for ; len(part) > 0; part = part[8:] {
			x = append(x, math.Float64frombits(binary.LittleEndian.Uint64(part)))
		}
	}
	return x, read, nil
}

// cut reports a file that ends, or cannot be read, too early.
func cut(at, got string, err error) error {
	if err == nil || err == io.EOF || err == io.ErrUnexpectedEOF {
		return bad(at, nextCopy, "cut short after %s", got)
	}
	return &FormatError{At: at, Reason: "reading failed after " + got, Err: err}
}
