"""Two quotas on one route, as GitHub counts: 22 searches of 30 a minute beside 66 other requests of
5,000 an hour, at once. Within both limits pacing must not be felt."""

import http.client
import http.server
import json
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from proxies import bearer

SEARCHES, OTHERS = 22, 66
CLIENTS = 8
RATIO_MAX = 1.15  # of one run's noise


class Upstream:
    """Counts each resource by itself. Looks like ends.Upstream to a proxy."""

    LIMITS = {"search": (30, 60), "core": (5000, 3600)}

    def __init__(self):
        lock, used = threading.Lock(), dict.fromkeys(self.LIMITS, 0)
        began = time.time()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                resource = "search" if self.path.startswith("/search") else "core"
                limit, seconds = Upstream.LIMITS[resource]
                with lock:
                    used[resource] += 1
                    left = limit - used[resource]
                self.answer(200 if left >= 0 else 429, {
                    "X-RateLimit-Limit": limit, "X-RateLimit-Remaining": max(left, 0),
                    "X-RateLimit-Reset": int(began + seconds), "X-RateLimit-Resource": resource})

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.answer(200, {}, {"access_token": "t", "token_type": "Bearer",
                                      "expires_in": 3600})

            def answer(self, status, fields, body=None):
                content = json.dumps(body or {}).encode()
                self.send_response(status)
                for name, value in fields.items():
                    self.send_header(name, str(value))
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.token_url = self.url + "/token"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


def run(bench, report):
    if "bearer" not in bench.proxies:
        return
    rounds = 3 if bench.quick else 9
    seconds = {"auto": [], "off": []}
    refused = 0
    for number in range(rounds):
        # In turns, so that what the machine does beside it meets both.
        for pacing in sorted(seconds, reverse=bool(number % 2)):
            took, statuses = measure(bench, pacing)
            seconds[pacing].append(took)
            refused += sum(status != 200 for status in statuses)
    ratio = statistics.median(seconds["auto"]) / statistics.median(seconds["off"])
    report.table(f"Two quotas on one route: {SEARCHES} searches of 30 a minute, {OTHERS} other "
                 "requests of 5,000 an hour",
                 ("pacing", "median of a round", "slowest round"),
                 [(pacing, f"{statistics.median(times):.3f} s", f"{max(times):.3f} s")
                  for pacing, times in seconds.items()],
                 f"{rounds} rounds in turns, {CLIENTS} clients.")
    report.target("two quotas: time with pacing over time without", f"{ratio:.2f}",
                  f"at most {RATIO_MAX}", ratio <= RATIO_MAX)
    report.target("two quotas: answers other than 200", refused, "0", refused == 0)


def measure(bench, pacing):
    bench.progress(f"two quotas, pacing {pacing}")
    paths = [f"/search?q={i}" if i % 4 == 0 else f"/core/{i}" for i in range(SEARCHES + OTHERS)]
    with Upstream() as upstream, \
            bearer(bench, upstream, settings=["--pacing", pacing]) as proxy:
        proxy.wait_until_it_listens()
        began = time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as clients:
            statuses = list(clients.map(lambda path: status(proxy.port, path), paths))
        return time.monotonic() - began, statuses


def status(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=90)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
