"""What a process holds while it runs, sampled, and whether that is flat."""

import json
import re
import threading
import time
import urllib.request
from collections import namedtuple
from statistics import median

EVERY_S = 1
WARM_UP_SHARE, WARM_UP_MAX_S = 0.25, 600

Kind = namedtuple("Kind", "name unit share more")
# A figure is flat where the median of the last third is above that of the first by this share of it, and
# so many more, at most. Load comes by chance: so do connections, and with them buffers.
MEMORY = Kind("memory", "KiB", 0.02, 512)
# A sanitizer keeps what was freed, and the stacks that it has seen, which grow for long.
SANITIZED_MEMORY = Kind("memory", "KiB", 0.10, 8192)
DESCRIPTORS = Kind("descriptors", "", 0.05, 8)
THREADS = Kind("threads", "", 0, 2)  # a credential that comes with a reload has its own


class Pages:
    """Those of a program that says how it is."""

    def __init__(self, url):
        self.url = url
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def metrics(self):
        """{name: the sum over its labels}"""
        sums = {}
        for name, value in re.findall(r"^(\w+)(?:\{.*\})? (\S+)$", self._read("/metrics"), re.MULTILINE):
            sums[name] = sums.get(name, 0.0) + float(value)
        return sums

    def json(self, path):
        return json.loads(self._read(path))

    def _read(self, path):
        with self._opener.open(self.url + path, timeout=60) as answer:
            return answer.read().decode()


def threads(pid):
    with open(f"/proc/{pid}/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("Threads:"))


class Sampler(threading.Thread):
    """Asks until stop(). `rows` are (second, KiB, descriptors, threads)."""

    def __init__(self, admin, pid):
        super().__init__(daemon=True)
        self._admin, self._pid = admin, pid
        self._ended = threading.Event()
        self.rows, self.error = [], None

    def run(self):
        began = time.monotonic()
        while not self._ended.wait(EVERY_S):
            try:
                metrics = self._admin.metrics()
                self.rows.append((time.monotonic() - began,
                                  metrics["process_resident_memory_bytes"] / 1024,
                                  metrics["process_open_fds"], threads(self._pid)))
            except (OSError, KeyError, StopIteration) as error:  # told by stop()
                self.error = error
                return

    def stop(self):
        self._ended.set()
        self.join()
        if self.error:
            raise self.error


class Course:
    """One figure over time, without its warm-up."""

    def __init__(self, kind, rows, column):
        self.kind = kind
        self.points = [(row[0], row[column]) for row in rows]
        end = self.points[-1][0]
        self.warm_up = min(end * WARM_UP_SHARE, WARM_UP_MAX_S)
        third = (end - self.warm_up) / 3
        self.thirds = [(self.warm_up + n * third, self.warm_up + (n + 1) * third) for n in range(3)]
        self.medians = [median(value for at, value in self.points if begin <= at <= finish)
                        for begin, finish in self.thirds]

    @property
    def growth(self):
        return self.medians[2] - self.medians[0]

    @property
    def limit(self):
        return self.medians[0] * self.kind.share + self.kind.more

    @property
    def is_flat(self):
        return self.growth <= self.limit

    @property
    def an_hour(self):
        """The middles of the first and the last third are two thirds of the watched time apart."""
        return self.growth / (self.thirds[2][0] - self.thirds[0][0]) * 3600


def courses(rows, is_sanitized):
    kinds = (SANITIZED_MEMORY if is_sanitized else MEMORY, DESCRIPTORS, THREADS)
    return [Course(kind, rows, column) for column, kind in enumerate(kinds, 1)]
