"""HTTP/2 frame by frame (RFC 9113 section 4), as no library would write it, and what came back."""

from dataclasses import dataclass, field

DATA, HEADERS, PRIORITY, RESET, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED, PRIORITISED = 1, 1, 4, 8, 0x20

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
CODES = ("NO_ERROR PROTOCOL_ERROR INTERNAL_ERROR FLOW_CONTROL_ERROR SETTINGS_TIMEOUT STREAM_CLOSED "
         "FRAME_SIZE_ERROR REFUSED_STREAM CANCEL COMPRESSION_ERROR CONNECT_ERROR "
         "ENHANCE_YOUR_CALM INADEQUATE_SECURITY HTTP_1_1_REQUIRED").split()


def number(value, size=4):
    return value.to_bytes(size, "big")


def frame(kind, flags, stream, payload=b"", length=None):
    """`length`: another than the payload's."""
    size = len(payload) if length is None else length
    return number(size, 3) + bytes([kind, flags]) + number(stream) + payload


def _integer(value, bits):
    most = (1 << bits) - 1
    if value < most:
        return bytes([value])
    out, value = [most], value - most
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    return bytes(out + [value])


def block(*fields):
    """Fields as `name: value`, each literally and without an index (RFC 7541 section 6.2.2)."""
    out = b""
    for line in fields:
        at = line.index(b":", 1)
        name, value = line[:at], line[at + 1:].removeprefix(b" ")
        out += b"\x00" + _integer(len(name), 7) + name + _integer(len(value), 7) + value
    return out


def pseudo(method=b"GET", path=b"/case"):
    return (b":method: " + method, b":scheme: http", b":authority: localhost", b":path: " + path)


def head(stream, *fields, ends=True):
    return frame(HEADERS, END_HEADERS | (END_STREAM if ends else 0), stream, block(*fields))


def settings(*pairs):
    return frame(SETTINGS, 0, 0, b"".join(number(name, 2) + number(value) for name, value in pairs))


HELLO = PREFACE + settings() + frame(SETTINGS, ACK, 0)


@dataclass
class Heard:
    """What a server said."""

    statuses: dict = field(default_factory=dict)  # by stream; 0 where it cannot be read
    resets: dict = field(default_factory=dict)  # codes by stream
    goaway: int = None  # the first code that is an error, or NO_ERROR


def hear(data):
    heard, at = Heard(), 0
    while len(data) - at >= 9:
        size = int.from_bytes(data[at:at + 3], "big")
        kind, flags = data[at + 3], data[at + 4]
        stream = int.from_bytes(data[at + 5:at + 9], "big")
        payload = data[at + 9:at + 9 + size]
        at += 9 + size
        if kind == HEADERS and stream not in heard.statuses:
            heard.statuses[stream] = _status(payload, flags)
        elif kind == RESET:
            heard.resets[stream] = int.from_bytes(payload[:4], "big")
        elif kind == GOAWAY:
            heard.goaway = heard.goaway or int.from_bytes(payload[4:8], "big")
    return heard


def _status(payload, flags):
    """Of a head that begins with it, by RFC 7541."""
    if flags & PADDED:
        payload = payload[1:]
    if flags & PRIORITISED:
        payload = payload[5:]
    while payload and payload[0] & 0xe0 == 0x20:  # the table's size
        end = 1
        if payload[0] & 0x1f == 0x1f:
            while payload[end] & 0x80:
                end += 1
            end += 1
        payload = payload[end:]
    static = {0x88: 200, 0x89: 204, 0x8a: 206, 0x8b: 304, 0x8c: 400, 0x8d: 404, 0x8e: 500}
    if not payload or payload[0] in static:
        return static.get(payload[:1][0], 0) if payload else 0
    if payload[0] & 0xf in range(8, 15) and payload[0] < 0x50 and len(payload) > 2:
        size = payload[1] & 0x7f
        value = payload[2:2 + size]
        return _digits(value) if payload[1] & 0x80 else int(value)
    return 0


def _digits(value):
    """Of Huffman's code (RFC 7541 appendix B)."""
    bits = "".join(f"{byte:08b}" for byte in value)
    codes = {"00000": "0", "00001": "1", "00010": "2", "011001": "3", "011010": "4",
             "011011": "5", "011100": "6", "011101": "7", "011110": "8", "011111": "9"}
    out = ""
    while len(out) < 3:
        size = next((n for n in (5, 6) if bits[:n] in codes), None)
        if not size:
            return 0
        out, bits = out + codes[bits[:size]], bits[size:]
    return int(out)
