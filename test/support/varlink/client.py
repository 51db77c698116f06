"""Calls a varlink service with descriptors, as any program would: one JSON line in, one JSON line out.

Started with the socket's path, or @name, and, optionally, the number of a user to connect as. A line is
{"call": MESSAGE, "open": [PATH, …], "path_only": bool} and gives {"replies": [MESSAGE, …], "files": [FILE, …]};
{"raw": TEXT} sends without reading; {"read": N} reads a blob's pipe; {"exit": true} ends at once.
"""

import array
import fcntl
import json
import os
import socket
import sys

place = sys.argv[1]
connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
if len(sys.argv) > 2:
    # The service sees who connected; what is opened later is opened as before.
    os.setgroups([])
    os.setegid(int(sys.argv[2]))
    os.seteuid(int(sys.argv[2]))
connection.connect("\0" + place[1:] if place.startswith("@") else place)
os.seteuid(os.getuid())
os.setegid(os.getgid())

buffer = b""
received = []
pipes = {}


def message():
    global buffer
    while b"\0" not in buffer:
        data, ancillary, _, _ = connection.recvmsg(65536, socket.CMSG_SPACE(64))
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


def described(number):
    link = os.readlink(f"/proc/self/fd/{number}")
    if link.startswith("pipe:"):
        pipes[number] = number
        return {"pipe": number}
    seals = fcntl.fcntl(number, 1034)
    offset = os.lseek(number, 0, os.SEEK_CUR)
    content = os.pread(number, 1 << 24, 0)
    refused = []
    for what, attempt in (
        ("write", lambda: os.pwrite(number, b"x", 0)),
        ("truncate", lambda: os.ftruncate(number, 0)),
        ("reopen", lambda: os.pwrite(os.open(f"/proc/self/fd/{number}", os.O_RDWR), b"x", 0)),
    ):
        try:
            attempt()
        except OSError:
            refused.append(what)
    os.close(number)
    return {"text": content.decode("utf-8", "replace"), "seals": seals, "offset": offset, "refused": refused}


def answer(line):
    if "raw" in line:
        connection.sendall(line["raw"].encode())
        return {}
    if "read" in line:
        number, most = line["read"], line.get("most", 1 << 40)
        content = b""
        while len(content) < most:
            piece = os.read(number, min(65536, most - len(content)))
            if not piece:
                break
            content += piece
        os.close(number)
        return {"bytes": len(content), "text": content[:4096].decode("utf-8", "replace")}
    flags = os.O_RDONLY | os.O_CLOEXEC | (0o10000000 if line.get("path_only") else 0)
    opened = [os.open(path, flags) for path in line.get("open", [])]
    text = json.dumps(line["call"]).encode() + b"\0"
    if opened:
        socket.send_fds(connection, [text], opened)
    else:
        connection.sendall(text)
    for number in opened:
        os.close(number)
    replies = []
    while not line.get("no_reply"):
        reply = message()
        if reply is None:
            replies.append(None)
            break
        replies.append(reply)
        if not reply.get("continues"):
            break
    files = [described(number) for number in received]
    received.clear()
    return {"replies": replies, "files": files}


for line in sys.stdin:
    line = json.loads(line)
    if line.get("exit"):
        os._exit(0)
    print(json.dumps(answer(line)), flush=True)
