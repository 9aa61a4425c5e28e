"""Where a request's body ends, told in two ways or in an odd one.

  Watchfire 2005   Linhart, Klein, Heled, Orrin: HTTP Request Smuggling
  Kettle 2019      HTTP Desync Attacks: Request Smuggling Reborn
  Kettle 2022      Browser-Powered Desync Attacks (CL.0)
  Kettle 2025      HTTP/1.1 must die: the desync endgame (0.CL)
  TE.0 2024        Arnolfo, Bohórquez, Dahbi: Unveiling TE.0 HTTP Request Smuggling
  T-Reqs 2021      Jabiyev, Sprecher, Onarlioglu, Kirda: T-Reqs (CCS 2021)
"""

from case import CHUNKED, group, passed, post, refused, request

_EVIL = b"GET /evil HTTP/1.1\r\nHost: localhost\r\n\r\n"
_END = b"0\r\n\r\n"


def _lengths(*values, body=b"hello"):
    return post(b"".join(b"Content-Length: " + value + b"\r\n" for value in values), body)


def _codings(*values, body=b"5\r\nhello\r\n" + _END):
    return post(b"".join(b"Transfer-Encoding: " + value + b"\r\n" for value in values), body)


CASES = [
    *group(
        "Watchfire 2005, Kettle 2019, RFC 9112 6.3", refused(400),
        "RFC 9112 6.1: both fields together ought to be handled as an error; one of them is a lie",
        {
            "CL.TE": post(b"Content-Length: 6\r\n" + CHUNKED, _END + b"G"),
            "TE.CL": post(CHUNKED + b"Content-Length: 3\r\n", b"8\r\nSMUGGLED\r\n" + _END),
            "CL.TE around a whole request": post(b"Content-Length: 44\r\n" + CHUNKED, _END + _EVIL),
            "length 0 and chunked": post(b"Content-Length: 0\r\n" + CHUNKED, _END),
            "length and an unknown coding": post(
                b"Content-Length: 5\r\nTransfer-Encoding: cow\r\n", b"hello"),
            "length and an empty coding": post(
                b"Content-Length: 5\r\nTransfer-Encoding:\r\n", b"hello"),
        }),
    *group(
        "RFC 9112 6.1, CVE-2019-20445", refused(400),
        "a server of HTTP/1.0 may not know of chunks, so the end is in doubt",
        {
            "chunked on HTTP/1.0": post(CHUNKED, _END, version=b"HTTP/1.0"),
            "length and chunked on HTTP/1.0": post(
                b"Content-Length: 5\r\n" + CHUNKED, _END, version=b"HTTP/1.0"),
        }),
    *group(
        "RFC 9110 8.6, CVE-2013-4286, CVE-2017-7658, CVE-2019-16792", refused(400),
        "who repeats a length has a part in between that reads one of them; equal ones may be "
        "refused by the RFC, and no client sends them",
        {
            "two equal lengths": _lengths(b"5", b"5"),
            "two lengths": _lengths(b"5", b"44"),
            "two lengths, the first 0": _lengths(b"0", b"5"),
            "a length and an empty one": _lengths(b"5", b""),
            "a list of equal lengths": _lengths(b"5, 5"),
            "a list of lengths": _lengths(b"5, 6"),
            "a list with an empty element": _lengths(b",5"),
            "a length and a comma": _lengths(b"5,"),
        }),
    *group(
        "RFC 9110 8.6, CVE-2020-15049, CVE-2023-40167, CVE-2021-32715, CVE-2018-7159", refused(400),
        "Content-Length is 1*DIGIT and nothing else",
        {
            "length +5": _lengths(b"+5"),
            "length -5": _lengths(b"-5"),
            "length -0": _lengths(b"-0"),
            "length 0x5": _lengths(b"0x5"),
            "length in hex": _lengths(b"a"),
            "length 5 5": _lengths(b"5 5"),
            "length 1_0, as Python counts": _lengths(b"1_0"),
            "length 5.0": _lengths(b"5.0"),
            "length 5e0": _lengths(b"5e0"),
            "length 5;x": _lengths(b"5;x"),
            "a quoted length": _lengths(b'"5"'),
            "a length in words": _lengths(b"five"),
            "a length in Arabic digits": _lengths("٥".encode()),
            "length 5, vertical tab": _lengths(b"5\x0b"),
            "length 5, NUL": _lengths(b"5\0"),
            "length 5, NUL, 0": _lengths(b"5\x000"),
            "length 5, non-breaking space": _lengths(b"5\xa0"),
        }),
    *group(
        "CVE-2023-40225", refused(400),
        "an empty length is read as 0, or as no length at all",
        {
            "an empty length": _lengths(b""),
        }),
    *group(
        "RFC 9110 8.6, CVE-2014-0099", refused(400),
        "it wraps around to 5 for who does not look",
        {
            "length 2^64 + 5": _lengths(b"18446744073709551621"),
            "length 2^63": _lengths(b"9223372036854775808"),
            "length of 40 digits": _lengths(b"1" * 40),
        }),
    *group(
        "RFC 9110 8.6", passed(1, 200),
        "digits with blanks around them; they are passed without",
        {
            "a length in blanks": _lengths(b" \t5 \t"),
        }),
    *group(
        "RFC 9110 8.6, strtol(3)", passed(1, 200),
        "1*DIGIT allows zeros; it goes on without them, so that nobody reads an octal number",
        {
            "length 0005": _lengths(b"0005"),
            "length 010, octal to C": _lengths(b"010", body=b"hello hell"),
            "length 00": _lengths(b"00", body=b""),
        }),
    *group(
        "Thatcher 2021: Practical HTTP Header Smuggling", refused(400),
        "behind CGI's rules _ is -, and then this field tells another end",
        {
            "Content_Length beside a length": post(
                b"Content-Length: 5\r\nContent_Length: 0\r\n", b"hello"),
            "Transfer_Encoding beside a length": post(
                b"Content-Length: 5\r\nTransfer_Encoding: chunked\r\n", b"hello"),
        }),
    *group(
        "Kettle 2022 (CL.0), RFC 9112 6.3", passed(1, 200),
        "any method may have a body, and its end is told as ever",
        {
            "a body on GET": request(b"Content-Length: 5\r\n", b"hello"),
            "a body on HEAD": request(b"Content-Length: 5\r\n", b"hello", method=b"HEAD"),
            "a body on DELETE": request(b"Content-Length: 5\r\n", b"hello", method=b"DELETE"),
            "a body that looks like a request": post(b"Content-Length: %d\r\n" % len(_EVIL), _EVIL),
            "a body on GET that looks like one": request(
                b"Content-Length: %d\r\n" % len(_EVIL), _EVIL),
        }),
    *group(
        "TE.0 2024, RFC 9112 6.3", passed(1, 200),
        "the same with chunks",
        {
            "chunks on OPTIONS": request(
                CHUNKED, b"27\r\n" + _EVIL + b"\r\n" + _END, method=b"OPTIONS"),
            "chunks on GET": request(CHUNKED, b"5\r\nhello\r\n" + _END),
            "no chunk but the last": post(CHUNKED, _END),
        }),
    *group(
        "Kettle 2019 (TE.TE), CVE-2019-18277, CVE-2022-1705", refused(400),
        "what is not exactly `chunked` is chunked to one reader and nothing to another",
        {
            "coding chunked,": _codings(b"chunked,"),
            "coding ,chunked": _codings(b",chunked"),
            "coding chunked, chunked": _codings(b"chunked, chunked"),
            "coding chunked, identity": _codings(b"chunked, identity"),
            "coding chunked, cow": _codings(b"chunked, cow"),
            "coding chunked;q=1": _codings(b"chunked;q=1"),
            'coding "chunked"': _codings(b'"chunked"'),
            "coding 'chunked' and blank": _codings(b"chunked chunked"),
            "coding chunked=": _codings(b"chunked="),
            "coding vertical tab": _codings(b"\x0bchunked"),
            "coding vertical tab behind": _codings(b"chunked\x0b"),
            "coding form feed": _codings(b"\x0cchunked"),
            "coding NUL": _codings(b"\0chunked"),
            "coding NUL behind": _codings(b"chunked\0"),
            "coding next line (0x85)": _codings(b"\x85chunked"),
            "coding non-breaking space": _codings(b"\xa0chunked"),
            "coding DEL behind": _codings(b"chunked\x7f"),
            "coding empty": _codings(b""),
            "two codings, equal": _codings(b"chunked", b"chunked"),
            "two codings, identity first": _codings(b"identity", b"chunked"),
            "two codings, identity last": _codings(b"chunked", b"identity"),
            "two codings, cow last": _codings(b"chunked", b"cow"),
            "two codings, one empty": _codings(b"chunked", b""),
        }),
    *group(
        "RFC 9112 6.1, CVE-2019-16786", refused(501),
        "a coding that we do not know: 501, as the RFC says, and nothing of it is passed",
        {
            "coding gzip, chunked": _codings(b"gzip, chunked"),
            "coding identity, chunked": _codings(b"identity, chunked"),
            "coding identity": _codings(b"identity"),
            "coding xchunked": _codings(b"xchunked"),
            "coding chunkedx": _codings(b"chunkedx"),
            "coding chunk": _codings(b"chunk"),
            "coding 'chunked'": _codings(b"'chunked'"),
        }),
    *group(
        "RFC 9112 7, RFC 9110 5.5", passed(1, 200),
        "chunked, in any case and in blanks",
        {
            "coding CHUNKED": _codings(b"CHUNKED"),
            "coding chunked in blanks": _codings(b"\t chunked \t"),
        }),
]
