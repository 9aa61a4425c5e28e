"""Jobs through outages of the whole API, with default settings: who is there at the end?"""

import contextlib
import threading
import time

import batch
import jobs
from gateway import Gateway

JOBS = 20
PAGE_SIZE = 100  # 25 requests a job
PAGES_BEFORE = 5
START_S = 120
WAYS = ("503s", "resets", "refused")
A_500_THAT_STAYS_MAX_S = 12


class Down:
    """Meddles with all requests while it is on."""

    def __init__(self, way):
        self.way, self.is_on, self.met = way, False, 0

    async def __call__(self, exchange):
        if not self.is_on:
            return
        self.met += 1
        if self.way == "resets":
            exchange.reset()
        await exchange.say(503)


class Outage(threading.Thread):
    """Jobs that read, one outage that begins when all have read some pages, and their end."""

    def __init__(self, night, sandbox, way, seconds):
        super().__init__(daemon=True)
        self._night, self._sandbox = night, sandbox
        self.way, self.seconds = way, seconds
        self.survivors, self.met, self.back_s, self.failures, self.error = 0, 0, 0, [], None

    def run(self):
        try:
            self._run()
        except Exception as error:  # told by the main thread
            self.error = error

    def _run(self):
        down = Down(self.way)
        with Gateway(self._night.loop, self._sandbox.url, down) as gateway, \
                self._night.proxy(f"{self.way}-{self.seconds}", self._sandbox, gateway) as proxy:
            gate = threading.Barrier(JOBS + 1, timeout=START_S)
            readers = [self._start_job(proxy, gate) for _ in range(JOBS)]
            gate.wait()  # all have read some pages
            with self._away(gateway, down):
                gate.wait()
                time.sleep(self.seconds)
            ended = time.monotonic()
            for reader in readers:
                reader.join()
            self.back_s = time.monotonic() - ended
        self.met = down.met
        self.survivors = sum(reader.ledger.is_whole() for reader in readers)
        self.failures = [reader.failure for reader in readers if reader.failure]

    def _start_job(self, proxy, gate):
        pages = 0

        def on_page():
            nonlocal pages
            pages += 1
            if pages == PAGES_BEFORE:
                gate.wait()
                gate.wait()

        reader = jobs.Reader(jobs.load("users").pages, PAGE_SIZE, batch.Client(proxy.url), on_page)
        reader.start()
        return reader

    @contextlib.contextmanager
    def _away(self, gateway, down):
        down.is_on = True
        if self.way == "refused":
            gateway.leave()
        yield
        if self.way == "refused":
            gateway.come_back()
        down.is_on = False


def run(night, report):
    lengths = (12,) if night.quick else (12, 30, 120)
    night.progress(f"outages: {JOBS} jobs in each, up to {max(lengths)} s")
    with night.sandbox() as sandbox:
        outages = [Outage(night, sandbox, way, seconds) for way in WAYS for seconds in lengths]
        for outage in outages:
            outage.start()
        for outage in outages:
            outage.join()
            if outage.error:
                raise outage.error
        report.table(
            f"Outages in the middle of {JOBS} jobs of 25 pages each, default settings",
            ("the API", "seconds", "jobs that ended well", "requests that met it",
             "seconds until the last job's end"),
            [(o.way, o.seconds, f"{o.survivors} of {JOBS}", o.met, f"{o.back_s:.1f}")
             for o in outages],
            "\n".join(f"- {o.way}, {o.seconds} s: {failure.strip()[:200]}"
                      for o in outages for failure in o.failures[:2]))
        for outage in outages:
            report.target(f"outages: jobs that survive {outage.seconds} s of {outage.way}",
                          outage.survivors, JOBS, outage.survivors == JOBS)
        a_500_that_stays(night, sandbox, report)


def a_500_that_stays(night, sandbox, report):
    async def always_500(exchange):
        await exchange.say(500)

    with Gateway(night.loop, sandbox.url, always_500) as gateway, \
            night.proxy("500", sandbox, gateway) as proxy:
        started = time.monotonic()
        try:
            batch.Client(proxy.url).call("GET", proxy.url + "/api/v2/users")
            status = 200
        except batch.Failure as failure:
            status = failure.status
        seconds = time.monotonic() - started
    report.target("outages: a 500 that stays is relayed after", f"{status} after {seconds:.1f} s",
                  f"500 within {A_500_THAT_STAYS_MAX_S} s",
                  status == 500 and seconds <= A_500_THAT_STAYS_MAX_S)
