"""Runs a command on a terminal of 80 columns and prints what the terminal got, as JSON: terminal.py (end | resize | interrupt) COMMAND…

`resize` makes it 40 columns wide after a second, `interrupt` presses Ctrl-C then.
"""

import fcntl, json, os, pty, struct, sys, termios, time

what, command = sys.argv[1], sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    os.environ["TERM"] = "xterm"
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execvp(command[0], command)

output, act_at = b"", None
before = None
while True:
    try:
        chunk = os.read(terminal, 65536)
    except OSError:
        break
    if not chunk:
        break
    output += chunk
    if act_at is None:
        act_at = time.time() + 1
    if before is None and what != "end" and time.time() > act_at:
        before = len(output)
        if what == "resize":
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
        else:
            os.write(terminal, b"\x03")
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(json.dumps({"output": output.decode(), "before": before, "status": status}))
