"""Calls a varlink service with descriptors, as any program would: one JSON line in, one JSON line out.

Started with the socket's path, or @name, and, optionally, the number of a user to connect as. A line is
{"call": MESSAGE, "open": [PATH, …], "path_only": bool} and gives {"replies": [MESSAGE, …], "files": [FILE, …]};
{"pieces": [{"text": TEXT or "base64": BYTES, "times": N, "open": [PATH, …]}, …], "shut": bool, "read": N, "call" or "end"} sends these as
they are, each in a sendmsg of its own, and gives the replies to them (null once the service has closed the connection);
{"pipe": N, "most": BYTES} reads a blob's pipe, and closes it; {"connect": N} opens more connections, calls on each, and says
how many were answered, and {"drop": true} closes those; {"exit": true} ends at once.
"""

import array
import base64
import fcntl
import hashlib
import json
import os
import socket
import sys

place = sys.argv[1]
user = int(sys.argv[2]) if len(sys.argv) > 2 else None
if user is not None:
    os.setgroups([])


def connect():
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    if user is not None:
        # The service sees who connected; what is opened later is opened as before.
        os.setegid(user)
        os.seteuid(user)
    try:
        made.connect("\0" + place[1:] if place.startswith("@") else place)
    finally:
        os.seteuid(os.getuid())
        os.setegid(os.getgid())
    return made


connection = connect()
buffer = b""
received = []
others = []


def message():
    global buffer
    while b"\0" not in buffer:
        try:
            data, ancillary, _, _ = connection.recvmsg(65536, socket.CMSG_SPACE(64))
        except ConnectionResetError:
            return None
        for level, kind, content in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                numbers = array.array("i")
                numbers.frombytes(content[: len(content) - len(content) % 4])
                received.extend(numbers)
        if not data:
            return None
        buffer += data
    text, buffer = buffer.split(b"\0", 1)
    return json.loads(text)


def attempted(attempt):
    try:
        attempt()
    except OSError:
        return False
    return True


def described(number):
    link = os.readlink(f"/proc/self/fd/{number}")
    if link.startswith("pipe:"):
        return {"pipe": number}
    seals = fcntl.fcntl(number, 1034)
    offset = os.lseek(number, 0, os.SEEK_CUR)
    content = os.pread(number, 1 << 24, 0)
    attempts = {
        "write": lambda: os.pwrite(number, b"x", 0),
        "truncate": lambda: os.ftruncate(number, 0),
        "reopen": lambda: os.pwrite(os.open(f"/proc/self/fd/{number}", os.O_RDWR), b"x", 0),
    }
    refused = [name for name, attempt in attempts.items() if not attempted(attempt)]
    os.close(number)
    return {"seals": seals, "offset": offset, "refused": refused, **shown(content)}


def shown(content):
    text = content[:4096].decode("utf-8", "replace")
    return {"text": text, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def send(data, paths, path_only=False):
    flags = os.O_RDONLY | os.O_CLOEXEC | (0o10000000 if path_only else 0)
    opened = [os.open(path, flags) for path in paths]
    try:
        sent = socket.send_fds(connection, [data], opened) if opened else 0
        connection.sendall(data[sent:])
        return True
    except (BrokenPipeError, ConnectionResetError):
        return False
    finally:
        for number in opened:
            os.close(number)


def replies(most):
    """So many, or all to the end of the connection, or, for "call", up to the last one to a call."""
    taken = []
    while most in ("call", "end") or len(taken) < most:
        reply = message()
        taken.append(reply)
        if reply is None or (most == "call" and not reply.get("continues")):
            break
    return taken


def read_pipe(number, most):
    content = b""
    while len(content) < most:
        piece = os.read(number, min(65536, most - len(content)))
        if not piece:
            break
        content += piece
    os.close(number)
    return shown(content)


def connect_more(count):
    call = json.dumps({"method": "org.varlink.service.GetInfo"}).encode() + b"\0"
    made = []
    for _ in range(count):
        made.append(connect())
    others.extend(made)
    answered = 0
    for other in made:
        try:
            other.sendall(call)
            answered += other.recv(65536).endswith(b"\0")
        except (BrokenPipeError, ConnectionResetError):
            pass
    return {"answered": answered}


def answer(line):
    if "pipe" in line:
        return read_pipe(line["pipe"], line.get("most", 1 << 40))
    if "connect" in line:
        return connect_more(line["connect"])
    if line.get("drop"):
        while others:
            others.pop().close()
        return {}
    most = line.get("read", 0)
    is_sent = True
    if "call" in line:
        text = json.dumps(line["call"]).encode() + b"\0"
        is_sent = send(text, line["open"], line["path_only"])
    for piece in line.get("pieces", []):
        data = base64.b64decode(piece["base64"]) if "base64" in piece else piece["text"].encode()
        is_sent = is_sent and send(data * piece.get("times", 1), piece.get("open", []))
    if line.get("shut"):
        connection.shutdown(socket.SHUT_WR)
    taken = replies(most)
    files = [described(number) for number in received]
    received.clear()
    return {"sent": is_sent, "replies": taken, "files": files}


for line in sys.stdin:
    line = json.loads(line)
    if line.get("exit"):
        os._exit(0)
    print(json.dumps(answer(line)), flush=True)
