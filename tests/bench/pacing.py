"""Greedy clients on an API that allows 300 requests a minute: 429s that never happen, with pacing
and without. In real time: what is to be seen is a minute long."""

import http.client
import json
import threading
import time
import urllib.request

from processes import Failure, Process
from proxies import bearer

CLIENTS = 20
QUOTA = 300
WINDOW_SECONDS = 60
LATENCY_MS = 50
USED_MIN = 0.95
FAIR_MIN = 0.8  # of the most that any client got


class Sandbox(Process):
    """The API with its quota; looks like ends.Upstream to a proxy."""

    def __init__(self, bench):
        command = [str(bench.build / "bearer-sandbox"), "--client-id", "bench", "--client-secret",
                   "bench", "--quota", f"{QUOTA}/{WINDOW_SECONDS}s", "--latency",
                   f"{LATENCY_MS}ms"]
        super().__init__(command, bench.cores.upstream, bench.directory / "sandbox.log")
        line = self.line()
        if not line.startswith("listening on "):
            raise Failure(f"the sandbox did not start:\n{self.log_end()}")
        self.url = line.split()[-1]
        self.token_url = self.url + "/oauth/token"

    def refused(self):
        with urllib.request.urlopen(self.url + "/sandbox/stats", timeout=10) as answer:
            return json.load(answer)["quota"]["refused"]


class Greedy(threading.Thread):
    """Sends its next request as soon as the last one is answered."""

    def __init__(self, port, end):
        super().__init__()
        self.answers = self.refusals = 0
        self.slowest = 0.0
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WINDOW_SECONDS * 3)
        self._end = end

    def run(self):
        while True:
            sent = time.monotonic()
            try:
                self._connection.request("GET", "/api/v2/whoami?id=a")
                answer = self._connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                if time.monotonic() >= self._end:
                    return  # it was waiting for its turn when all was over
                raise
            now = time.monotonic()
            if now >= self._end:
                return  # its quota is the next window's
            self.answers += answer.status == 200
            self.refusals += answer.status == 429
            self.slowest = max(self.slowest, now - sent)


def run(bench, report):
    if "bearer" not in bench.proxies:
        return
    windows = 1 if bench.quick else 3
    rows = [measure(bench, report, pacing, windows) for pacing in ("auto", "off")]
    report.table(
        f"{CLIENTS} greedy clients on a quota of {QUOTA} requests in {WINDOW_SECONDS} s",
        ("pacing", "quota used", "429s of the upstream", "429s that clients saw",
         "answers a client, least and most", "slowest answer"), rows,
        f"Over {windows} whole windows of the quota. The upstream answers in {LATENCY_MS} ms and "
        "tells its quota in inin-ratelimit-*.")


def measure(bench, report, pacing, windows):
    seconds = windows * WINDOW_SECONDS
    bench.progress(f"pacing {pacing}: {seconds} s")
    with Sandbox(bench) as sandbox, \
            bearer(bench, sandbox, settings=["--pacing", pacing]) as proxy:
        proxy.wait_until_it_listens()
        end = time.monotonic() + seconds
        clients = [Greedy(proxy.port, end) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        time.sleep(max(0, end - time.monotonic()))
        refused = sandbox.refused()
    # Those who wait for the next window lose their connection.
    for client in clients:
        client.join()
    used = sum(client.answers for client in clients) / (QUOTA * windows)
    least, most = (choose(client.answers for client in clients) for choose in (min, max))
    if pacing == "auto":
        report.target("paced: 429s of the upstream", refused, "0", refused == 0)
        report.target("paced: quota used", f"{used:.1%}", f"at least {USED_MIN:.0%}",
                      used >= USED_MIN)
        report.target("paced: the client that got least", f"{least / most:.0%} of the most",
                      f"at least {FAIR_MIN:.0%}", least >= FAIR_MIN * most)
    return (pacing, f"{used:.1%}", refused, sum(client.refusals for client in clients),
            f"{least}, {most}", f"{max(client.slowest for client in clients):.1f} s")
