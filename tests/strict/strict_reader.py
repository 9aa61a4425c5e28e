"""HTTP/1.1 read to the letter of RFC 9112: what it does not allow is Malformed. Two liberties are
taken, which no reader understands otherwise: bytes beyond ASCII in a target, and statuses over 599.

One of the two readers that decide whether bytes can be read in two ways; the other is
lenient_reader.py. They share nothing but Message, so that neither repeats the other's mistakes.
"""

import re
from dataclasses import dataclass

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST_LINE = re.compile(rb"(" + _TOKEN + rb") ([\x21-\x7e\x80-\xff]+) HTTP/1\.([01])\Z")
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: [\t \x21-\x7e\x80-\xff]*)?\Z")
_FIELD = re.compile(rb"(" + _TOKEN + rb"):[ \t]*([\t \x21-\x7e\x80-\xff]*?)[ \t]*\Z")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})(?:[ \t]*;[\t \x21-\x7e\x80-\xff]*)?\Z")
_HOST = re.compile(rb"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?\Z")


class Malformed(Exception):
    """No HTTP/1.1; the message says what it stumbled over."""


class Incomplete(Exception):
    """The bytes end before the message does."""


@dataclass(frozen=True)
class Message:
    """What a reader made of one message. `start` is (method, target, host) or (status,)."""

    start: tuple
    body: bytes


def read_requests(stream):
    """([Message], True if a beginning of another one follows)."""
    messages = []
    try:
        while stream:
            message, stream = take_request(stream)
            messages.append(message)
    except Incomplete:
        return messages, True
    return messages, False


def read_responses(stream, methods, closed=True):
    """The same for the responses to requests of those methods. `closed`: the stream ended in order,
    as a body without a length does."""
    messages, methods = [], list(methods)
    try:
        while stream:
            message, stream = _response(stream, methods[0] if methods else b"GET", closed)
            messages.append(message)
            if int(message.start[0]) >= 200:
                methods = methods[1:]
    except Incomplete:
        return messages, True
    return messages, False


def take_request(stream):
    """(Message, what follows it)"""
    line, fields, rest = _head(stream)
    match = _REQUEST_LINE.match(line)
    if not match:
        raise Malformed("request line")
    method, target, minor = match.groups()
    hosts = _values(fields, b"host")
    if len(hosts) > 1 or (not hosts and minor == b"1"):
        raise Malformed(f"{len(hosts)} Host fields")
    if hosts and not _HOST.match(hosts[0]):
        raise Malformed("Host")
    body, rest = _body(fields, minor, rest, otherwise=lambda rest: (b"", rest))
    return Message((method, *_addressed(target, hosts[0] if hosts else b"")), body), rest


def _addressed(target, host):
    """(target, host), of which an absolute target names both (section 3.2.2)."""
    absolute = re.match(rb"https?://([^/?]*)(.*)\Z", target, re.IGNORECASE)
    return (absolute[2] or b"/", absolute[1]) if absolute else (target, host)


def _response(stream, method, closed):
    line, fields, rest = _head(stream)
    match = _STATUS_LINE.match(line)
    if not match:
        raise Malformed("status line")
    minor, status = match.groups()
    if status[:1] == b"1" or status == b"204":
        if _values(fields, b"transfer-encoding") or _values(fields, b"content-length") not in (
                [], [b"0"]):
            raise Malformed(f"a body after {status.decode()}")
        return Message((status,), b""), rest
    if method == b"HEAD" or status == b"304":
        return Message((status,), b""), rest

    def until_close(rest):
        if not closed:
            raise Incomplete
        return rest, b""

    body, rest = _body(fields, minor, rest, until_close)
    return Message((status,), body), rest


def _head(stream):
    head, end, rest = stream.partition(b"\r\n\r\n")
    if not end:
        _only_crlf(stream)
        raise Incomplete
    _only_crlf(head)
    line, *lines = head.split(b"\r\n")
    fields = []
    for field in lines:
        match = _FIELD.match(field)
        if not match:
            raise Malformed(f"field line {field[:60]!r}")
        fields.append((match[1].lower(), match[2]))
    return line, fields, rest


def _only_crlf(head):
    if re.search(rb"(?<!\r)\n|\r(?!\n|\Z)", head):
        raise Malformed("bare CR or LF")


def _values(fields, name):
    return [value for field, value in fields if field == name]


def _body(fields, minor, rest, otherwise):
    lengths, codings = _values(fields, b"content-length"), _values(fields, b"transfer-encoding")
    if lengths and codings:
        raise Malformed("Content-Length beside Transfer-Encoding")
    if codings:
        if minor == b"0" or len(codings) > 1 or codings[0].lower() != b"chunked":
            raise Malformed("Transfer-Encoding")
        return _chunks(rest)
    if lengths:
        # Leading zeros are allowed, but somebody takes them for an octal number.
        if len(lengths) > 1 or not re.fullmatch(rb"0|[1-9][0-9]{0,18}", lengths[0]):
            raise Malformed("Content-Length")
        return _take(rest, int(lengths[0]))
    return otherwise(rest)


def _take(rest, size):
    if len(rest) < size:
        raise Incomplete
    return rest[:size], rest[size:]


def _line(rest):
    line, end, after = rest.partition(b"\r\n")
    _only_crlf(line)
    if not end:
        raise Incomplete
    return line, after


def _chunks(rest):
    body = b""
    while True:
        line, rest = _line(rest)
        match = _CHUNK.match(line)
        if not match:
            raise Malformed("chunk size")
        size = int(match[1], 16)
        if size == 0:
            break
        data, rest = _take(rest, size)
        end, rest = _take(rest, 2)
        if end != b"\r\n":
            raise Malformed("end of a chunk")
        body += data
    while True:  # the trailer section
        line, rest = _line(rest)
        if not line:
            return body, rest
        if not _FIELD.match(line):
            raise Malformed("trailer")
