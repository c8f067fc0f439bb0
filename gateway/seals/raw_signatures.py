"""SM2 signature values as the field writes them: DER (GM/T 0009), or the 64 bytes r‖s."""


def as_der(value: bytes) -> tuple[bytes, bool]:
    """The value in DER, and whether it was raw: only exactly 64 bytes that are not DER themselves."""
    if len(value) != 64 or _looks_der(value):
        return value, False
    content = _integer(value[:32]) + _integer(value[32:])
    return bytes((0x30, len(content))) + content, True


def _looks_der(value: bytes) -> bool:
    """A SEQUENCE of exactly two INTEGERs that fill the bytes."""
    if value[0] != 0x30 or value[1] != len(value) - 2 or value[2] != 0x02:
        return False
    second = 4 + value[3]
    return second + 1 < len(value) and value[second] == 0x02 and second + 2 + value[second + 1] == len(value)


def _integer(raw: bytes) -> bytes:
    body = raw.lstrip(b"\0")
    if not body or body[0] & 0x80:
        body = b"\0" + body
    return bytes((0x02, len(body))) + body
