"""Bodies of responses: chunks, early ends, too much, interim responses.

  Klein 2004       Divide and Conquer: HTTP Response Splitting
  Weikop 2025      Funky chunks: abusing ambiguous chunk line terminators
  Kettle 2025      HTTP/1.1 must die: the desync endgame
  Doyhenard 2021   Response Smuggling: Exploiting HTTP/1.1 Connections (DEF CON 29)
"""

from case import CHUNKED, cut, group, lost, passed, refused, response

_END = b"0\r\n\r\n"
_SECOND = response(b"Content-Length: 4\r\n", b"evil")
_EVIL = b"GET /evil HTTP/1.1\r\nHost: localhost\r\n\r\n"
_HINTS = response(b"Link: </a.css>; rel=preload\r\n", status=b"103 Early Hints")


def _chunked(body):
    return response(CHUNKED, body)


def _sized(size):
    return _chunked(size + b"\r\nhello\r\n" + _END)


CASES = [
    *group(
        "RFC 9112 7.1", passed(1, 200),
        "well-formed, and cut into chunks anew",
        {
            "response: one chunk": _sized(b"5"),
            "response: size 0005": _sized(b"0005"),
            "response: an extension": _sized(b"5;a=b"),
            "response: a trailer": _chunked(b"5\r\nhello\r\n0\r\nX-Digest: abc\r\n\r\n"),
            "response: a trailer Set-Cookie": _chunked(
                b"5\r\nhello\r\n0\r\nSet-Cookie: a=b\r\n\r\n"),
            "response: a trailer Content-Length": _chunked(
                b"5\r\nhello\r\n0\r\nContent-Length: 9\r\n\r\n"),
        }),
    *group(
        "RFC 9112 7.1, Weikop 2025", refused(502),
        "not what the grammar says: it ends elsewhere for the client",
        {
            "response: size 0x5": _sized(b"0x5"),
            "response: size -5": _sized(b"-5"),
            "response: a blank before the size": _sized(b" 5"),
            "response: size 5 5": _sized(b"5 5"),
            "response: a blank and LF behind the size": _chunked(b"5 \nhello\r\n" + _END),
            "response: a blank and CR behind the size": _chunked(b"5 \rhello\r\n" + _END),
            "response: size g": _sized(b"g"),
            "response: size empty": _sized(b""),
            "response: size 2^64 + 5": _sized(b"10000000000000005"),
            "response: size 2^63": _sized(b"8000000000000000"),
            "response: a size that ends with LF": _chunked(b"5\nhello\r\n" + _END),
            "response: an extension with LF": _sized(b"5;a\nb"),
            "response: an extension with CR": _sized(b"5;a\rb"),
            "response: a chunk without an end": _chunked(b"5\r\nhello" + _END),
            "response: a chunk that ends with LF": _chunked(b"5\r\nhello\n" + _END),
            "response: a trailer without a colon": _chunked(b"5\r\nhello\r\n0\r\nX\r\n\r\n"),
            "response: a trailer that ends with LF": _chunked(b"5\r\nhello\r\n0\r\nX: y\n\r\n"),
        }),
    *group(
        "RFC 9112 7.1.1, curl, Go, Python", passed(1, 200),
        "blanks say nothing: old servers pad sizes with them, and we write sizes of our own",
        {
            "response: size 5 blank": _sized(b"5 "),
            "response: size 5 tab": _sized(b"5\t"),
            "response: sizes padded with blanks": _chunked(b"5     \r\nhello\r\n0     \r\n\r\n"),
            "response: a padded size, and another one behind it": _sized(b"5 ") + _SECOND,
        }),
    *group(
        "RFC 9112 8", cut(200),
        "a loss stays a loss: no last chunk, and the connection ends",
        {
            "response: shorter than its length": response(b"Content-Length: 10\r\n", b"hello"),
            "response: no last chunk": _chunked(b"5\r\nhello\r\n"),
            "response: half a chunk": _chunked(b"5\r\nhel"),
            "response: no end of the trailers": _chunked(b"5\r\nhello\r\n0\r\nX: y\r\n"),
        }, closes=True),
    *group(
        "RFC 9112 8", lost(),
        "the same; a 502 where the loss is seen before the head went out",
        {
            "response: no body at all": response(b"Content-Length: 5\r\n"),
        }, closes=True),
    *group(
        "RFC 9112 9.2, Doyhenard 2021", passed(1, 200),
        "bytes behind a response end the upstream's connection: they are nobody's answer",
        {
            "response: another one behind it": (
                response(b"Content-Length: 5\r\n", b"hello")
                + _SECOND),
            "response: another one behind its chunks": _sized(b"5") + _SECOND,
            "response: longer than its length": response(b"Content-Length: 3\r\n", b"hello"),
            "response: half of another behind it": (
                response(b"Content-Length: 5\r\n", b"hello")
                + _SECOND[:10]),
        }),
    *group(
        "RFC 9112 9.2", passed(1, 304),
        "the same behind what has no body",
        {
            "response: another one behind a 304": response(status=b"304 Not Modified") + _SECOND,
        }),
    *group(
        "RFC 9112 9.2", passed(1, 204),
        "the same behind what has no body",
        {
            "response: another one behind a 204": response(status=b"204 No Content") + _SECOND,
        }),
    *group(
        "RFC 9110 15.2", passed(1),
        "interim responses come before the final one, as many as there are",
        {
            "response: 103 first": _HINTS + _SECOND,
            "response: 100 first": response(status=b"100 Continue") + _SECOND,
            "response: 102 first": response(status=b"102 Processing") + _SECOND,
            "response: 199 first": response(status=b"199 Odd") + _SECOND,
            "response: 100 times 103": _HINTS * 100 + _SECOND,
            "response: 100 times 100": response(status=b"100 Continue") * 100 + _SECOND,
        }),
    *group(
        "RFC 9112 9.3, 9.6, Kettle 2025 (0.CL, early responses)", passed(1),
        "what is left of the request's body never becomes a request, and the answer is not lost",
        {
            "response: before the request's body": _SECOND,
            "response: a refusal before the request's body": response(
                b"Content-Length: 0\r\n", status=b"413 Content Too Large"),
        }, method=b"POST", early=True, more=b"Content-Length: %d\r\n\r\n" % len(_EVIL) + _EVIL),
    *group(
        "RFC 9112 9.3, 9.6, Kettle 2025", passed(1),
        "the same with chunks, and an end",
        {
            "response: before the request's chunks": response(
                b"Connection: close\r\nContent-Length: 4\r\n", b"evil"),
        },
        method=b"POST",
        early=True,
        closes=True,
        more=CHUNKED + b"\r\n%x\r\n" % len(_EVIL) + _EVIL + b"\r\n" + _END),
    *group(
        "RFC 9110 15.3.6", passed(1, 205),
        "a status as any other",
        {
            "response: 205 with a body": response(
                b"Content-Length: 5\r\n", b"hello", status=b"205 Reset Content"),
        }),
]
