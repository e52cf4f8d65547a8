"""A GIF without what is written beside its frames. The frames stay as they are, byte by byte."""

TRAILER, IMAGE, EXTENSION = 0x3B, 0x2C, 0x21
GRAPHIC_CONTROL, APPLICATION = 0xF9, 0xFF
LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def strip(data: bytes) -> bytes:
    """Return the GIF without comments, XMP and whatever stands behind its end.

    Raises ValueError where it is cut off or broken.
    """
    try:
        return b"".join(parts(data))
    except IndexError:
        raise ValueError("it is cut off") from None


def parts(data: bytes) -> list[bytes]:
    """Return the parts to keep, in order. Raises IndexError and ValueError."""
    at = 13 + table(data[10])
    kept = [data[:at]]
    while data[at] != TRAILER:
        start = at
        if data[at] == IMAGE:
            at = behind(data, at + 11 + table(data[at + 9]))
        elif data[at] == EXTENSION:
            at = behind(data, at + 2)
        else:
            raise ValueError(f"it has an unknown part, 0x{data[at]:02x}")
        if shows(data[start : start + 14]):
            kept.append(data[start:at])
    return [*kept, bytes([TRAILER])]


def shows(head: bytes) -> bool:
    """Return whether a part that begins like that changes what is seen."""
    loops = head[1] == APPLICATION and head[3:] in LOOPS
    return head[0] == IMAGE or head[1] == GRAPHIC_CONTROL or loops


def table(flags: int) -> int:
    """Return how many bytes of a table of colours follow."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def behind(data: bytes, at: int) -> int:
    """Return the place behind a row of blocks, each of which begins with its length."""
    while data[at]:
        at += data[at] + 1
    return at + 1
