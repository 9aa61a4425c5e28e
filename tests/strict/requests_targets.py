"""Targets that lead two readers to two places.

  Chen 2016   Host of Troubles: multiple Host ambiguities in HTTP implementations (CCS 2016)
  Tsai 2017   A New Era of SSRF (Black Hat 2017)
  Tsai 2018   Breaking Parser Logic (Black Hat 2018)
"""

from case import group, passed, refused, request


def _at(target, **more):
    return request(target=target, **more)


CASES = [
    *group(
        "RFC 9112 3.2.2, Chen 2016", passed(1, 200),
        "an absolute target's host counts; the upstream gets neither, but its own",
        {
            "absolute form": _at(b"http://localhost/x"),
            "absolute form in capitals": _at(b"HTTP://LOCALHOST/x"),
            "absolute form, another Host": _at(
                b"http://localhost/x", host=b"Host: evil.example\r\n"),
            "absolute form without a path": _at(b"http://localhost"),
            "absolute form with a query alone": _at(b"http://localhost?x"),
            "absolute form with an address": _at(b"http://[::1]:80/x"),
            "absolute form with https": _at(b"https://localhost/x"),
            "absolute form with a dot behind the host": _at(b"http://localhost./x"),
        }),
    *group(
        "RFC 9112 3.2.2, RFC 9110 15.5.20", refused(421),
        "another host in the target: no token of ours is for it",
        {
            "absolute form to another host": _at(b"http://evil.example/x"),
            "absolute form with https to another host": _at(b"https://evil.example/x"),
            "absolute form to another host's path": _at(b"http://evil.example/localhost"),
        }),
    *group(
        "RFC 9112 3.2.2, Tsai 2017", refused(400),
        "no http URL with a host and nothing else for an authority",
        {
            "absolute form with a user": _at(b"http://localhost@evil.example/"),
            "absolute form with a password": _at(b"http://x:y@localhost/"),
            "absolute form with a backslash": _at(b"http://localhost\\evil.example/"),
            "absolute form with https and a user": _at(b"https://x@localhost/"),
            "absolute form with ftp": _at(b"ftp://localhost/x"),
            "absolute form without a host": _at(b"http:///x"),
            "absolute form with one slash": _at(b"http:/localhost/x"),
            "absolute form with two ports": _at(b"http://localhost:80:81/"),
            "absolute form with port 0": _at(b"http://localhost:0/"),
            "absolute form with half a bracket": _at(b"http://[::1/x"),
        }),
    *group(
        "RFC 9112 3.2, CVE-2023-45539", refused(400),
        "not one of the four forms, or with a fragment that one reader cuts off",
        {
            "a target without a slash": _at(b"x"),
            "a target of a query alone": _at(b"?x"),
            "a target with a fragment": _at(b"/x#y"),
            "a target with a fragment in the query": _at(b"/x?y#z"),
            "* for GET": _at(b"*"),
            "authority form for GET": _at(b"localhost:80"),
            "a backslash ahead": _at(b"\\x"),
        }),
    *group(
        "RFC 9112 3.2, RFC 3986 2", refused(400),
        "no blanks and no control characters",
        {
            "a target with NUL": _at(b"/\0"),
            "a target with DEL": _at(b"/\x7f"),
            "a target with escape": _at(b"/\x1b"),
        }),
    *group(
        "RFC 3986 2, WHATWG URL", passed(1, 200),
        "not to the letter, but everybody takes them for a part of the target: passed as they came",
        {
            "a target in UTF-8": _at("/ü".encode()),
            "a target with obs-text": _at(b"/\xff"),
            "a target with a blank of Latin-1": _at(b"/a\xa0b?c=\x85"),
        }),
    *group(
        "RFC 9112 3.2.1, Tsai 2018", passed(1, 200),
        "never normalised: who decodes or resolves it is the upstream, once",
        {
            "%00": _at(b"/%00"),
            "%0d%0a": _at(b"/%0d%0aX:%20y"),
            "% alone": _at(b"/%"),
            "%zz": _at(b"/%zz"),
            "%2f": _at(b"/a%2fb"),
            "dot segments within": _at(b"/a/../b"),
            "a dot segment": _at(b"/./b"),
            "two slashes ahead": _at(b"//evil.example/x"),
            "slashes within": _at(b"/a//b"),
            "a backslash within": _at(b"/a\\b"),
            "brackets and quotes": _at(b"/<a>\"'{b}|^`"),
            "a parameter": _at(b"/a;b=c/d"),
            "a URL in the query": _at(b"/?u=http://evil.example/%23"),
        }),
    *group(
        "RFC 9112 3.2.4", passed(1, 200),
        "asks of the server as a whole",
        {
            "* for OPTIONS": _at(b"*", method=b"OPTIONS"),
        }),
    *group(
        "RFC 3986 5.2.4, Tsai 2018, CVE-2021-41773", refused(403),
        "dot segments, however they are encoded, that lead above the upstream's base path",
        {
            "dot segments above the root": _at(b"/../x"),
            "encoded dot segments": _at(b"/%2e%2e/x"),
            "an encoded slash between them": _at(b"/a/..%2f..%2fx"),
            "encoded twice": _at(b"/%252e%252e/x"),
            "a backslash between them": _at(b"/a/..\\..\\x"),
            "a parameter behind them": _at(b"/..;/x"),
        }),
    *group(
        "RFC 3986 6.2.2", refused(403),
        "a denied path is denied however it is spelled (--deny-path)",
        {
            "a denied path": _at(b"/denied/x"),
            "a denied path, encoded": _at(b"/%64enied"),
            "a denied path, encoded twice": _at(b"/%2564enied"),
            "a denied path behind dot segments": _at(b"/a/../denied"),
            "a denied path behind slashes": _at(b"//denied"),
            "a denied path with a parameter": _at(b"/denied;x/y"),
        }),
]
