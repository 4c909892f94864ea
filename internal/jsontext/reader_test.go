package jsontext_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/jsontext"
)

// shape is what the tests read: {"name": text, "dim": whole number, "data": numbers, "more": {…}}.
type shape struct {
	name string
	dim  int64
	data []float64
	more map[string]int64
}

func read(text string) (s shape, present uint64, err error) {
	r, err := jsontext.NewReader([]byte(text))
	if err != nil {
		return s, 0, err
	}
	present, err = r.Fields([]string{"name", "dim", "data", "more"}, func(i int) (err error) {
		switch i {
		case 0:
			s.name, err = r.String()
		case 1:
			s.dim, err = r.Int()
		case 2:
			s.data, err = r.Floats()
		default:
			s.more = map[string]int64{}
			err = r.Entries(func(key string) error {
				x, err := r.Int()
				s.more[key] = x
				return err
			})
		}
		return err
	})
	return s, present, err
}

func TestReader(t *testing.T) {
	for text, want := range map[string]shape{
		`{"name":"a","dim":3,"data":[1,-2.5e-3]}`:                   {name: "a", dim: 3, data: []float64{1, -2.5e-3}},
		" {\n\"dim\" : -7 ,\t\"data\" : [ ] , \"name\" : \"\" } \r": {dim: -7, data: []float64{}},
		`{"n\u0061me":"\"]}\\","more":{"]":1,"\u00e9":2}}`:          {name: `"]}\`, more: map[string]int64{"]": 1, "é": 2}},
		`{"data":[4.9e-324,1.7976931348623157e308,-0]}`:             {data: []float64{5e-324, 1.7976931348623157e308, 0}},
		`{}`: {},
	} {
		got, _, err := read(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	_, present, err := read(`{"data":[],"name":""}`)
	require.NoError(t, err)
	assert.Equal(t, uint64(0b101), present)
}

func TestWhatIsRefused(t *testing.T) {
	for text, reason := range map[string]string{
		``:                            "offset 0: unexpected end of JSON input",
		`{"dim":1`:                    "offset 8: unexpected end of JSON input",
		`{"dim":01}`:                  "offset 9: invalid character '1' after object key:value pair",
		`{} {}`:                       "offset 4: invalid character '{' after top-level value",
		"{\"name\":\"\xff\"}":         "offset 0: the text is not valid UTF-8",
		`[]`:                          "offset 0: a list where an object should be",
		`{"dim":1,"dim":1}`:           `offset 9: the key "dim" stands there twice`,
		`{"dim":1,"d\u0069m":1}`:      `offset 9: the key "dim" stands there twice`,
		`{"Dim":1}`:                   `offset 1: unknown key "Dim", want one of ["name" "dim" "data" "more"]`,
		`{"dim":null}`:                "offset 7: null where a number should be",
		`{"dim":"1"}`:                 `offset 7: "1" where a number should be`,
		`{"dim":1.0}`:                 "offset 7: 1.0 is not a whole number of at most 63 bits",
		`{"dim":1e0}`:                 "offset 7: 1e0 is not a whole number of at most 63 bits",
		`{"dim":9223372036854775808}`: "offset 7: 9223372036854775808 is not a whole number of at most 63 bits",
		`{"dim":[[[1]]]}`:             "offset 7: a list where a number should be",
		`{"name":3}`:                  "offset 8: 3 where a text should be",
		`{"data":{}}`:                 "offset 8: an object where a list of numbers should be",
		`{"data":[1,"2"]}`:            `offset 11: "2" where a number should be`,
		`{"data":[1,[2]]}`:            "offset 11: a list where a number should be",
		`{"data":[1e999]}`:            "offset 9: 1e999 is not a number of double precision",
		`{"more":[]}`:                 "offset 8: a list where an object should be",
	} {
		_, _, err := read(text)
		require.EqualError(t, err, reason, text)
		require.ErrorAs(t, err, new(*jsontext.Error), text)
	}
	_, _, err := read(`{"a":` + strings.Repeat("[", 100000) + strings.Repeat("]", 100000) + "}")
	require.Error(t, err)
	_, _, err = read(`{"` + strings.Repeat("é", 1000) + `":1}`)
	require.Error(t, err)
	assert.Less(t, len(err.Error()), 200)
}

func TestListsAndSkip(t *testing.T) {
	r, err := jsontext.NewReader([]byte(`[1,{"a":[1,2,{"b":"]}"}]}, "x" ,null , [] ,7]`))
	require.NoError(t, err)
	var last int64
	require.NoError(t, r.List(func(i int) (err error) {
		if i == 5 {
			last, err = r.Int()
			return err
		}
		r.Skip()
		return nil
	}))
	assert.Equal(t, int64(7), last)
	r, err = jsontext.NewReader([]byte(`[1,2,3]`))
	require.NoError(t, err)
	_, err = r.Ints(2)
	require.EqualError(t, err, "offset 5: more than 2 numbers in a list")
	stop := errors.New("stop")
	r, err = jsontext.NewReader([]byte(`[1,2]`))
	require.NoError(t, err)
	assert.Equal(t, stop, r.List(func(int) error { return stop }))
}

// A list of numbers takes 8 bytes a number and nothing else.
func TestFloatsAllocateOnce(t *testing.T) {
	text := []byte(`{"data":[` + strings.Repeat("0,", 9999) + `0]}`)
	allocs := testing.AllocsPerRun(10, func() {
		r, err := jsontext.NewReader(text)
		if err != nil {
			panic(err)
		}
		if _, err := r.Fields([]string{"data"}, func(int) error { _, err := r.Floats(); return err }); err != nil {
			panic(err)
		}
	})
	assert.Less(t, allocs, 20.0)
}

// Whatever is valid JSON can be skipped whole, and what is not is refused.
func FuzzReader(f *testing.F) {
	for _, s := range []string{`{"a":[1,2,{"b":"]}"}],"c":null}`, `[[],{},"\\\"",-1.5e+7,true]`, ` 1 `, `{"a"`, `"\ud800"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := jsontext.NewReader([]byte(text))
		if err != nil {
			return
		}
		r.Skip()
		var here *jsontext.Error
		if err := r.Fail("here"); !errors.As(err, &here) || here.Offset != int64(len(text)) {
			t.Fatalf("stopped at %v, want %d", err, len(text))
		}
		read(text) // any answer will do, if it comes
	})
}
