"""Malformed frames of clients of HTTP/2, and well-formed ones that look odd."""

from dataclasses import dataclass

from frames import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PADDED, PING,
                    PRIORITISED, PRIORITY, PUSH, RESET, SETTINGS, WINDOW, block, frame, head,
                    number, pseudo, settings)

# What must become of a case.
CONNECTION = "connection"  # it ends
STREAM = "stream"  # the request is reset, answered with a 4xx, or its connection ends
PASSES = "passes"  # the request reaches the upstream, and its answer the client
IGNORED = "ignored"  # nothing comes of it: the connection goes on


@dataclass(frozen=True)
class Case:
    name: str
    source: str  # the section of RFC 9113, or of another RFC where it says so
    frames: bytes
    expected: str
    why: str = ""  # where it is not what the section asks for


def _bad(name, *fields, source="8.2.1", method=b"GET", why=""):
    """A request with those fields after its own."""
    return Case(name, source, head(1, *pseudo(method), *fields), STREAM, why)


_OPEN = head(1, *pseudo(b"POST"), ends=False)
_DONE = head(1, *pseudo())
_FIELDS = block(*pseudo())

_FRAMES = [
    Case("DATA on the connection", "6.1", frame(DATA, 0, 0, b"x"), CONNECTION),
    Case("DATA on an idle stream", "5.1", frame(DATA, 0, 1, b"x"), CONNECTION),
    Case("DATA after the end", "5.1", head(1, *pseudo(b"POST"), ends=False)
         + frame(DATA, END_STREAM, 1, b"x") + frame(DATA, 0, 1, b"y"), STREAM,
         "the request had come whole: it may have been sent on by then"),
    Case("DATA on a stream that was reset", "5.1", _OPEN + frame(RESET, 0, 1, number(8))
         + frame(DATA, END_STREAM, 1, b"x"), IGNORED,
         "it may have been on its way; its window is given back"),
    Case("DATA whose padding is longer than it", "6.1",
         _OPEN + frame(DATA, PADDED | END_STREAM, 1, b"\x09abc"), CONNECTION),
    Case("DATA with padding", "6.1", _OPEN + frame(DATA, PADDED | END_STREAM, 1, b"\x03abc\0\0\0"),
         PASSES),
    Case("DATA of unknown flags", "4.1", _OPEN + frame(DATA, 0xf6 & ~PADDED | END_STREAM, 1, b"a"),
         PASSES),
    Case("a frame larger than 16 KiB", "4.2",
         _OPEN + frame(DATA, END_STREAM, 1, b"x" * 16_385), CONNECTION),
    Case("HEADERS on the connection", "6.2", frame(HEADERS, 5, 0, _FIELDS), CONNECTION),
    Case("HEADERS on an even stream", "5.1.1", frame(HEADERS, 5, 2, _FIELDS), CONNECTION),
    Case("HEADERS on an older stream", "5.1.1", head(5, *pseudo(path=b"/probe"))
         + frame(HEADERS, 5, 1, _FIELDS), IGNORED,
         "the RFC wants the connection's end; a stream that never began has no answer either"),
    Case("HEADERS whose padding is longer than it", "6.2",
         frame(HEADERS, 5 | PADDED, 1, b"\xff" + _FIELDS), CONNECTION),
    Case("HEADERS too small for its priority", "6.2", frame(HEADERS, 5 | PRIORITISED, 1, b"\0\0"),
         CONNECTION),
    Case("HEADERS with padding and priority", "6.2", frame(
        HEADERS, 5 | PADDED | PRIORITISED, 1, b"\x02" + number(0) + b"\x0f" + _FIELDS + b"\0\0"),
         PASSES),
    Case("a stream that depends on itself", "5.3.1 of RFC 7540", frame(
        HEADERS, 5 | PRIORITISED, 1, number(1) + b"\x0f" + _FIELDS), STREAM,
         "RFC 9113 has priorities no more; ours holds to the older one's error"),
    Case("CONTINUATION without HEADERS", "6.10", frame(CONTINUATION, 4, 1, _FIELDS), CONNECTION),
    Case("CONTINUATION after a whole head", "6.10", _OPEN + frame(CONTINUATION, 4, 1, b""),
         CONNECTION),
    Case("CONTINUATION of another stream", "6.10", frame(HEADERS, END_STREAM, 1, _FIELDS)
         + frame(CONTINUATION, 4, 3, b""), CONNECTION),
    Case("PING inside a head", "6.10", frame(HEADERS, END_STREAM, 1, _FIELDS)
         + frame(PING, 0, 0, b"12345678") + frame(CONTINUATION, 4, 1, b""), CONNECTION),
    Case("an unknown frame inside a head", "5.5", frame(HEADERS, END_STREAM, 1, _FIELDS)
         + frame(0xbe, 0, 1, b"") + frame(CONTINUATION, 4, 1, b""), CONNECTION),
    Case("a head in three frames", "6.10", frame(HEADERS, END_STREAM, 1, _FIELDS[:20])
         + frame(CONTINUATION, 0, 1, _FIELDS[20:25])
         + frame(CONTINUATION, END_HEADERS, 1, _FIELDS[25:]), PASSES),
    Case("PRIORITY on the connection", "6.3", frame(PRIORITY, 0, 0, bytes(5)), CONNECTION),
    Case("PRIORITY of another size", "6.3", _OPEN + frame(PRIORITY, 0, 1, bytes(4)), STREAM),
    Case("RST_STREAM on the connection", "6.4", frame(RESET, 0, 0, number(8)), CONNECTION),
    Case("RST_STREAM on an idle stream", "6.4", frame(RESET, 0, 7, number(8)), CONNECTION),
    Case("RST_STREAM of another size", "6.4", _OPEN + frame(RESET, 0, 1, bytes(3)), CONNECTION),
    Case("SETTINGS on a stream", "6.5", frame(SETTINGS, 0, 1, b""), CONNECTION),
    Case("SETTINGS of another size", "6.5", frame(SETTINGS, 0, 0, bytes(5)), CONNECTION),
    Case("an acknowledgement with settings", "6.5", frame(SETTINGS, ACK, 0, bytes(6)), CONNECTION),
    Case("ENABLE_PUSH of 2", "6.5.2", settings((2, 2)), CONNECTION),
    Case("INITIAL_WINDOW_SIZE beyond 2^31-1", "6.5.2", settings((4, 1 << 31)), CONNECTION),
    Case("MAX_FRAME_SIZE below 16,384", "6.5.2", settings((5, 16_383)), CONNECTION),
    Case("MAX_FRAME_SIZE beyond 2^24-1", "6.5.2", settings((5, 1 << 24)), CONNECTION),
    Case("ENABLE_CONNECT_PROTOCOL of 2", "3 of RFC 8441", settings((8, 2)), CONNECTION),
    Case("an unknown setting", "6.5.2", settings((0xf0f0, 7)) + _DONE, PASSES),
    Case("PUSH_PROMISE of a client", "8.4", _OPEN + frame(PUSH, 4, 1, number(2) + _FIELDS),
         CONNECTION),
    Case("PING on a stream", "6.7", frame(PING, 0, 1, bytes(8)), CONNECTION),
    Case("PING of another size", "6.7", frame(PING, 0, 0, bytes(7)), CONNECTION),
    Case("GOAWAY on a stream", "6.8", frame(GOAWAY, 0, 1, bytes(8)), CONNECTION),
    Case("GOAWAY that is too small", "6.8", frame(GOAWAY, 0, 0, bytes(7)), CONNECTION),
    Case("WINDOW_UPDATE of another size", "6.9", frame(WINDOW, 0, 0, bytes(3)), CONNECTION),
    Case("WINDOW_UPDATE of 0 for the connection", "6.9", frame(WINDOW, 0, 0, number(0)),
         CONNECTION),
    Case("WINDOW_UPDATE of 0 for a stream", "6.9", _OPEN + frame(WINDOW, 0, 1, number(0)), STREAM),
    Case("WINDOW_UPDATE on an idle stream", "5.1", frame(WINDOW, 0, 9, number(1)), CONNECTION),
    Case("a window of the connection beyond 2^31-1", "6.9.1",
         frame(WINDOW, 0, 0, number((1 << 31) - 1)), CONNECTION),
    Case("a window of a stream beyond 2^31-1", "6.9.1",
         _OPEN + frame(WINDOW, 0, 1, number((1 << 31) - 1)), STREAM),
    Case("a stream's window beyond 2^31-1 by SETTINGS", "6.9.2",
         _OPEN + frame(WINDOW, 0, 1, number((1 << 31) - 1 - 65_535)) + settings((4, 65_536)),
         STREAM, "the RFC wants the connection's end; no other stream's window is wrong"),
    Case("an unknown frame", "4.1", frame(0xbe, 0xff, 0, b"any") + _DONE, PASSES),
    Case("a reserved bit before the stream's number", "4.1",
         frame(HEADERS, 5, 1 | 1 << 31, _FIELDS), PASSES),
]

_COMPRESSION = [
    Case("an index of nothing", "6.1 of RFC 7541", frame(HEADERS, 5, 1, b"\x80"), CONNECTION),
    Case("an index beyond the tables", "2.3.3 of RFC 7541", frame(HEADERS, 5, 1, b"\xff\x7f"),
         CONNECTION),
    Case("an integer without an end", "5.1 of RFC 7541",
         frame(HEADERS, 5, 1, b"\xff" + b"\xff" * 12), CONNECTION),
    Case("a string that is cut", "5.2 of RFC 7541", frame(HEADERS, 5, 1, b"\x00\x05ab"),
         CONNECTION),
    Case("Huffman's end of string", "5.2 of RFC 7541",
         frame(HEADERS, 5, 1, b"\x00\x01x\x84\xff\xff\xff\xff"), CONNECTION),
    Case("a table larger than allowed", "6.3 of RFC 7541",
         frame(HEADERS, 5, 1, b"\x3f\xe2\x1f" + _FIELDS), CONNECTION),
    Case("a table's size amid the fields", "4.2 of RFC 7541",
         frame(HEADERS, 5, 1, _FIELDS + b"\x20"), CONNECTION),
]

_MESSAGES = [
    _bad("a name in upper case", b"X-Upper: 1"),
    _bad("a name with NUL", b"\x00: 1"),
    _bad("a name with a blank", b"x y: 1"),
    _bad("a name with DEL", b"x\x7f: 1"),
    _bad("a value with LF", b"x: a\nb"),
    _bad("a value with CR", b"x: a\rb"),
    _bad("a value with NUL", b"x: a\x00b"),
    _bad("a value that begins with a blank", b"x:  a"),
    _bad("Connection", b"connection: close", source="8.2.2"),
    _bad("Keep-Alive", b"keep-alive: timeout=5", source="8.2.2"),
    _bad("Proxy-Connection", b"proxy-connection: close", source="8.2.2"),
    _bad("Transfer-Encoding", b"transfer-encoding: chunked", source="8.2.2"),
    _bad("Upgrade", b"upgrade: websocket", source="8.2.2"),
    _bad("TE of gzip", b"te: gzip", source="8.2.2"),
    Case("TE of trailers", "8.2.2", head(1, *pseudo(), b"te: trailers"), PASSES),
    _bad("a pseudo-field after the others", b"x: 1", b":path: /other", source="8.3"),
    _bad("a pseudo-field twice", b":path: /other", source="8.3"),
    _bad("a pseudo-field of responses", b":status: 200", source="8.3"),
    _bad("an unknown pseudo-field", b":unknown: 1", source="8.3"),
    Case("no method", "8.3.1", head(1, *pseudo()[1:]), STREAM),
    Case("no scheme", "8.3.1", head(1, pseudo()[0], *pseudo()[2:]), STREAM),
    Case("no path", "8.3.1", head(1, *pseudo()[:3]), STREAM),
    Case("an empty path", "8.3.1", head(1, *pseudo(path=b"")), STREAM),
    Case("a path without a slash", "8.3.1", head(1, *pseudo(path=b"case")), STREAM),
    Case("a path with a blank", "8.3.1", head(1, *pseudo(path=b"/a HTTP/1.1\x0b")), STREAM),
    Case("a path with CRLF", "10.3", head(1, *pseudo(path=b"/a\r\nx: y")), STREAM),
    Case("a method with a blank", "10.3", head(1, *pseudo(b"GET /other")), STREAM),
    Case("an asterisk of another method than OPTIONS", "8.3.1", head(1, *pseudo(path=b"*")),
         STREAM),
    Case("an authority with userinfo", "8.3.1",
         head(1, *pseudo()[:2], b":authority: a@localhost", pseudo()[3]), STREAM),
    Case("no authority, and no Host", "8.3.1", head(1, *pseudo()[:2], pseudo()[3]), STREAM),
    Case("a Host that differs from the authority", "8.3.1",
         head(1, *pseudo(), b"host: elsewhere.example"), STREAM),
    Case("CONNECT with a path", "8.5", head(1, *pseudo(b"CONNECT")), STREAM),
    Case("CONNECT", "8.5", head(1, b":method: CONNECT", b":authority: localhost:1", ends=False)
         + frame(DATA, END_STREAM, 1, b""), STREAM, "a proxy of HTTP may be no tunnel"),
    Case("a protocol without CONNECT", "4 of RFC 8441", head(1, *pseudo(),
                                                           b":protocol: websocket"), STREAM),
    Case("a length longer than the body", "8.1.1",
         head(1, *pseudo(b"POST"), b"content-length: 5", ends=False)
         + frame(DATA, END_STREAM, 1, b"abc"), STREAM),
    Case("a length shorter than the body", "8.1.1",
         head(1, *pseudo(b"POST"), b"content-length: 2", ends=False)
         + frame(DATA, END_STREAM, 1, b"abc"), STREAM),
    Case("a length without a body", "8.1.1", head(1, *pseudo(b"POST"), b"content-length: 5"),
         STREAM),
    _bad("two lengths", b"content-length: 0", b"content-length: 0", source="8.1.1"),
    _bad("a length that is no number", b"content-length: +1", source="8.1.1"),
    Case("trailers without the stream's end", "8.1", _OPEN + frame(DATA, 0, 1, b"a")
         + head(1, b"x: 1", ends=False), STREAM),
    Case("a pseudo-field in trailers", "8.1", _OPEN + frame(DATA, 0, 1, b"a")
         + head(1, b":path: /other"), STREAM),
    Case("a third head", "8.1", _OPEN + head(1, b"x: 1") + head(1, b"y: 1"), STREAM),
    Case("trailers", "8.1", _OPEN + frame(DATA, 0, 1, b"a") + head(1, b"x-sum: 1"), PASSES),
    Case("a body", "8.1", _OPEN + frame(DATA, END_STREAM, 1, b"abc"), PASSES),
    Case("crumbs of a cookie", "8.2.3", head(1, *pseudo(), b"cookie: a=1", b"cookie: b=2"),
         PASSES),
]

CASES = _FRAMES + _COMPRESSION + _MESSAGES
