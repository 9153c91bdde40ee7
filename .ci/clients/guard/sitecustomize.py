"""Python reads this at start: whatever connects to another machine, or asks for its address, is refused."""

import sys

LOOPBACK = {"127.0.0.1", "::1", "localhost", "", None}


def refuse(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
    elif event == "socket.getaddrinfo":
        address = arguments
    else:
        return
    # What is no pair is the path of a Unix socket.
    if isinstance(address, tuple) and address[0] not in LOOPBACK:
        raise ConnectionRefusedError(f"{event} with {address[0]}: only this machine may be reached")


sys.addaudithook(refuse)
