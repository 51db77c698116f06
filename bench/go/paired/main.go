// Program paired times whole processes against each other: in every round each command runs once, in turn, so that
// whatever else the machine does meets all of them alike.
//
// Standard input is {"rounds": N, "commands": [{"name", "argv", "stdin", "env"}]}, standard output a list of
// {"name", "exitCodes", "wallMs": [...], "cpuMs": [...], "peakKiB": [...]} in the order of the commands, a value a round.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

type command struct {
	Name  string   `json:"name"`
	Argv  []string `json:"argv"`
	Stdin string   `json:"stdin"`
	// Env is added to an otherwise empty environment.
	Env []string `json:"env"`
}

type times struct {
	Name      string    `json:"name"`
	ExitCodes []int     `json:"exitCodes"`
	WallMs    []float64 `json:"wallMs"`
	CPUMs     []float64 `json:"cpuMs"`
	PeakKiB   []int64   `json:"peakKiB"`
}

func main() {
	var plan struct {
		Rounds   int       `json:"rounds"`
		Commands []command `json:"commands"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&plan); err != nil {
		fatal(err)
	}
	results := make([]times, len(plan.Commands))
	// The first round is not counted: it brings the files into memory.
	for round := range plan.Rounds + 1 {
		for i, c := range plan.Commands {
			if err := results[i].run(c, round > 0); err != nil {
				fatal(err)
			}
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		fatal(err)
	}
}

func (t *times) run(c command, counts bool) error {
	process := exec.Command(c.Argv[0], c.Argv[1:]...)
	process.Stdin = bytes.NewReader([]byte(c.Stdin))
	process.Env = c.Env
	start := time.Now()
	err := process.Run()
	wall := time.Since(start)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	state := process.ProcessState
	t.Name = c.Name
	if !slices.Contains(t.ExitCodes, state.ExitCode()) {
		t.ExitCodes = append(t.ExitCodes, state.ExitCode())
	}
	if counts {
		t.WallMs = append(t.WallMs, ms(wall))
		t.CPUMs = append(t.CPUMs, ms(state.UserTime()+state.SystemTime()))
		t.PeakKiB = append(t.PeakKiB, state.SysUsage().(*syscall.Rusage).Maxrss)
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "paired:", err)
	os.Exit(1)
}
