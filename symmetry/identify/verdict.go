package identify

// Verdict is the answer to "does this determine the parameters?"
type Verdict string

// The verdicts.
const (
	Identifiable    Verdict = "identifiable"
	NotIdentifiable Verdict = "not identifiable"
	Undetermined    Verdict = "undetermined"
)
