// Command quivernet is the tool of the library.
//
//	quivernet doctor    say what this machine computes with, and why
//
// It is installed with
//
//	go install github.com/quivernet/quivernet/cmd/quivernet@latest
//
// and ends with status 0, or with 1 and a message on standard error.
//
// # Files
//
//	file       what you find there
//	main.go    the command and its streams
//	doctor.go  quivernet doctor
package main
