"""Fields of requests: names, colons, values, folding, Host.

  Chen 2016       Host of Troubles: multiple Host ambiguities in HTTP implementations (CCS 2016)
  Thatcher 2021   Practical HTTP Header Smuggling
"""

from case import group, passed, post, refused, request

CASES = [
    *group(
        "RFC 9112 5.1, CVE-2019-16276, CVE-2021-22959, CVE-2019-16869", refused(400),
        "the RFC asks for 400: with the blank it is another field, or none, to somebody",
        {
            "a blank before the colon": request(b"X : y\r\n"),
            "a tab before the colon": request(b"X\t: y\r\n"),
            "a blank before a coding's colon": post(
                b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"),
            "a blank before a length's colon": post(b"Content-Length : 5\r\n", b"hello"),
            "a tab before a coding's colon": post(
                b"Transfer-Encoding\t: chunked\r\n", b"0\r\n\r\n"),
        }),
    *group(
        "RFC 9112 5.2, CVE-2022-32215, CVE-2024-27982", refused(400),
        "obs-fold: the next line is a value to one and a field to another",
        {
            "a folded value": request(b"X: y\r\n z\r\n"),
            "a value folded by a tab": request(b"X: y\r\n\tz\r\n"),
            "a folded coding": post(b"Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n"),
            "a folded length": post(b"Content-Length:\r\n 5\r\n", b"hello"),
            "a coding hidden by a fold": post(b"X: y\r\n Transfer-Encoding: chunked\r\n"),
            "a length with a blank ahead": post(b" Content-Length: 5\r\n", b"hello"),
            "a fold of blanks alone": request(b"X: y\r\n \r\n"),
            "a first field with a blank ahead": request(host=b" Host: localhost\r\n"),
        }),
    *group(
        "RFC 9112 5.1, CVE-2023-25725, CVE-2019-20444", refused(400),
        "a line without a name or a colon ends the head for one reader and is skipped by another",
        {
            "an empty name": request(b": y\r\n"),
            "an empty name that hides a coding": post(
                b": y\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
            "no colon": request(b"X\r\n"),
            "no colon in a coding": post(b"Transfer-Encoding chunked\r\n"),
        }),
    *group(
        "RFC 9110 5.1, CVE-2024-23829, Thatcher 2021", refused(400),
        "a field name is a token",
        {
            "a blank in a name": request(b"X Y: z\r\n"),
            "a name in brackets": request(b"(X): y\r\n"),
            "a name in quotes": request(b'"X": y\r\n'),
            "a name with NUL": request(b"X\0: y\r\n"),
            "a coding's name with NUL": post(b"Transfer-Encoding\0: chunked\r\n", b"0\r\n\r\n"),
            "a name with a control character": request(b"X\x01: y\r\n"),
            "a name with DEL": request(b"X\x7f: y\r\n"),
            "a name with vertical tab": post(b"Transfer-Encoding\x0b: chunked\r\n", b"0\r\n\r\n"),
            "a name with obs-text": request(b"X\x80: y\r\n"),
            "a length's name with a soft hyphen": post(b"Content\xc2\xadLength: 5\r\n", b"hello"),
            "a name with @": request(b"X@Y: z\r\n"),
            "a name with /": request(b"X/Y: z\r\n"),
            "a name with ;": request(b"X;Y: z\r\n"),
        }),
    *group(
        "RFC 9110 5.1, CVE-2021-40346", passed(1, 200),
        "tokens, and none of our fields: passed as they are",
        {
            "a name of odd token characters": request(b"!#$%&'*+.^`|~: y\r\n"),
            "a name with _": request(b"X_Y: z\r\n"),
            "a long name that begins with a length": post(
                b"Content-Length0" + b"a" * 255 + b":\r\nContent-Length: 5\r\n", b"hello"),
            "a name of digits": request(b"1: y\r\n"),
            "a name that ends like a coding": request(b"X-Transfer-Encoding: chunked\r\n"),
        }),
    *group(
        "RFC 9110 5.5", refused(400),
        "NUL and other controls end a value for one reader and belong to it for another",
        {
            "a value with NUL": request(b"X: a\0b\r\n"),
            "a value with 0x01": request(b"X: \x01\r\n"),
            "a value with backspace": request(b"X: a\x08b\r\n"),
            "a value with vertical tab": request(b"X: a\x0bb\r\n"),
            "a value with form feed": request(b"X: a\x0cb\r\n"),
            "a value with escape": request(b"X: \x1b[2J\r\n"),
            "a value with DEL": request(b"X: a\x7fb\r\n"),
        }),
    *group(
        "RFC 9110 5.5", passed(1, 200),
        "obs-text, blanks and emptiness are allowed in values",
        {
            "a value of obs-text": request(b"X: \xff\x80\r\n"),
            "a value in UTF-8": request("X: ü\r\n".encode()),
            "a tab within a value": request(b"X: a\tb\r\n"),
            "an empty value": request(b"X:\r\n"),
            "no blank behind the colon": request(b"X:y\r\n"),
            "colons in a value": request(b"X: y: z\r\n"),
        }),
    *group(
        "RFC 9112 3.2, Chen 2016", refused(400),
        "no Host, two of them, or one that no host can have: each reader takes another one",
        {
            "no Host": request(host=b""),
            "two Hosts": request(b"Host: evil.example\r\n"),
            "two equal Hosts": request(b"Host: localhost\r\n"),
            "an empty Host": request(host=b"Host:\r\n"),
            "a Host with a blank before the colon": request(host=b"Host : localhost\r\n"),
            "a Host of two names": request(host=b"Host: localhost, evil.example\r\n"),
            "a Host of two words": request(host=b"Host: localhost evil.example\r\n"),
            "a Host with a user": request(host=b"Host: evil@localhost\r\n"),
            "a Host with a path": request(host=b"Host: localhost/evil\r\n"),
            "a Host with a backslash": request(host=b"Host: localhost\\evil\r\n"),
            "a Host with #": request(host=b"Host: localhost#evil\r\n"),
            "a Host with ?": request(host=b"Host: localhost?evil\r\n"),
            "a Host with NUL": request(host=b"Host: localhost\0.evil\r\n"),
            "a Host with %": request(host=b"Host: %6cocalhost\r\n"),
            "a Host with obs-text": request(host=b"Host: localhost\xff\r\n"),
            "a Host with two ports": request(host=b"Host: localhost:80:81\r\n"),
            "a Host with a port of letters": request(host=b"Host: localhost:http\r\n"),
            "a Host with an empty port": request(host=b"Host: localhost:\r\n"),
            "a Host with port 65536": request(host=b"Host: localhost:65536\r\n"),
            "a Host with port -1": request(host=b"Host: localhost:-1\r\n"),
            "a Host with half a bracket": request(host=b"Host: [::1\r\n"),
        }),
    *group(
        "RFC 9112 3.2", passed(1, 200),
        "HTTP/1.0 may go without, and upstream gets its own Host",
        {
            "no Host on HTTP/1.0": request(host=b"", version=b"HTTP/1.0"),
        }),
    *group(
        "DNS rebinding: Jackson et al. 2007", refused(421),
        "a Host that is not served: a page of another name got here",
        {
            "a Host of another": request(host=b"Host: evil.example\r\n"),
            "a Host that ends with two dots": request(host=b"Host: localhost..\r\n"),
            "a Host that begins like ours": request(host=b"Host: localhost.evil.example\r\n"),
            "a Host that ends like ours": request(host=b"Host: evil.example.localhost.x\r\n"),
        }),
    *group(
        "RFC 9110 11.6.2", passed(1, 200),
        "the client's credentials end at us",
        {
            "an Authorization of the client's": request(b"Authorization: Bearer evil\r\n"),
            "two of them": request(b"Authorization: Bearer evil\r\nAUTHORIZATION: Basic eDp5\r\n"),
        }),
]
