"""What a thousand routes take, each with a credential of its own: threads, memory, the time until
all have their tokens, and what a reload that changes one of them asks for."""

import http.client
import json
import os
import signal
import time

from ends import Upstream
from processes import Failure, Process, free_port

ROUTES = 1000
THREADS_MAX = 16
EACH_MAX = 20 * 1024
READY_WITHIN_S = 1


def run(bench, report):
    rows = []
    for tls in (False, True):
        way = "https" if tls else "http"
        bench.progress(f"routes: {ROUTES} with upstreams by {way}")
        rows.append((way, *measure(bench, report, tls)))
    report.table(
        f"{ROUTES} routes, each with a credential of its own",
        ("upstreams", "threads", "KiB each", "s to ready", "tokens fetched at start",
         "tokens fetched by a reload that changes one", "ms of that reload"), rows,
        "KiB each: what the proxy holds beyond one with a single route and credential, both ready. "
        "Ready: from the start of the process until /readyz says so. All tokens come from one "
        "endpoint, as fast as it answers; by https, so do they.")


def measure(bench, report, tls):
    with Upstream(bench) as upstream:
        with Many(bench, upstream, 1, tls) as single:
            single.wait_until_ready()
            alone = single.memory()
        before = upstream.counts()["tokens"]
        with Many(bench, upstream, ROUTES, tls) as proxy:
            ready = proxy.wait_until_ready()
            fetched = upstream.counts()["tokens"] - before
            threads = proxy.threads()
            each = (proxy.memory() - alone) / ROUTES
            took = proxy.reload_with_one_changed()
            proxy.wait_until_ready()
            again = upstream.counts()["tokens"] - before - fetched
    suffix = ", https" if tls else ""
    report.target(f"threads of {ROUTES} routes{suffix}", threads, f"at most {THREADS_MAX}",
                  threads <= THREADS_MAX)
    report.target(f"KiB of a route with its credential{suffix}", f"{each / 1024:.1f}",
                  f"at most {EACH_MAX >> 10}", each <= EACH_MAX)
    report.target(f"s until {ROUTES} tokens are there{suffix}", f"{ready:.2f}",
                  f"at most {READY_WITHIN_S}", ready <= READY_WITHIN_S)
    report.target(f"tokens fetched by a reload that changes one{suffix}", again, "1", again == 1)
    return threads, f"{each / 1024:.1f}", f"{ready:.2f}", fetched, again, f"{took * 1e3:.0f}"


class Many(Process):
    """The proxy, with so many routes."""

    def __init__(self, bench, upstream, count, tls):
        self._admin = free_port()
        self._ca = bench.certificate.file if tls else None
        self._upstream = upstream.tls_url if tls else upstream.url
        self._count = count
        self._write = lambda config: bench.write("routes.json", json.dumps(config))
        port = free_port()
        file = self._write(self._config())
        command = [str(bench.build / "bearer-proxy"), "--listen", f"127.0.0.1:{port}", "--admin",
                   f"127.0.0.1:{self._admin}", "--config", file]
        super().__init__(command, bench.cores.proxy, bench.directory / "routes.log",
                         environment={"BEARER_PROXY_CLIENT_SECRET": "bench"}, port=port)

    def _config(self, changed=None):
        credentials, routes = {}, []
        for i in range(self._count):
            client = f"client-{i}" + ("-b" if i == changed else "")
            credentials[f"c{i}"] = {"token_url": self._upstream + "/oauth/token",
                                    "client_id": client}
            routes.append({"path": f"/r{i}/", "strip_prefix": True, "upstream": self._upstream,
                           "credential": f"c{i}"})
        config = {"credentials": credentials, "routes": routes}
        if self._ca:
            config["ca_file"] = self._ca
        return config

    def wait_until_ready(self, seconds=60):
        """Seconds since its start."""
        while time.monotonic() < self.started + seconds:
            if self.process.poll() is not None:
                raise Failure(f"the proxy ended at its start:\n{self.log_end()}")
            try:
                asked = http.client.HTTPConnection("127.0.0.1", self._admin, timeout=10)
                asked.request("GET", "/readyz")
                if asked.getresponse().status == 200:
                    return time.monotonic() - self.started
            except OSError:
                pass
            time.sleep(0.005)
        raise Failure(f"{self._count} routes are not ready after {seconds} s:\n{self.log_end()}")

    def threads(self):
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def reload_with_one_changed(self):
        """Seconds until it is in force."""
        self._write(self._config(changed=self._count // 2))
        began = time.monotonic()
        self.process.send_signal(signal.SIGHUP)
        while "the configuration was read again" not in self.log_end():
            if time.monotonic() > began + 30:
                raise Failure(f"the reload was not obeyed:\n{self.log_end()}")
            time.sleep(0.005)
        return time.monotonic() - began
