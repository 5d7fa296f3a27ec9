"""Headers as they go over the wire: one text, a line each. It takes the least room, too."""

from collections.abc import Iterable

HeaderList = tuple[tuple[bytes, bytes], ...]

_END = b"\r\n"
_BETWEEN = b": "


def packed(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Headers as one text; each line has its end [RFC 9112, 5]."""
    return b"".join([name + b": " + value + b"\r\n" for name, value in pairs])


def unpacked(head: bytes) -> HeaderList:
    """The names and values of a packed head."""
    lines = head.split(_END)[:-1]
    return tuple([(name, value) for name, _, value in (line.partition(_BETWEEN) for line in lines)])
