"""HTTP/1.1 as servers in the field have read it: each Quirks is a leniency that was the cause of a
request smuggled or a response split somewhere. What all of them and strict_reader.py read alike can
be passed on safely."""

import re
from dataclasses import dataclass, replace

from strict_reader import Message

_BODILESS = (b"204", b"304")


@dataclass(frozen=True)
class Quirks:
    name: str
    line_end: bytes = rb"\r?\n"
    blank_before_colon: bool = True  # belongs to neither side; else: to the name
    folds: bool = True  # a line that begins with a blank continues the one before
    underscore_is_dash: bool = False  # as CGI has it
    nul_ends_value: bool = False
    which_length: int = 0  # the first, or -1: the last
    base: int = 10  # 0: as C reads numbers, 0x10 and 010 too
    length_wins: bool = False  # over Transfer-Encoding
    coding: str = "last"  # chunked has to be the last one named, be mentioned, or the whole value
    which_coding: int = -1
    chunk_bits: int = 64  # sizes wrap around beyond
    extension_ends: bytes = rb"\r?\n"
    obeys_host_field: bool = False  # also beside an absolute target
    which_host: int = 0
    switches_to: bytes = b""  # obeys an Upgrade to it: what follows is no HTTP/1.1 any more


_USUAL = Quirks("lenient")
ALL = [
    _USUAL,
    replace(_USUAL, name="CR ends a line", line_end=rb"\r\n|\r|\n", extension_ends=rb"\r\n|\r|\n"),
    replace(_USUAL, name="a blank belongs to the name", blank_before_colon=False),
    replace(_USUAL, name="no folding", folds=False),
    replace(_USUAL, name="NUL ends a value", nul_ends_value=True),
    replace(_USUAL, name="the last Content-Length counts", which_length=-1),
    replace(_USUAL, name="numbers as in C", base=0),
    replace(_USUAL, name="Content-Length wins", length_wins=True),
    replace(_USUAL, name="chunked wherever it is mentioned", coding="mentioned"),
    replace(_USUAL, name="chunked alone", coding="alone"),
    replace(_USUAL, name="the first Transfer-Encoding counts", which_coding=0),
    replace(_USUAL, name="sizes of 32 bits", chunk_bits=32),
    replace(_USUAL, name="an extension ends at CR LF alone", extension_ends=rb"\r\n"),
    replace(_USUAL, name="the Host field counts", obeys_host_field=True),
    replace(_USUAL, name="the last Host counts", which_host=-1),
    replace(_USUAL, name="obeys Upgrade: h2c", switches_to=b"h2c"),
    replace(_USUAL, name="_ is -", underscore_is_dash=True),
]


def read_requests(stream, quirks):
    """([Message], True if something is left), as in strict_reader.py."""
    return _Reader(stream, quirks).requests()


def read_responses(stream, methods, quirks, closed=True):
    return _Reader(stream, quirks).responses(list(methods), closed)


class _Short(Exception):
    """The bytes end here."""


class _Reader:
    def __init__(self, stream, quirks):
        self.rest = stream
        self.quirks = quirks

    def requests(self):
        messages = []
        try:
            while self.rest:
                messages.append(self._request())
        except _Short:
            return messages, True
        return messages, False

    def responses(self, methods, closed):
        messages = []
        try:
            while self.rest:
                message = self._response(methods[0] if methods else b"GET", closed)
                messages.append(message)
                if not message.start[0].startswith(b"1"):
                    methods = methods[1:]
        except _Short:
            return messages, True
        return messages, False

    def _request(self):
        line, fields = self._head()
        method, _, rest = line.partition(b" ")
        target = rest.rsplit(b" HTTP/", 1)[0]
        hosts = fields.get(b"host", [b""])
        host = hosts[self.quirks.which_host]
        scheme, absolute, after = target.partition(b"://")
        if absolute and re.fullmatch(rb"[A-Za-z]+", scheme):
            named, slash, path = after.partition(b"/")
            target = slash + path or b"/"
            host = host if self.quirks.obeys_host_field else named
        if self.quirks.switches_to and self.quirks.switches_to in b"".join(
                fields.get(b"upgrade", [])):
            self.rest, body = b"", self.rest
            return Message((method, target, host), b"switched " + body)
        return Message((method, target, host), self._body(fields, until_close=False))

    def _response(self, method, closed):
        line, fields = self._head()
        status = (line.split(b" ", 2) + [b""])[1][:3]
        if method == b"HEAD" or status in _BODILESS or status[:1] == b"1":
            return Message((status,), b"")
        body = self._body(fields, until_close=True)
        if body is None:
            if not closed:
                raise _Short
            body, self.rest = self.rest, b""
        return Message((status,), body)

    def _line(self, end=None):
        match = re.search(end or self.quirks.line_end, self.rest)
        if not match:
            raise _Short
        line, self.rest = self.rest[:match.start()], self.rest[match.end():]
        return line

    def _take(self, size):
        if size > len(self.rest):
            raise _Short
        data, self.rest = self.rest[:size], self.rest[size:]
        return data

    def _head(self):
        lines = [self._line()]
        while True:
            line = self._line()
            if not line:
                break
            if self.quirks.folds and line[:1] in b" \t" and len(lines) > 1:
                lines[-1] += b" " + line.strip()
            else:
                lines.append(line)
        fields = {}
        for line in lines[1:]:
            name, colon, value = line.partition(b":")
            if self.quirks.blank_before_colon:
                name = name.strip()
            if self.quirks.underscore_is_dash:
                name = name.replace(b"_", b"-")
            if self.quirks.nul_ends_value:
                value = value.partition(b"\0")[0]
            if colon:
                fields.setdefault(name.lower(), []).append(value.strip())
        return lines[0], fields

    def _chunked(self, fields):
        values = fields.get(b"transfer-encoding")
        if not values:
            return False
        value = values[self.quirks.which_coding].lower()
        if self.quirks.coding == "mentioned":
            return b"chunked" in b",".join(values).lower()
        if self.quirks.coding == "alone":
            return value == b"chunked"
        return value.split(b",")[-1].strip() == b"chunked"

    def _body(self, fields, until_close):
        lengths = fields.get(b"content-length")
        if self._chunked(fields) and not (lengths and self.quirks.length_wins):
            return self._chunks()
        if lengths:
            return self._take(self._number(lengths[self.quirks.which_length]))
        return None if until_close else b""

    def _number(self, text):
        """As strtol() does: what leads it, and 0 where there is nothing."""
        if self.quirks.base == 0 and (match := re.match(rb"\+?0x([0-9a-f]+)", text.lower())):
            return int(match[1], 16)
        match = re.match(rb"\+?([0-9]+)", text)
        if not match:
            return 0
        octal = self.quirks.base == 0 and re.fullmatch(rb"0[0-7]+", match[1])
        return int(match[1], 8 if octal else 10)

    def _chunks(self):
        body = b""
        while True:
            line = self._line(self.quirks.extension_ends)
            match = re.match(rb"\s*(?:0[xX])?([0-9A-Fa-f]+)", line)
            size = int(match[1], 16) % (1 << self.quirks.chunk_bits) if match else 0
            if size == 0:
                break
            body += self._take(size)
            self._line()
        while self._line():
            pass
        return body
