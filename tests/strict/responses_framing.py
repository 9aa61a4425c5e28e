"""Where a response's body ends, told in two ways or in an odd one.

  Klein 2004       Divide and Conquer: HTTP Response Splitting
  Doyhenard 2021   Response Smuggling: Exploiting HTTP/1.1 Connections (DEF CON 29)
"""

from case import CHUNKED, group, passed, refused, response

_CHUNKS = b"5\r\nhello\r\n0\r\n\r\n"


def _lengths(*values):
    return response(b"".join(b"Content-Length: " + value + b"\r\n" for value in values), b"hello")


def _codings(*values):
    return response(b"".join(b"Transfer-Encoding: " + value + b"\r\n" for value in values), _CHUNKS)


CASES = [
    *group(
        "RFC 9112 6.3, Doyhenard 2021", refused(502),
        "one of the two is a lie",
        {
            "response: length and chunked": response(b"Content-Length: 5\r\n" + CHUNKED, _CHUNKS),
            "response: chunked and length 0": response(CHUNKED + b"Content-Length: 0\r\n", _CHUNKS),
            "response: length and an unknown coding": response(
                b"Content-Length: 5\r\nTransfer-Encoding: cow\r\n", b"hello"),
        }),
    *group(
        "RFC 9112 6.3 and 6.1", refused(502),
        "what is not one number, or not exactly `chunked`, ends elsewhere for the client",
        {
            "response: two lengths": _lengths(b"5", b"3"),
            "response: two lengths that are equal but for a zero": _lengths(b"5", b"05"),
            "response: three lengths, two of them equal": _lengths(b"5", b"5", b"3"),
            "response: a list of equal lengths": _lengths(b"5, 5"),
            "response: a list of equal lengths, twice": _lengths(b"5, 5", b"5, 5"),
            "response: a list of lengths": _lengths(b"5, 3"),
            "response: an empty length": _lengths(b""),
            "response: length +5": _lengths(b"+5"),
            "response: length -5": _lengths(b"-5"),
            "response: length 0x5": _lengths(b"0x5"),
            "response: length 5 5": _lengths(b"5 5"),
            "response: length 5x": _lengths(b"5x"),
            "response: length 2^64 + 5": _lengths(b"18446744073709551621"),
            "response: chunked, chunked": _codings(b"chunked, chunked"),
            "response: two codings": _codings(b"chunked", b"identity"),
            "response: two codings, equal": _codings(b"chunked", b"chunked"),
            "response: coding identity": _codings(b"identity"),
            "response: coding gzip, chunked": _codings(b"gzip, chunked"),
            "response: coding xchunked": _codings(b"xchunked"),
            "response: coding vertical tab": _codings(b"\x0bchunked"),
            "response: coding empty": _codings(b""),
        }),
    *group(
        "RFC 9112 6.1", refused(502),
        "a server of HTTP/1.0 knows no chunks",
        {
            "response: chunked on HTTP/1.0": response(CHUNKED, _CHUNKS, version=b"HTTP/1.0"),
        }),
    *group(
        "RFC 9110 8.6, strtol(3)", passed(1, 200),
        "goes on without the zeros, so that nobody reads an octal number",
        {
            "response: length 0005": _lengths(b"0005"),
            "response: length 010, octal to C": response(b"Content-Length: 010\r\n", b"hello hell"),
        }),
    *group(
        "RFC 9112 6.3", passed(1, 200),
        "one of the two goes on: they say the same to everybody",
        {
            "response: two equal lengths": _lengths(b"5", b"5"),
            "response: three equal lengths": _lengths(b"5", b"5", b"5"),
        }),
    *group(
        "RFC 9112 6.3 rule 1", passed(1, 204),
        "it ends at its empty line whatever its fields say: it goes on without them, and its "
        "connection carries nothing more",
        {
            "response: 204 with a length": response(
                b"Content-Length: 5\r\n", status=b"204 No Content"),
            "response: 204 with a length and a body": response(
                b"Content-Length: 5\r\n", b"hello", status=b"204 No Content"),
            "response: 204 with chunked": response(CHUNKED, status=b"204 No Content"),
            "response: 204 with chunks": response(CHUNKED, _CHUNKS, status=b"204 No Content"),
            "response: 204 with a length and another one behind it": response(
                b"Content-Length: 5\r\n", status=b"204 No Content") + _lengths(b"5"),
            "response: 204 with a length and chunked": response(
                b"Content-Length: 5\r\n" + CHUNKED, _CHUNKS, status=b"204 No Content"),
        }),
    *group(
        "RFC 9112 6.3 rule 1", passed(1, 304),
        "the same for one that would have a body to a GET",
        {
            "response: 304 with two lengths": response(
                b"Content-Length: 5\r\nContent-Length: 6\r\n", status=b"304 Not Modified"),
        }),
    *group(
        "RFC 9110 15.2, RFC 9112 6.3 rule 1", passed(1, 200),
        "the same for an interim response",
        {
            "response: 103 with a length and no body": (
                response(b"Content-Length: 5\r\n", status=b"103 Early Hints")
                + response(b"Content-Length: 0\r\n")),
            "response: 103 with chunked and no body": (
                response(CHUNKED, status=b"103 Early Hints")
                + response(b"Content-Length: 0\r\n")),
        }),
    *group(
        "RFC 9110 15.2, RFC 9112 6.3 rule 1", refused(502),
        "a body behind it is no response",
        {
            "response: 103 with a length": (
                response(b"Content-Length: 5\r\n", b"hello", status=b"103 Early Hints")
                + response(b"Content-Length: 0\r\n")),
            "response: 103 with chunks": (
                response(CHUNKED, _CHUNKS, status=b"103 Early Hints")
                + response(b"Content-Length: 0\r\n")),
        }),
    *group(
        "RFC 9110 15.2.2, RFC 9112 6.3", refused(502),
        "the tunnel's bytes would be its body",
        {
            "response: 101 with a length": response(
                b"Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n",
                status=b"101 Switching Protocols"),
        }),
    *group(
        "RFC 9110 15.2.2, 7.8", refused(502),
        "switches to what nobody asked for",
        {
            "response: 101 unasked": response(
                b"Connection: Upgrade\r\nUpgrade: websocket\r\n",
                status=b"101 Switching Protocols"),
            "response: 101 to h2c": response(
                b"Connection: Upgrade\r\nUpgrade: h2c\r\n", status=b"101 Switching Protocols"),
        }),
    *group(
        "RFC 9110 8.6, 15.4.5", passed(1, 304),
        "the length of what a GET would get; no body follows",
        {
            "response: 304 with a length": response(
                b"Content-Length: 999\r\n", status=b"304 Not Modified"),
            "response: 304 with chunked": response(CHUNKED, status=b"304 Not Modified"),
        }),
    *group(
        "RFC 9110 15.3.5", passed(1, 204),
        "no body, and both ends know",
        {
            "response: 204": response(status=b"204 No Content"),
            "response: 204 with length 0": response(
                b"Content-Length: 0\r\n", status=b"204 No Content"),
        }),
    *group(
        "RFC 9110 9.3.2", passed(1, 200),
        "the same for HEAD",
        {
            "response: HEAD with a length": response(b"Content-Length: 5\r\n"),
            "response: HEAD with chunked": response(CHUNKED),
            "response: HEAD without either": response(),
        }, method=b"HEAD"),
    *group(
        "RFC 9110 9.3.2, CVE-2024-33452, Doyhenard 2021", passed(1, 200),
        "a body that HEAD does not have ends the upstream's connection; the next gets its own "
        "answer",
        {
            "response: HEAD with a body": response(b"Content-Length: 5\r\n", b"hello"),
        }, method=b"HEAD"),
    *group(
        "RFC 9112 6.3", passed(1, 200),
        "what ends by closing is chunked by us, so that a loss shows",
        {
            "response: ends by closing": response(body=b"hello"),
            "response: empty, ends by closing": response(),
            "response: of HTTP/1.0": response(body=b"hello", version=b"HTTP/1.0"),
        }, closes=True),
]
