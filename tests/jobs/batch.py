"""What the batch jobs share: a client without patience, a ledger of records, and progress.

A job knows nothing of tokens or retries. Whatever goes wrong with a request that reads ends it.
"""

import argparse
import collections
import contextlib
import http.client
import json
import os
import sys
import time
import urllib.parse

PIECE_BYTES = 1 << 16
TIMEOUT_S = 600  # longer than a proxy's retry window: the proxy is the one that gives up


class Failure(Exception):
    """The job cannot go on; its text says why. `status` is the answer's, None if there was none."""

    def __init__(self, text, status=None):
        super().__init__(text)
        self.status = status


class Client:
    """One connection to the API at `base`, a URL without a slash at its end."""

    def __init__(self, base):
        self.base = base.rstrip("/")
        parts = urllib.parse.urlsplit(self.base)
        if parts.scheme != "http" or not parts.hostname:
            raise Failure(f"not an http URL: {base}")
        self.requests = 0
        self.notes = {}  # what else a job has to say in its summary
        self._connection = http.client.HTTPConnection(
            parts.hostname, parts.port or 80, timeout=TIMEOUT_S
        )

    def call(self, method, url, body=None, fields=None):
        """Returns the head of the answer and its JSON. Anything but a 2xx with JSON is a Failure."""
        response = self.open(method, url, body, fields)
        with self._failures(method, url):
            text = response.read()
        try:
            return response, json.loads(text)
        except ValueError as error:
            raise Failure(f"{method} {url}: not JSON: {error}") from error

    def open(self, method, url, body=None, fields=None):
        """Returns the answer, its body to be read. Anything but a 2xx is a Failure."""
        if not url.startswith(self.base + "/"):
            raise Failure(f"{url} is not on {self.base}")
        parts = urllib.parse.urlsplit(url)
        target = parts.path + ("?" + parts.query if parts.query else "")
        fields = dict(fields or {})
        if body:
            fields.setdefault("Content-Type", "application/json")
        self.requests += 1
        with self._failures(method, url):
            self._connection.request(method, target, body, fields)
            response = self._connection.getresponse()
            if response.status // 100 == 2:
                return response
            text = response.read()[:300].decode(errors="replace")
            raise Failure(f"{method} {target}: {response.status} {text}", response.status)

    def pieces(self, method, url):
        """The head of the answer and its length first, then its body piece by piece."""
        response = self.open(method, url)
        length = response.length
        yield response, length
        with self._failures(method, url):
            while piece := response.read(PIECE_BYTES):
                length -= len(piece)
                yield piece
        if length:
            raise Failure(f"{method} {url}: {length:,} bytes are missing at the end")

    @contextlib.contextmanager
    def _failures(self, method, url):
        """Makes what goes wrong on the way a Failure. The next request has a connection of its own."""
        try:
            yield
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Failure(f"{method} {url}: {type(error).__name__}: {error}") from error


class Ledger:
    """Which records came, and how often, against how many the API says there are."""

    def __init__(self):
        self.expected = None
        self._seen = collections.Counter()

    def add_page(self, ids, total):
        if self.expected is None:
            self.expected = total
        if total != self.expected:
            raise Failure(f"a page says that there are {total} records, the first one {self.expected}")
        if not ids:
            raise Failure("a page without records")
        self._seen.update(ids)
        if self._seen.total() > 2 * total:
            raise Failure("the pages do not end")

    @property
    def got(self):
        return len(self._seen)

    @property
    def doubled(self):
        return self._seen.total() - self.got

    @property
    def missing(self):
        return (self.expected or 0) - self.got

    def is_whole(self):
        return self.expected is not None and self.missing == 0 and self.doubled == 0


class Progress:
    """A bar on a terminal, a line every tenth in a pipe, a JSON object a page if it is asked for."""

    WIDTH = 30

    def __init__(self, job, noun, as_json):
        self._job, self._noun, self._as_json = job, noun, as_json
        self._tenths_told = 0

    def show(self, ledger):
        if self._as_json:
            self._print_json({"got": ledger.got, "expected": ledger.expected})
            return
        share = ledger.got / ledger.expected
        line = f"{self._job}: {ledger.got:,} of {ledger.expected:,} {self._noun}"
        if sys.stdout.isatty():
            bar = "#" * int(share * self.WIDTH)
            print(f"\r{line} [{bar:-<{self.WIDTH}}]", end="", flush=True)
        elif int(share * 10) > self._tenths_told:
            self._tenths_told = int(share * 10)
            print(line, flush=True)

    def end(self, summary):
        if self._as_json:
            self._print_json(summary | {"done": True})
            return
        if summary["expected"] is None:
            return
        if sys.stdout.isatty():
            print()
        print(
            "{job}: {got:,} got, {expected:,} expected, {missing:,} missing, {doubled:,} doubled, "
            "{requests:,} requests, {seconds} s".format(**summary)
        )

    def _print_json(self, fields):
        print(json.dumps({"job": self._job, "noun": self._noun} | fields), flush=True)


def main(job, description, noun, flag, default, walk):
    """Runs `walk(client, size)`, which yields the ids and the total of each page. `flag` sets the
    size, such as that of a page."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "url",
        nargs="?",
        default=os.environ.get("BEARER_PROXY_URL"),
        help="where the API is (default: BEARER_PROXY_URL of the environment)",
    )
    parser.add_argument(flag, type=int, default=default, dest="size", metavar="N")
    parser.add_argument("--json", action="store_true", help="progress and summary as JSON lines")
    arguments = parser.parse_args()
    if not arguments.url:
        parser.error("give a URL, or set BEARER_PROXY_URL")
    sys.exit(0 if run(job, noun, walk, arguments) else 1)


def run(job, noun, walk, arguments):
    started = time.monotonic()
    ledger, progress = Ledger(), Progress(job, noun, arguments.json)
    client, failure = None, None
    try:
        client = Client(arguments.url)
        for ids, total in walk(client, arguments.size):
            ledger.add_page(ids, total)
            progress.show(ledger)
    except Failure as error:
        failure = str(error)
    except (KeyError, TypeError) as error:
        failure = f"an answer of another shape than expected: {error!r}"
    progress.end(
        {
            "job": job,
            "expected": ledger.expected,
            "got": ledger.got,
            "missing": ledger.missing,
            "doubled": ledger.doubled,
            "requests": client.requests if client else 0,
            "seconds": round(time.monotonic() - started, 1),
            "failure": failure,
            "notes": client.notes if client else {},
        }
    )
    if failure:
        print(f"{job}: {failure}", file=sys.stderr)
    return failure is None and ledger.is_whole()
