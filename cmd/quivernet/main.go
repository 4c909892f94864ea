package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program but for its streams, and returns its status.
func run(args []string, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:           "quivernet",
		Short:         "Neural networks as quivers: the tool of the library",
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.AddCommand(doctorCommand())
	root.SetArgs(append([]string{}, args...)) // not nil, which would mean os.Args
	root.SetOut(stdout)
	root.SetErr(stderr)
	if err := root.Execute(); err != nil {
		fmt.Fprintf(stderr, "quivernet: %v (quivernet help lists the commands)\n", err)
		return 1
	}
	return 0
}
