//go:build !linux

package main

import "os/exec"

// cores is empty where a process cannot be bound to processors.
func cores() []int { return nil }

func startOn(cmd *exec.Cmd, _ []int) error { return cmd.Start() }
