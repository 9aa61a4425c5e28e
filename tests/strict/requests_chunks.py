"""Chunks of requests that one reader ends where another goes on.

  Weikop 2025   Funky chunks: abusing ambiguous chunk line terminators
  T-Reqs 2021   Jabiyev, Sprecher, Onarlioglu, Kirda: T-Reqs (CCS 2021)
"""

from case import HOST, chunked, cut, group, passed, refused

_END = b"0\r\n\r\n"
_EVIL = b"GET /evil HTTP/1.1\r\n" + HOST + b"\r\n"


def _sized(size):
    return chunked(size + b"\r\nhello\r\n" + _END)


def _trailer(lines):
    return chunked(b"5\r\nhello\r\n0\r\n" + lines + b"\r\n")


CASES = [
    *group(
        "RFC 9112 7.1", passed(1, 200),
        "plain chunks, and hex in any case",
        {
            "one chunk": _sized(b"5"),
            "two chunks": chunked(b"2\r\nhe\r\n3\r\nllo\r\n" + _END),
            "a size in capitals": chunked(b"A\r\nhello hell\r\n" + _END),
            "a chunk that looks like the last": chunked(b"5\r\n" + _END + b"\r\n" + _END),
        }),
    *group(
        "RFC 9112 7.1", passed(1, 200),
        "1*HEXDIG allows zeros; chunks are cut anew by us",
        {
            "size 0005": _sized(b"0005"),
            "last chunk 000": chunked(b"5\r\nhello\r\n000\r\n\r\n"),
        }),
    *group(
        "RFC 9112 7.1, CVE-2022-24761, CVE-2015-3183", refused(400),
        "a chunk's size is 1*HEXDIG and nothing else",
        {
            "size 0x5": _sized(b"0x5"),
            "size +5": _sized(b"+5"),
            "size -5": _sized(b"-5"),
            "size blank 5": _sized(b" 5"),
            "size tab 5": _sized(b"\t5"),
            "size 5 blank": _sized(b"5 "),
            "size 5 tab": _sized(b"5\t"),
            "size 5 5": _sized(b"5 5"),
            "size 5g": _sized(b"5g"),
            "size g": _sized(b"g"),
            "size 5_": _sized(b"5_"),
            "size 5,": _sized(b"5,"),
            "size 5.0": _sized(b"5.0"),
            "size 5 NUL": _sized(b"5\0"),
            "size empty": _sized(b""),
            "size of an extension alone": _sized(b";a=b"),
        }),
    *group(
        "CVE-2013-2028, CVE-2017-7657, CVE-2021-32714", refused(400),
        "beyond what a signed number of 64 bits holds it is negative, or small, to somebody",
        {
            "size 2^64 + 5": _sized(b"10000000000000005"),
            "size 2^64 - 1": _sized(b"ffffffffffffffff"),
            "size 2^63": _sized(b"8000000000000000"),
            "size of 17 digits": _sized(b"00000000000000005"),
        }),
    *group(
        "RFC 9112 7.1.1", passed(1, 200),
        "extensions end at us, so that nobody trips over them",
        {
            "an extension": _sized(b"5;a=b"),
            "an extension without a value": _sized(b"5;a"),
            "a quoted extension": _sized(b'5;a="b;c"'),
            "an empty extension": _sized(b"5;"),
            "blanks before an extension": _sized(b"5 \t;a=b"),
            "an extension of the last chunk": chunked(b"5\r\nhello\r\n0;a=b\r\n\r\n"),
        }),
    *group(
        "Weikop 2025 (TERM.EXT, EXT.TERM), CVE-2021-22960, CVE-2024-52304, CVE-2025-55315",
        refused(400),
        "a line ends with CR LF: where LF or CR ends it for one, the extension is data for "
        "another",
        {
            "an extension with LF": _sized(b"5;a\nb"),
            "an extension with CR": _sized(b"5;a\rb"),
            "an extension that ends with LF": chunked(b"5;a\nhello\r\n" + _END),
            "an extension that hides a chunk": chunked(b"2;\nxx\r\n27\r\n" + _END + _EVIL),
            "an extension with NUL": _sized(b"5;a\0b"),
            "an extension with DEL": _sized(b"5;\x7f"),
        }),
    *group(
        "CVE-2023-39326", cut(400),
        "extensions cost their sender nothing: 4 KiB are enough",
        {
            "an extension of 5000 bytes": _sized(b"5;" + b"a" * 5000),
        }),
    *group(
        "RFC 9112 7.1, CVE-2025-22871, CVE-2024-53868", refused(400),
        "a chunk's line ends with CR LF",
        {
            "a size that ends with LF": chunked(b"5\nhello\r\n" + _END),
            "a size that ends with CR": chunked(b"5\rhello\r\n" + _END),
            "a size that ends with CR CR LF": chunked(b"5\r\r\nhello\r\n" + _END),
            "a last chunk that ends with LF": chunked(b"5\r\nhello\r\n0\n\r\n"),
            "LF alone everywhere": chunked(b"5\nhello\n0\n\n"),
        }),
    *group(
        "Weikop 2025 (SPILL), CVE-2025-43859", refused(400),
        "two bytes behind a chunk that nobody looks at move everything that follows",
        {
            "a chunk without an end": chunked(b"5\r\nhello" + _END),
            "a chunk that ends with XX": chunked(b"5\r\nhelloXX" + _END),
            "a chunk that ends with LF": chunked(b"5\r\nhello\n" + _END),
            "a chunk that ends with CR": chunked(b"5\r\nhello\r" + _END),
            "a chunk that ends with LF LF": chunked(b"5\r\nhello\n\n" + _END),
            "a chunk longer than it says": chunked(b"3\r\nhello\r\n" + _END),
        }),
    *group(
        "RFC 9112 7.1.2, RFC 9110 6.5.1, CVE-2023-46589", passed(1, 200),
        "a request's trailers end at us: merged into the head they would frame, route or "
        "authenticate",
        {
            "a trailer": _trailer(b"X-Digest: abc\r\n"),
            "a trailer Content-Length": _trailer(b"Content-Length: 5\r\n"),
            "a trailer Transfer-Encoding": _trailer(b"Transfer-Encoding: chunked\r\n"),
            "a trailer Host": _trailer(b"Host: evil.example\r\n"),
            "a trailer Authorization": _trailer(b"Authorization: Bearer evil\r\n"),
        }),
    *group(
        "RFC 9112 7.1.2, CVE-2023-46589", refused(400),
        "trailers are field lines",
        {
            "a trailer without a colon": _trailer(b"GET /evil HTTP/1.1\r\n"),
            "a trailer, blank before the colon": _trailer(b"X : y\r\n"),
            "a trailer that is folded": _trailer(b"X: y\r\n z\r\n"),
            "a trailer that ends with LF": _trailer(b"X: y\n"),
            "a trailer with NUL": _trailer(b"X: \0\r\n"),
            "an end that is LF": chunked(b"5\r\nhello\r\n0\r\n\n"),
        }),
    *group(
        "RFC 9112 7.1.2", cut(400),
        "trailers cost their sender nothing: 16 KiB are enough",
        {
            "trailers of 20000 bytes": _trailer(b"X: " + b"a" * 20000 + b"\r\n"),
        }),
    *group(
        "RFC 9112 9.3.2", passed(2, 200),
        "what follows a body's end is the next request",
        {
            "a request behind the last chunk": chunked(_END + _EVIL),
        }),
]
