package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"

	"gonum.org/v1/gonum/mat"
)

// instance is what every variant of a case starts from: W_i is out×in, b_i is out×1, x is n×in
// and y is n×out or, for the cross entropy, n×1 class indices.
type instance struct {
	network
	ws, bs []*mat.Dense
	x, y   *mat.Dense
}

// entry is a line of the header of a safetensors file.
type entry struct {
	DType   string `json:"dtype"`
	Shape   [2]int `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

// save writes the instance as a safetensors file of double-precision matrices W0, b0, W1, …, x, y, with
// the settings of the training in its metadata.
func (in *instance) save(path string) error {
	dtype := "float64"
	if in.float32 {
		dtype = "float32"
	}
	head := map[string]any{"__metadata__": map[string]string{
		"act": in.act, "loss": in.loss, "dtype": dtype,
		"rate":   strconv.FormatFloat(in.rate, 'g', -1, 64),
		"layers": strconv.Itoa(len(in.ws)),
	}}
	var body []byte
	put := func(name string, m *mat.Dense) {
		r, c := m.Dims()
		at := len(body)
		for i := range r {
			for _, x := range m.RawRowView(i) {
				body = binary.LittleEndian.AppendUint64(body, math.Float64bits(x))
			}
		}
		head[name] = entry{"F64", [2]int{r, c}, [2]int{at, len(body)}}
	}
	for i := range in.ws {
		put(fmt.Sprintf("W%d", i), in.ws[i])
		put(fmt.Sprintf("b%d", i), in.bs[i])
	}
	put("x", in.x)
	put("y", in.y)
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	for (len(text)+8)%8 != 0 { // the numbers begin at a multiple of 8
		text = append(text, ' ')
	}
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
	return os.WriteFile(path, append(append(file, text...), body...), 0o644)
}

// load reads what save wrote. The network's name and widths come from the shapes.
func load(path string) (*instance, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in, err := read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return in, nil
}

func read(r io.Reader) (*instance, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if len(raw) < 8 || binary.LittleEndian.Uint64(raw) > uint64(len(raw)-8) {
		return nil, fmt.Errorf("not an instance: %d bytes and a header that does not end in them", len(raw))
	}
	n := 8 + int(binary.LittleEndian.Uint64(raw))
	var head map[string]json.RawMessage
	if err := json.Unmarshal(raw[8:n], &head); err != nil {
		return nil, err
	}
	var meta struct{ Act, Loss, DType, Rate, Layers string }
	if err := json.Unmarshal(head["__metadata__"], &meta); err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	in := &instance{network: network{act: meta.Act, loss: meta.Loss, float32: meta.DType == "float32"}}
	if in.rate, err = strconv.ParseFloat(meta.Rate, 64); err != nil {
		return nil, err
	}
	layers, err := strconv.Atoi(meta.Layers)
	if err != nil || layers < 1 {
		return nil, fmt.Errorf("%q layers", meta.Layers)
	}
	take := func(name string) *mat.Dense {
		if err != nil {
			return nil
		}
		var t entry
		if head[name] == nil {
			err = fmt.Errorf("no tensor %s", name)
		} else {
			err = json.Unmarshal(head[name], &t)
		}
		lo, hi, body := t.Offsets[0], t.Offsets[1], raw[n:]
		switch {
		case err != nil:
			return nil
		case t.DType != "F64" || t.Shape[0] < 1 || t.Shape[1] < 1 || lo < 0 || hi > len(body) || t.Shape[0] > len(body) || t.Shape[1] > len(body) || hi-lo != 8*t.Shape[0]*t.Shape[1]:
			err = fmt.Errorf("tensor %s is %s %v at %v of %d bytes", name, t.DType, t.Shape, t.Offsets, len(body))
			return nil
		}
		m := mat.NewDense(t.Shape[0], t.Shape[1], nil)
		for i := range m.RawMatrix().Data {
			m.RawMatrix().Data[i] = math.Float64frombits(binary.LittleEndian.Uint64(body[lo+8*i:]))
		}
		return m
	}
	for i := range layers {
		w, b := take(fmt.Sprintf("W%d", i)), take(fmt.Sprintf("b%d", i))
		if err != nil {
			return nil, err
		}
		rows, cols := w.Dims()
		if i == 0 {
			in.dims = append(in.dims, cols)
		}
		if br, bc := b.Dims(); cols != in.dims[i] || br != rows || bc != 1 {
			return nil, fmt.Errorf("layer %d: W is %d×%d and b %d×%d after %d numbers", i, rows, cols, br, bc, in.dims[i])
		}
		in.dims = append(in.dims, rows)
		in.ws, in.bs = append(in.ws, w), append(in.bs, b)
	}
	in.x, in.y = take("x"), take("y")
	return in, err
}
