"""What a connection is to do: hop-by-hop fields, upgrades, expectations, several requests.

  Davison 2019   Abusing HTTP hop-by-hop request headers
  Miller 2020    h2c Smuggling: Request Smuggling Via HTTP/2 Cleartext
  Emelyanov 2019 What's wrong with WebSocket APIs? (upgrades that one side believes in)
  Kettle 2025    HTTP/1.1 must die: the desync endgame (Expect)
"""

from case import CHUNKED, HOST, group, passed, post, refused, request

_SOCKET = (b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n")
_TWO = request() + request(target=b"/2")


def _upgrade(protocol, connection=b"Upgrade", more=b"", body=b""):
    asking = b"Connection: " + connection + b"\r\nUpgrade: " + protocol + b"\r\n"
    return request(asking + more, body)


CASES = [
    *group(
        "RFC 9110 7.6.1, Davison 2019", passed(1, 200),
        "what frames, routes or authenticates cannot be named away: without its length a body is "
        "the next request",
        {
            "Connection names the length": post(
                b"Connection: Content-Length\r\nContent-Length: 5\r\n", b"hello"),
            "Connection names the coding": post(
                b"Connection: Transfer-Encoding\r\n" + CHUNKED, b"5\r\nhello\r\n0\r\n\r\n"),
            "Connection names Host": request(b"Connection: Host\r\n"),
            "Connection names Authorization": request(b"Connection: Authorization\r\n"),
            "Connection names Via": request(b"Connection: Via\r\n"),
        }),
    *group(
        "RFC 9110 7.6.1", passed(1, 200),
        "fields that Connection names end here, and it too",
        {
            "Connection names a field": request(b"Connection: X-Own\r\nX-Own: y\r\n"),
            "two Connections": request(b"Connection: X-Own\r\nConnection: Y\r\nX-Own: z\r\n"),
            "Connection of odd elements": request(b"Connection: ,, ;, \"x\"\r\n"),
            "Keep-Alive": request(b"Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n"),
            "Proxy-Connection": request(b"Proxy-Connection: keep-alive\r\n"),
            "TE": request(b"TE: gzip, chunked\r\n"),
            "TE: trailers": request(b"TE: trailers\r\nConnection: TE\r\n"),
            "Trailer": post(
                CHUNKED + b"Trailer: Content-Length\r\n", b"0\r\nContent-Length: 5\r\n\r\n"),
        }),
    *group(
        "RFC 9110 7.6.1", refused(431),
        "no client names 20 fields",
        {
            "Connection names 20 fields": request(
                b"Connection: " + b", ".join(b"x%d" % i for i in range(20)) + b"\r\n"),
        }),
    *group(
        "Miller 2020, RFC 9113 3.1, RFC 2817", passed(1, 200),
        "an upgrade to another HTTP, or to TLS, ends here: its requests would pass unseen",
        {
            "h2c": _upgrade(b"h2c", b"Upgrade, HTTP2-Settings", b"HTTP2-Settings: AAMAAABk\r\n"),
            "H2C": _upgrade(b"H2C"),
            "h2c and websocket": _upgrade(b"h2c, websocket"),
            "websocket and h2c": _upgrade(b"websocket, h2c", more=_SOCKET),
            "h2c in two fields": _upgrade(b"websocket", more=b"Upgrade: h2c\r\n" + _SOCKET),
            "HTTP/2.0": _upgrade(b"HTTP/2.0"),
            "TLS/1.0": _upgrade(b"TLS/1.0"),
            "h2c without Connection": request(b"Upgrade: h2c\r\n"),
            "h2c with a body": _upgrade(b"h2c", more=b"Content-Length: 5\r\n", body=b"hello"),
        }),
    *group(
        "RFC 6455 4.1, Emelyanov 2019", passed(1, 200),
        "asked for, and answered without: the connection stays HTTP on both sides",
        {
            "a WebSocket that is not granted": _upgrade(b"websocket", more=_SOCKET),
            "a WebSocket of a version nobody has": _upgrade(
                b"websocket", more=_SOCKET.replace(b"13", b"1337")),
            "a WebSocket with a body": _upgrade(
                b"websocket", more=_SOCKET + b"Content-Length: 5\r\n", body=b"hello"),
            "a WebSocket with chunks": _upgrade(
                b"websocket", more=_SOCKET + CHUNKED, body=b"5\r\nhello\r\n0\r\n\r\n"),
            "a WebSocket on HTTP/1.0": request(
                b"Connection: Upgrade\r\nUpgrade: websocket\r\n" + _SOCKET, version=b"HTTP/1.0"),
        }),
    *group(
        "RFC 9110 10.1.1, Kettle 2025", passed(1),
        "the 100 is ours to say: the upstream is not asked, and gets the body as any other",
        {
            "Expect": post(b"Expect: 100-continue\r\nContent-Length: 5\r\n", b"hello"),
            "Expect in capitals": post(b"Expect: 100-CONTINUE\r\nContent-Length: 5\r\n", b"hello"),
            "Expect with chunks": post(
                b"Expect: 100-continue\r\n" + CHUNKED, b"5\r\nhello\r\n0\r\n\r\n"),
            "Expect twice": post(
                b"Expect: 100-continue\r\nExpect: x\r\nContent-Length: 5\r\n", b"hello"),
            "Expect of a list": post(
                b"Expect: 100-continue, x\r\nContent-Length: 5\r\n", b"hello"),
            "Expect of two words": post(
                b"Expect: y 100-continue\r\nContent-Length: 5\r\n", b"hello"),
            "Expect of nothing": post(b"Expect:\r\nContent-Length: 5\r\n", b"hello"),
            "Expect without a body": request(b"Expect: 100-continue\r\n"),
            "Expect on HTTP/1.0": post(
                b"Expect: 100-continue\r\nContent-Length: 5\r\n", b"hello", version=b"HTTP/1.0"),
        }),
    *group(
        "RFC 9112 9.3.2", passed(2, 200),
        "pipelined requests go one after the other",
        {
            "two requests": _TWO,
            "a length of 0, then another": post(b"Content-Length: 0\r\n") + request(target=b"/2"),
            "two requests of HTTP/1.0": (
                request(b"Connection: keep-alive\r\n", version=b"HTTP/1.0")
                + request(b"Connection: keep-alive\r\n", target=b"/2", version=b"HTTP/1.0")),
        }),
    *group(
        "RFC 9112 9.3.2", passed(1, 200),
        "the first is answered; behind the second nothing is read",
        {
            "a sound request, then a malformed one": (
                request()
                + b"GET / HTTP/1.1\n" + HOST + b"\r\n"),
            "a sound request, then an ambiguous one": (
                request()
                + post(b"Content-Length: 6\r\n" + CHUNKED, b"0\r\n\r\nG")),
        }),
    *group(
        "RFC 9112 9.6, CVE-2022-22720", passed(1, 200),
        "what follows a last request is not read",
        {
            "a request behind Connection: close": (
                request(b"Connection: close\r\n")
                + request(target=b"/2")),
            "a request behind HTTP/1.0": request(version=b"HTTP/1.0") + request(target=b"/2"),
        }),
]
