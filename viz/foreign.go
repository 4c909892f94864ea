package viz

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
)

// foreign lets Graphviz draw a text, and counts the lines of the picture.
func foreign(text string) ([]byte, error) {
	want, err := edgesOf(text)
	if err != nil {
		return nil, err
	}
	picture, err := render(text, "svg")
	if err != nil {
		return nil, err
	}
	drawn, err := linesOf(picture)
	if err != nil {
		return nil, err
	}
	if total(drawn) >= total(want) {
		return picture, nil
	}
	var missing []string
	for name, k := range want {
		for range k - drawn[name] {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	return nil, &MissingError{Lines: missing, Of: total(want)}
}

func total(count map[string]int) (sum int) {
	for _, k := range count {
		sum += k
	}
	return sum
}

// edgesOf counts the edges of a text by their ends; those that are not to be seen are not counted.
func edgesOf(text string) (map[string]int, error) {
	g, err := parse(text)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	count := make(map[string]int)
	for n, err := g.FirstNode(); n != nil; n, err = g.NextNode(n) {
		if err != nil {
			return nil, &Error{"read", err}
		}
		tail, _ := n.Name()
		for e, err := g.FirstOut(n); e != nil; e, err = g.NextOut(e) {
			if err != nil {
				return nil, &Error{"read", err}
			}
			head, err := e.Node().Name()
			if err != nil {
				return nil, &Error{"read", err}
			}
			if !strings.Contains(e.GetStr("style"), "invis") {
				count[ends.Replace(tail+"->"+head)]++
			}
		}
	}
	return count, nil
}

// ends writes the name of an edge as people do.
var ends = strings.NewReplacer("->", " → ", "--", " → ")

// linesOf counts the edges of a picture of Graphviz that have a line, by their ends.
func linesOf(picture []byte) (map[string]int, error) {
	count := make(map[string]int)
	title, inEdge, inTitle := "", false, false
	for d := xml.NewDecoder(bytes.NewReader(picture)); ; {
		tok, err := d.Token()
		if err == io.EOF {
			return count, nil
		}
		if err != nil {
			return nil, &Error{"draw", fmt.Errorf("the picture is no XML: %w", err)}
		}
		switch e := tok.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "g":
				for _, a := range e.Attr {
					if a.Name.Local == "class" {
						inEdge, title = strings.HasPrefix(a.Value+" ", "edge "), ""
					}
				}
			case "title":
				inTitle = true
			case "path", "polyline":
				if inEdge {
					count[title]++
					inEdge = false
				}
			}
		case xml.EndElement:
			inTitle = inTitle && e.Name.Local != "title"
		case xml.CharData:
			if inEdge && inTitle {
				title += ends.Replace(string(e))
			}
		}
	}
}
