"""Request lines, and where lines end.

  HDiff 2022   Shen, Chen, Zhuge et al.: HDiff (DSN 2022)
  Klein 2020   HTTP Request Smuggling in 2020: new variants, new defenses and new challenges
"""

from case import HOST, group, passed, refused, request


def _line(line, end=b"\r\n"):
    return line + end + HOST + b"\r\n"


CASES = [
    *group(
        "RFC 9112 2.2, CVE-2019-16785, CVE-2022-32214", refused(400),
        "a bare LF ends a line for one reader and is part of a value for another",
        {
            "LF alone": b"GET / HTTP/1.1\nHost: localhost\n\n",
            "LF behind the request line": _line(b"GET / HTTP/1.1", b"\n"),
            "LF behind a field": request(b"X: y\n"),
            "LF that hides a coding": request(b"X: y\nTransfer-Encoding: chunked\r\n"),
            "LF before the empty line": b"GET / HTTP/1.1\r\nHost: localhost\n\r\n",
            "an empty line of LF": b"GET / HTTP/1.1\r\nHost: localhost\r\n\n",
            "LF CR": b"GET / HTTP/1.1\n\rHost: localhost\n\r\n\r",
        }),
    *group(
        "RFC 9112 2.2, CVE-2023-30589, Klein 2020", refused(400),
        "a bare CR ends a line for one reader and is part of a value for another",
        {
            "CR alone": b"GET / HTTP/1.1\rHost: localhost\r\r\n\r\n",
            "CR in a value": request(b"X: y\rTransfer-Encoding: chunked\r\n"),
            "CR before a name": request(b"\rX: y\r\n"),
            "CR CR LF": request(b"X: y\r\r\n"),
            "CR in the request line": _line(b"GET /\r HTTP/1.1"),
        }),
    *group(
        "RFC 9112 2.2", passed(1, 200),
        "one empty line ahead is skipped, as the RFC asks",
        {
            "an empty line ahead": b"\r\n" + request(),
        }),
    *group(
        "RFC 9112 2.2", refused(400),
        "one empty line, and of CR LF: more is not what old clients sent",
        {
            "two empty lines ahead": b"\r\n\r\n" + request(),
            "LF ahead": b"\n" + request(),
            "a blank ahead": b" " + request(),
            "NUL ahead": b"\0" + request(),
        }),
    *group(
        "RFC 9112 3, CVE-2013-4547, HDiff 2022", refused(400),
        "one space between method, target and version: what is split otherwise has another target",
        {
            "two blanks before the target": _line(b"GET  / HTTP/1.1"),
            "two blanks before the version": _line(b"GET /  HTTP/1.1"),
            "a blank in the target": _line(b"GET /a b HTTP/1.1"),
            "a version in the target": _line(b"GET /a HTTP/1.1 HTTP/1.1"),
            "a blank behind the version": _line(b"GET / HTTP/1.1 "),
            "tabs for blanks": _line(b"GET\t/\tHTTP/1.1"),
            "a tab in the target": _line(b"GET /\t HTTP/1.1"),
            "vertical tab for a blank": _line(b"GET\x0b/ HTTP/1.1"),
            "form feed in the target": _line(b"GET /\x0c HTTP/1.1"),
            "no target": _line(b"GET HTTP/1.1"),
            "an empty target": _line(b"GET  HTTP/1.1"),
        }),
    *group(
        "CVE-2017-7656, RFC 1945 4.1", refused(400),
        "HTTP/0.9 has no head that could be checked",
        {
            "no version": b"GET /\r\n\r\n",
            "no version, with fields": _line(b"GET /"),
            "version 0.9": request(version=b"HTTP/0.9"),
        }),
    *group(
        "RFC 9112 2.3, CVE-2023-49081, HDiff 2022", refused(400),
        "HTTP/1.0 and HTTP/1.1 are spoken here; any other name means something else to somebody",
        {
            "version 1.2": request(version=b"HTTP/1.2"),
            "version 1.9": request(version=b"HTTP/1.9"),
            "version 1.10": request(version=b"HTTP/1.10"),
            "version 1.01": request(version=b"HTTP/1.01"),
            "version 01.1": request(version=b"HTTP/01.1"),
            "version 1": request(version=b"HTTP/1"),
            "version 1.": request(version=b"HTTP/1."),
            "version 1,1": request(version=b"HTTP/1,1"),
            "version 2.0": request(version=b"HTTP/2.0"),
            "version 3": request(version=b"HTTP/3"),
            "version -1.1": request(version=b"HTTP/-1.1"),
            "version in lower case": request(version=b"http/1.1"),
            "version of HTTPS": request(version=b"HTTPS/1.1"),
            "version 1.1x": request(version=b"HTTP/1.1x"),
            "version with a blank": request(version=b"HTTP /1.1"),
        }),
    *group(
        "RFC 9110 9.1", passed(1, 200),
        "methods are tokens, and told apart by case: passed as they are",
        {
            "method get": request(method=b"get"),
            "method M-SEARCH": request(method=b"M-SEARCH"),
            "method of odd token characters": request(method=b"!#$%&'*+.^_`|~"),
            "a method of 300 bytes": request(method=b"A" * 300),
        }),
    *group(
        "RFC 9110 9.1, CVE-2023-49082", refused(400),
        "a method is a token",
        {
            "method G@T": request(method=b"G@T"),
            "method G:T": request(method=b"G:T"),
            "method G/T": request(method=b"G/T"),
            "method (GET)": request(method=b"(GET)"),
            'method "GET"': request(method=b'"GET"'),
            "method with NUL": request(method=b"GE\0T"),
            "method with obs-text": request(method=b"G\xc3\x8bT"),
            "method with CR LF": request(method=b"GET\r\nX: y\r\n"),
            "method empty": request(method=b""),
        }),
    *group(
        "RFC 9110 9.3.8", refused(405),
        "TRACE would echo the token to the client, however it is spelled",
        {
            "TRACE": request(method=b"TRACE"),
            "trace": request(method=b"trace"),
        }),
    *group(
        "RFC 9110 9.3.6", refused(405),
        "a tunnel to anywhere is no business of ours",
        {
            "CONNECT": request(method=b"CONNECT", target=b"localhost:80"),
        }),
    *group(
        "RFC 9113 3.4", refused(400),
        "HTTP/2 begins with its preface, to the byte",
        {
            "an HTTP/2 preface with a field":
                b"PRI * HTTP/2.0\r\nHost: localhost\r\n\r\nSM\r\n\r\n" + bytes(9),
        }),
    *group(
        "RFC 8446 4.1.2", refused(400),
        "nor is anything but HTTP",
        {
            "a TLS hello": b"\x16\x03\x01\x00\x05hello\r\n\r\n",
            "SSH": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
            "the PROXY protocol": b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n" + request(),
        }),
    *group(
        "RFC 9112 3", refused(414),
        "16 KiB for a request line",
        {
            "a line of 17 KiB": request(target=b"/" + b"a" * (17 << 10)),
        }),
    *group(
        "RFC 6585 5", refused(431),
        "64 KiB and 1000 fields for a head",
        {
            "a head of 65 KiB": request(b"X: " + b"a" * (65 << 10) + b"\r\n"),
            "1001 fields": request(b"X: y\r\n" * 1000),
        }),
]
