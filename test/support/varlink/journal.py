"""Starts a command whose standard error leads to a journal: where its entries go, its environment in JSON, and the command.

Run in a mount namespace of its own, where /run is empty. Each entry that is sent to the journal's socket is written to the file, as a line
of JSON. With "nowhere" as the file there is no journal, although $JOURNAL_STREAM says so.
"""

import array
import json
import os
import select
import socket
import sys

out, environment, *command = sys.argv[1:]
place = "/run/systemd/journal/socket"


def fields(entry):
    found = {}
    while entry:
        name, entry = entry.split(b"\n", 1)
        if b"=" in name:
            name, value = name.split(b"=", 1)
        else:
            length = int.from_bytes(entry[:8], "little")
            value, entry = entry[8 : 8 + length], entry[8 + length :]
            assert entry[:1] == b"\n"
            entry = entry[1:]
        assert name.decode() not in found
        found[name.decode()] = value.decode()
    return found


def received(journal):
    entry, ancillary, _, _ = journal.recvmsg(1 << 20, socket.CMSG_SPACE(64))
    for _, _, content in ancillary:
        [number] = array.array("i", content)
        # systemd takes a sealed file, or one without a name.
        entry = os.pread(number, 1 << 26, 0)
        os.close(number)
        return {"file": True, **fields(entry)}
    return fields(entry)


if out != "nowhere":
    os.makedirs(os.path.dirname(place))
    journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    journal.bind(place)
    end, held = os.pipe()
    os.set_inheritable(held, True)
    if os.fork() == 0:
        os.close(held)
        with open(out, "w") as lines:
            while True:
                ready, _, _ = select.select([journal, end], [], [])
                if journal in ready:
                    print(json.dumps(received(journal)), file=lines, flush=True)
                else:
                    os._exit(0)
stream = os.fstat(2)
os.execve(command[0], command, {"JOURNAL_STREAM": f"{stream.st_dev}:{stream.st_ino}", **json.loads(environment)})
