"""Messages between the judge and the warm process: a length, then JSON; never pickle."""

import json
import struct

LENGTH = struct.Struct(">Q")


def write_frame(stream, message):
    """Write a message of plain data to a binary stream."""
    body = json.dumps(message).encode("utf-8")
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()


def read_frame(stream, limit):
    """Return the next message; None at the end of the stream or when it is not a message.

    limit: largest length in bytes.
    """
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    if length > limit:
        return None
    body = stream.read(length)
    return json.loads(body) if len(body) == length else None
