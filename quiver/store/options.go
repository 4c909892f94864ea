package store

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// Option changes how a file is read or written. An option that makes no sense for the
// call at hand is ignored, so that one list can serve both ways. All options are functions that
// return one: WithParser(f), AllowNonFinite().
type Option func(*settings)

// Limits bound what a file may hold, in bytes. 0 stands for the default.
type Limits struct {
	Header  int64 // the JSON header; default 64 MiB
	Tensors int64 // the tensors together; default 16 GiB
}

type settings struct {
	parse     func(string) (quiver.Activation, error)
	metadata  map[string]string
	into      map[string]string
	limits    Limits
	nonFinite bool
}

func newSettings(opts []Option) *settings {
	s := &settings{}
	for _, o := range opts {
		if o != nil {
			o(s)
		}
	}
	if s.limits.Header <= 0 {
		s.limits.Header = 64 << 20
	}
	if s.limits.Tensors <= 0 {
		s.limits.Tensors = 16 << 30
	}
	return s
}

// WithParser names the function that makes an activation from the string it printed,
// for activations outside the catalogue of package layers. It is asked first;
// what it refuses goes to layers.Parse. What is returned must print as it was asked for.
func WithParser(parse func(string) (quiver.Activation, error)) Option {
	return func(s *settings) { s.parse = parse }
}

// WithMetadata adds texts to what is written: "created", "accuracy", … Keys that start with
// "quivernet" are taken. Several calls add up.
func WithMetadata(m map[string]string) Option {
	return func(s *settings) {
		if s.metadata == nil {
			s.metadata = make(map[string]string)
		}
		for k, v := range m {
			s.metadata[k] = v
		}
	}
}

// MetadataInto copies the texts that WithMetadata added into m when a file is read.
func MetadataInto(m map[string]string) Option {
	return func(s *settings) { s.into = m }
}

// WithLimits bounds what is read.
func WithLimits(l Limits) Option { return func(s *settings) { s.limits = l } }

// AllowNonFinite lets NaN and infinities among the trainable numbers be written and read,
// bit by bit, to look at a training that failed. Without it they are a
// quiver.NonFiniteError, wrapped in a FormatError.
func AllowNonFinite() Option { return func(s *settings) { s.nonFinite = true } }

// activation parses a string that is not a restriction.
func (s *settings) activation(text string) (quiver.Activation, error) {
	var own error
	if s.parse != nil {
		a, err := s.parse(text)
		if err == nil && a != nil {
			return a, nil
		}
		if own = err; err == nil {
			own = fmt.Errorf("the parser returned nil")
		}
	}
	a, err := layers.Parse(text)
	if err != nil && own != nil {
		return nil, fmt.Errorf("%w (and the parser given: %w)", err, own)
	}
	return a, err
}

// Names in __metadata__ that this package takes.
const (
	metaPrefix  = "quivernet"
	metaVersion = "quivernet"
	metaQuiver  = "quivernet.quiver"
	metaFixed   = "quivernet.fixed"
	metaSum     = "quivernet.sha256"

	version = "1"
	noSum   = "none" // instead of a checksum: do not check
)

// checkMetadata returns what is wrong with texts that a user adds.
func checkMetadata(m map[string]string) error {
	for k, v := range m {
		switch {
		case strings.HasPrefix(k, metaPrefix):
			return bad("metadata "+short(k), "choose another key", "keys that start with %q are taken", metaPrefix)
		case !utf8.ValidString(k) || !utf8.ValidString(v):
			return bad("metadata "+short(k), "encode bytes as base64", "key or value is not valid UTF-8")
		}
	}
	return nil
}
