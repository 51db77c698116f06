package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// workerFlag makes this program judge its requests itself, one after the other, and answer each at once.
const workerFlag = "worker"

// patience is how long one request may take: a gpg that waits for something must not stop the run.
const patience = 30 * time.Second

// work answers the requests on standard input.
func work() error {
	lines := bufio.NewReaderSize(os.Stdin, 1<<16)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		text, err := json.Marshal(answerLine(line))
		if err != nil {
			return err
		}
		if _, err := os.Stdout.Write(append(text, '\n')); err != nil {
			return err
		}
	}
}

func answerLine(line []byte) answer {
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return answer{Verdict: requestError, Error: textOf(err)}
	}
	return judge(r)
}

// workerProcess is another process of this program, started when first asked. Where a request gets no answer in time, it is
// ended, with all that it started, and the run goes on.
type workerProcess struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

func (p *workerProcess) start() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	p.command = exec.Command(self, "-"+workerFlag)
	// A process group of its own, so that what it started (gpg) ends with it.
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if p.in, err = p.command.StdinPipe(); err != nil {
		return err
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return err
	}
	p.out = bufio.NewReaderSize(out, 1<<16)
	return p.command.Start()
}

// stop ends the process, if there is one; the next request starts another.
func (p *workerProcess) stop() {
	if p.command == nil {
		return
	}
	p.in.Close()
	if p.command.Process != nil {
		syscall.Kill(-p.command.Process.Pid, syscall.SIGKILL) //nolint:errcheck // it may be gone
		p.command.Wait()                                      //nolint:errcheck // how it ended does not matter
	}
	p.command = nil
}

// ask gives the verdict on one request: noAnswer where none came.
func (p *workerProcess) ask(line []byte) answer {
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return answer{Verdict: requestError, Error: textOf(err)}
	}
	none := func(err error) answer {
		p.stop()
		return answer{ID: r.ID, Verdict: noAnswer, Error: textOf(err)}
	}
	if p.command == nil {
		if err := p.start(); err != nil {
			return none(err)
		}
	}
	if _, err := p.in.Write(append(bytes.TrimSpace(line), '\n')); err != nil {
		return none(err)
	}
	type reply struct {
		text []byte
		err  error
	}
	replies := make(chan reply, 1)
	out := p.out
	go func() {
		text, err := out.ReadBytes('\n')
		replies <- reply{text, err}
	}()
	select {
	case got := <-replies:
		var a answer
		if got.err != nil {
			return none(fmt.Errorf("no answer: %w", got.err))
		}
		if err := json.Unmarshal(got.text, &a); err != nil {
			return none(err)
		}
		return a
	case <-time.After(patience):
		return none(fmt.Errorf("no answer within %v", patience))
	}
}
