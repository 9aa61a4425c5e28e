"""The proxies that are tried, started as `make bench` starts them. bearer-proxy passes everything
on at once: what is tried is what passes, not what is repeated."""

import contextlib
import os
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "bench"))

import h2  # noqa: E402
import machine  # noqa: E402
import proxies  # noqa: E402
from processes import Failure, Process, free_port  # noqa: E402

_TOKEN = "strict"
NAMES = ("bearer", "nginx", "haproxy")
HTTP2_NAMES = ("bearer", "nghttpx", "nginx", "haproxy")


class _Bench:
    """What tests/bench/proxies.py wants to know."""

    def __init__(self, directory):
        self.directory = directory
        self.certificate = machine.make_certificate(directory)
        self.cores = machine.Cores(*[os.sched_getaffinity(0)] * 3)

    def write(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return str(path)


class _Upstream:
    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}"

    def token(self):
        return _TOKEN


def _bearer(build, directory, upstream):
    token = directory / "token"
    token.write_text(_TOKEN)
    port = free_port()
    command = [str(build / "bearer-proxy"), "--listen", f"127.0.0.1:{port}", "--upstream",
               upstream.url, "--token-file", str(token), "--max-retries", "0", "--pacing", "off",
               "--admin", "off", "--deny-path", "/denied"]
    return Process(command, os.sched_getaffinity(0), directory / "bearer.log", port=port,
                   patience=60)


class _Http2Bench(_Bench):
    """Has its proxies listen for HTTP/2 alone, as one does who knows beforehand."""

    def write(self, name, text):
        return super().write(name, text.replace(" backlog=4096", " http2 backlog=4096").replace(
            " backlog 4096", " backlog 4096 proto h2"))


@contextlib.contextmanager
def running(name, build, directory, upstream_port, http2=False):
    """The port of that proxy, while it runs."""
    upstream = _Upstream(upstream_port)
    if name == "bearer":
        process = _bearer(build, directory, upstream)
    else:
        make = {**proxies.ALL, "nghttpx": h2.nghttpx}[name]
        process = make((_Http2Bench if http2 else _Bench)(directory), upstream)
    with process:
        process.wait_until_it_listens(seconds=60)
        yield process.port
    if name == "bearer" and process.process.returncode != 0:
        raise Failure(f"bearer-proxy ended with {process.process.returncode}:\n{process.log_end()}")
