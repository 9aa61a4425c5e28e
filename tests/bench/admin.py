"""What questions to the admin port cost the requests beside them."""

import socket
import threading
import time
from statistics import median

from ends import Upstream, ask
from processes import Failure, free_port
from proxies import bearer
from report import pairwise, spread

CONNECTIONS = 8
QUESTIONS_A_SECOND = 1000
ASKERS = 4
PATHS = ("/healthz", "/readyz", "/status", "/healthz")  # of each asker one


def run(bench, report):
    rounds = 3 if bench.quick else 7
    seconds = 1 if bench.quick else 3
    ports = {"asked": free_port(), "another asked": free_port()}
    settings = {name: ("--admin", f"127.0.0.1:{port}") for name, port in ports.items()}
    figures = {"quiet": [], "another asked": [], "asked": []}
    with Upstream(bench) as upstream, \
            bearer(bench, upstream, settings=settings["another asked"],
                   cores=bench.cores.client) as another, \
            bearer(bench, upstream, settings=settings["asked"]) as proxy:
        another.wait_until_it_answers()
        proxy.wait_until_it_answers()
        for number in range(rounds):
            bench.progress(f"admin: round {number + 1}")
            for name, rows in figures.items():
                with Questions(ports.get(name)) as questions:
                    rows.append(ask(bench, "load", proxy, CONNECTIONS, seconds * 1000))
                rows[-1]["questions"] = questions.rate()
    report.table(
        "Requests while the admin port is asked", ("", "requests/s", "p50 µs", "p99 µs",
                                                   "questions/s"),
        [table_row(name, rows) for name, rows in figures.items()],
        f"Medians of {rounds} rounds in turns, {CONNECTIONS} connections. The admin port's thread "
        "shares the proxy's one core with the event loop. Those who ask share the clients' core, "
        "which costs the clients more than the answers do: so what is compared is the same number "
        "of questions to the admin port of another proxy, which is on that core too.")
    for key in ("p50_us", "p99_us"):
        ratio = pairwise([one[key] for one in figures["asked"]],
                         [one[key] for one in figures["another asked"]])
        report.target(f"{key[:3]} while the admin port is asked, to while another's is",
                      spread(ratio), "at most 1.10", median(ratio) <= 1.10)


def table_row(name, rows):
    rates = [one["requests"] / one["seconds"] for one in rows]
    columns = (rates, *([one[key] for one in rows] for key in ("p50_us", "p99_us")),
               [one["questions"] for one in rows])
    return (name, *(f"{median(values):.0f}" for values in columns))


class Questions:
    """Asks at a steady rate, over kept-alive connections, until the end of the `with` block; nobody
    where there is no port."""

    def __init__(self, port):
        self._port = port
        self._ended = threading.Event()
        self._counts = [0] * ASKERS
        self._failure = None

    def __enter__(self):
        self._began = time.monotonic()
        self._threads = [threading.Thread(target=self._ask, args=(i,))
                         for i in range(ASKERS if self._port else 0)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        for thread in self._threads:
            thread.join()
        self._took = time.monotonic() - self._began
        if self._failure:
            raise Failure(f"the admin port did not answer: {self._failure}")

    def rate(self):
        return sum(self._counts) / self._took

    def _ask(self, index):
        request = f"GET {PATHS[index]} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        pause = ASKERS / QUESTIONS_A_SECOND
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=10) as connection:
                due = time.monotonic()
                while not self._ended.wait(max(due - time.monotonic(), 0)):
                    connection.sendall(request)
                    if not connection.recv(65536).startswith(b"HTTP/1.1 200"):
                        raise OSError(f"{PATHS[index]} is not fine")
                    self._counts[index] += 1
                    due += pause
        except OSError as error:
            self._failure = error
