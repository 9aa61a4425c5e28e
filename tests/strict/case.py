"""What is tried, and what bearer-proxy is expected to do with it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    kinds: tuple  # refused, cut, passed: one of them
    status: int = 0  # that the client gets; 0: any
    times: int = 0  # messages that are passed

    def __str__(self):
        counted = f" ×{self.times}" if self.times > 1 else ""
        return f"{' or '.join(self.kinds)} {self.status or ''}".strip() + counted


def refused(status):
    """Answered with `status`; not a byte reaches the other side."""
    return Expected(("refused",), status)


def cut(status=0):
    """The other side gets the beginning of a message, and never its end."""
    return Expected(("cut",), status)


def passed(times=1, status=0):
    """So many messages come through whole."""
    return Expected(("passed",), status, times)


def lost():
    """Cut or refused, whichever comes first: what the other side's leaving meets."""
    return Expected(("cut", "refused"))


@dataclass(frozen=True)
class Case:
    name: str
    raw: bytes  # what is sent
    source: str  # RFC section, CVE or paper: see the head of each table
    expected: Expected
    why: str  # that is right, where other proxies do otherwise
    # Of a response:
    method: bytes = b"GET"  # of its request
    more: bytes = b""  # field lines of that request, its empty line and its body
    early: bool = False  # it comes as soon as the head of its request has
    closes: bool = False  # the upstream closes after it


def group(source, expected, why, raws, **more):
    """Cases of one kind, from {name: bytes}."""
    return [Case(name, raw, source, expected, why, **more) for name, raw in raws.items()]


HOST = b"Host: localhost\r\n"
CASE_TARGET = b"/case"  # of a response's request
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def request(lines=b"", body=b"", method=b"GET", target=b"/", version=b"HTTP/1.1", host=HOST):
    """`lines` are whole field lines."""
    return method + b" " + target + b" " + version + b"\r\n" + host + lines + b"\r\n" + body


def post(lines=b"", body=b"", **more):
    return request(lines, body, method=b"POST", **more)


def chunked(body):
    """`body` is what follows the head, framing included."""
    return post(CHUNKED, body)


def response(lines=b"", body=b"", status=b"200 OK", version=b"HTTP/1.1"):
    return version + b" " + status + b"\r\n" + lines + b"\r\n" + body
