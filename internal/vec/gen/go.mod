module github.com/quivernet/quivernet/internal/vec/gen

go 1.26

require (
	github.com/mmcloughlin/avo v0.6.0
	github.com/quivernet/quivernet v0.0.0
)

require (
	golang.org/x/mod v0.29.0 // indirect
	golang.org/x/sync v0.17.0 // indirect
	golang.org/x/tools v0.38.0 // indirect
)

replace github.com/quivernet/quivernet => ../../..
