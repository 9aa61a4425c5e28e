"""Status lines and fields of responses.

  Klein 2004   Divide and Conquer: HTTP Response Splitting
"""

from case import group, passed, refused, response

_EMPTY = b"Content-Length: 0\r\n"


def _status(status, **more):
    return response(_EMPTY, status=status, **more)


def _field(line):
    return response(_EMPTY + line)


CASES = [
    *group(
        "RFC 9112 4", passed(1, 200),
        "a reason may be odd, empty, or missing: nobody reads it",
        {
            "response: no reason": _status(b"200 "),
            "response: no reason and no blank": _status(b"200"),
            "response: a reason of obs-text": _status(b"200 \xff"),
            "response: a reason of blanks": _status(b"200  OK "),
            "response: of version 1.0": _status(b"200 OK", version=b"HTTP/1.0"),
        }),
    *group(
        "RFC 9112 4, RFC 9110 15", refused(502),
        "not a status line of HTTP/1, or not a status",
        {
            "response: status 99": _status(b"99 Odd"),
            "response: status 099": _status(b"099 Odd"),
            "response: status 000": _status(b"000 Odd"),
            "response: status 2000": _status(b"2000 OK"),
            "response: status 20x": _status(b"20x OK"),
            "response: status -200": _status(b"-200 OK"),
            "response: status +200": _status(b"+200 OK"),
            "response: status empty": _status(b""),
            "response: two blanks before the status": _status(b" 200 OK"),
            "response: a tab behind the status": _status(b"200\tOK"),
            "response: version 1.2": _status(b"200 OK", version=b"HTTP/1.2"),
            "response: version 2": _status(b"200 OK", version=b"HTTP/2"),
            "response: version in lower case": _status(b"200 OK", version=b"http/1.1"),
            "response: version 1.10": _status(b"200 OK", version=b"HTTP/1.10"),
            "response: ICY": _status(b"200 OK", version=b"ICY"),
            "response: NUL in the reason": _status(b"200 O\0K"),
            "response: CR in the reason": _status(b"200 O\rK"),
            "response: an empty line ahead": b"\r\n" + _status(b"200 OK"),
        }),
    *group(
        "RFC 9110 15", passed(1),
        "a client takes it for one of its class, or for a 5xx",
        {
            "response: status 299": _status(b"299 Odd"),
            "response: status 600": _status(b"600 Odd"),
            "response: status 999": _status(b"999 Odd"),
        }),
    *group(
        "RFC 9112 2.2", passed(1, 200),
        "LF ends a line to all that read such a head at all; it goes on with CR LF, and its "
        "connection carries nothing more",
        {
            "response: LF alone": b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
            "response: LF behind a field": _field(b"X: y\n"),
            "response: LF between two fields": _field(b"X: y\nSet-Cookie: a=b\r\n"),
            "response: an empty line of LF": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\n",
            "response: LF alone, and another one behind it": (
                b"HTTP/1.1 200 OK\nContent-Length: 0\n\n" + _field(b"X: y\r\n")),
        }),
    *group(
        "RFC 9112 2.2, Klein 2004, CVE-2022-32214", refused(502),
        "a bare CR ends a line for one reader and is part of a value for another",
        {
            "response: CR in a value": _field(b"X: y\rSet-Cookie: a=b\r\n"),
            "response: CR in a value between lines of LF": (
                b"HTTP/1.1 200 OK\nX: y\rContent-Length: 0\n\n"),
            "response: CR CR LF": _field(b"X: y\r\r\n"),
            "response: an empty line of LF ahead": b"\n" + _field(b""),
        }),
    *group(
        "RFC 9112 5.2", passed(1, 200),
        "obs-fold: joined by a blank, as the RFC asks",
        {
            "response: a folded value": _field(b"X: y\r\n z\r\n"),
            "response: a value folded twice": _field(b"X:\r\n\ty\r\n  z\r\n"),
            "response: a folded value among lines of LF": (
                b"HTTP/1.1 200 OK\nX: y\n z\nContent-Length: 0\n\n"),
        }),
    *group(
        "RFC 9112 5.2, CVE-2022-32215", refused(502),
        "obs-fold: to a reader that knows none the body ends elsewhere, or the head does",
        {
            "response: a first field with a blank ahead": response(b" X: y\r\n" + _EMPTY),
            "response: a fold of blanks alone": _field(b"X: y\r\n \r\n"),
            "response: a length with a blank ahead": response(
                b"X: y\r\n Content-Length: 5\r\n", b"hello"),
            "response: a coding with a blank ahead": response(
                b"X: y\r\n\tTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
            "response: a folded length": response(b"Content-Length:\r\n 5\r\n", b"hello"),
            "response: a folded coding": response(
                b"Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n"),
        }),
    *group(
        "RFC 9112 5.1, RFC 9110 5.1", refused(502),
        "no token and colon: a field for one reader, none for another",
        {
            "response: a blank before the colon": _field(b"X : y\r\n"),
            "response: a blank before a length's colon": response(
                b"Content-Length : 5\r\n", b"hello"),
            "response: an empty name": _field(b": y\r\n"),
            "response: no colon": _field(b"X\r\n"),
            "response: a blank in a name": _field(b"X Y: z\r\n"),
            "response: a name with NUL": _field(b"X\0: y\r\n"),
            "response: a name with obs-text": _field(b"X\xff: y\r\n"),
        }),
    *group(
        "RFC 9110 5.5", refused(502),
        "controls end a value for one reader and belong to it for another",
        {
            "response: a value with NUL": _field(b"X: a\0b\r\n"),
            "response: a value with escape": _field(b"X: \x1b[2J\r\n"),
            "response: a value with DEL": _field(b"X: \x7f\r\n"),
        }),
    *group(
        "RFC 9110 5.5", passed(1, 200),
        "allowed, and passed as it is",
        {
            "response: a value of obs-text": _field(b"X: \xff\r\n"),
            "response: an empty value": _field(b"X:\r\n"),
            "response: two cookies": _field(b"Set-Cookie: a=b\r\nSet-Cookie: c=d\r\n"),
        }),
    *group(
        "RFC 9110 7.6.1", passed(1, 200),
        "the length cannot be named away",
        {
            "response: Connection names the length": response(
                b"Connection: Content-Length\r\nContent-Length: 5\r\n", b"hello"),
        }),
    *group(
        "RFC 9110 7.6.1", refused(502),
        "no server names 20 fields",
        {
            "response: Connection names 20 fields": _field(
                b"Connection: " + b", ".join(b"x%d" % i for i in range(20)) + b"\r\n"),
        }),
    *group(
        "RFC 6585 5", refused(502),
        "64 KiB and 1000 fields for a head",
        {
            "response: a head of 65 KiB": _field(b"X: " + b"a" * (65 << 10) + b"\r\n"),
            "response: 1001 fields": _field(b"X: y\r\n" * 1000),
        }),
    *group(
        "RFC 9112 4, RFC 1945 4.1", refused(502),
        "no HTTP/1",
        {
            "response: a body alone": b"hello",
            "response: nothing": b"",
            "response: SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
            "response: half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
        }, closes=True),
]
