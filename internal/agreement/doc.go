// Package agreement holds no code: its tests compare all ways to compute a network with
// each other, on random quivers of every kind.
package agreement
