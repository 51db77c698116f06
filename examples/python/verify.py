#!/usr/bin/env python3
"""Asks sealcheck's service about an image directory, and takes the manifest that was judged.

Usage: verify.py SOCKET DIRECTORY IDENTITY
Exit code: 0 accepted, 1 rejected, 2 no verdict. Only 0 allows to install.
"""

import json
import os
import socket
import sys

LONGEST_MESSAGE = 16 * 1024 * 1024
SECONDS = 60


class NoVerdict(Exception):
    """Nothing was judged: this is no acceptance."""


def call(service, method, parameters, descriptors=()):
    """One call, and its reply: the parameters, and the descriptors that came with them."""
    message = json.dumps({"method": method, "parameters": parameters}).encode() + b"\0"
    # Descriptors go with the first byte.
    sent = socket.send_fds(service, [message], list(descriptors))
    service.sendall(message[sent:])
    answer, received = b"", []
    while not answer.endswith(b"\0"):
        part, came, flags, _ = socket.recv_fds(service, 65536, 8, socket.MSG_CMSG_CLOEXEC)
        received += came
        answer += part
        if not part or flags & socket.MSG_CTRUNC or len(answer) > LONGEST_MESSAGE:
            raise NoVerdict("the service closed the connection, or said too much")
    reply = json.loads(answer[:-1])
    if "error" in reply:
        raise NoVerdict(f"{reply['error']}: {json.dumps(reply.get('parameters'))}")
    return reply["parameters"], received


def verify_directory(address, directory, identity):
    """The verdict, and the bytes of the manifest if it is accepted."""
    # The directory is opened once. Who exchanges it by another one afterwards changes nothing.
    opened = os.open(directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    with socket.socket(socket.AF_UNIX) as service:
        service.settimeout(SECONDS)
        service.connect(address)
        parameters, descriptors = call(
            service,
            "dev.sealcheck.Verify.VerifyDirectory",
            {"identity": identity, "directory_fd_index": 0},
            [opened],
        )
    verdict = parameters["verdict"]
    if verdict["outcome"] != "accepted":
        return verdict, None
    # What was judged, in a memory file that nobody can change. Never read DIRECTORY/manifest.json instead.
    with open(descriptors[parameters["manifest_fd_index"]], "rb") as manifest:
        return verdict, manifest.read()


def main(address, directory, identity):
    try:
        verdict, manifest = verify_directory(address, directory, identity)
    except (NoVerdict, OSError, ValueError, LookupError, TypeError) as problem:
        print(f"no verdict: {problem}", file=sys.stderr)
        return 2
    print(verdict["message"])
    if manifest is None:
        return 1
    print(f"Manifest to use: {verdict['manifest_digest']}, {len(manifest)} bytes")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))
