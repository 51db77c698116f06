"""Starts a command with a socket that is there already, as systemd does: how, where, its environment in JSON, and the command.

"listen": one that listens, as descriptor 3; "connection": the first connection to it, as descriptor 3; "stdio": that connection, as
standard input and output. LISTEN_PID is that of whatever becomes of this process, unless its environment says another.
"""

import json
import os
import socket
import sys

how, place, environment, *command = sys.argv[1:]
environment = json.loads(environment)
listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind("\0" + place[1:] if place.startswith("@") else place)
listener.listen(128)
print(f"listening on {place}", file=sys.stderr, flush=True)
given = listener if how == "listen" else listener.accept()[0]
if how == "stdio":
    os.dup2(given.fileno(), 0)
    os.dup2(given.fileno(), 1)
else:
    number = os.dup(given.fileno())
    while number < 10:
        number = os.dup(number)
    os.dup2(number, 3)
    os.set_inheritable(3, True)
    os.close(number)
    environment = {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid()), **environment}
os.execve(command[0], command, environment)
