"""Starts a command with a socket that is there already, as systemd does: how, where, its environment in JSON, and the command.

"listen": one that listens, as descriptor 3, once somebody has connected; "connection": the first connection to it, as descriptor 3;
"stdio": that connection, as standard input and output, "stdin": as input alone; "file": no socket at all. LISTEN_PID is that of whatever becomes of this process,
unless its environment says another.
"""

import json
import os
import select
import socket
import sys

how, place, environment, *command = sys.argv[1:]
environment = json.loads(environment)
listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind("\0" + place[1:] if place.startswith("@") else place)
listener.listen(128)
print(f"listening on {place}", file=sys.stderr, flush=True)
if how == "file":
    given = open("/dev/null")
elif how == "listen":
    select.select([listener], [], [])
    given = listener
else:
    given = listener.accept()[0]
if how in ("stdio", "stdin"):
    os.dup2(given.fileno(), 0)
    if how == "stdio":
        os.dup2(given.fileno(), 1)
else:
    # By way of another number, as it may be 3 already, and is closed at exec then.
    number = os.dup(given.fileno())
    os.dup2(number, 9)
    os.dup2(9, 3)
    for left in {number, 9} - {3}:
        os.close(left)
    environment = {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid()), **environment}
os.execve(command[0], command, environment)
