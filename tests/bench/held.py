"""Thousands of requests held while their quota is used up: memory, CPU, and that each is answered,
none before its time."""

import time

from ends import Client, Upstream
from processes import Failure
from proxies import bearer
from report import kib, mib

CLOSED_SECONDS = 10
WATCHED_SECONDS = 4
REFUSAL_MS = 2000  # time enough for all to be at the upstream when the first is refused
LIMIT_SECONDS = 60
MEMORY_MAX = 100 * 2**20
REQUEST_MAX = 1.2 * 1024
CPU_SHARE_MAX = 0.02  # of one core: "near idle"


def run(bench, report):
    if "bearer" not in bench.proxies:
        return
    scenarios = [("hold", 10_000)] if bench.quick else [
        ("hold", 2_000), ("refused", 2_000), ("hold", 10_000)]
    if not bench.quick and bench.descriptors >= 2 * 10_000 + 100:
        scenarios.append(("refused", 10_000))  # a descriptor on either side of the proxy
    rows = [measure(bench, report, *scenario) for scenario in scenarios]
    report.table(
        "Requests held in backoff at once",
        ("requests", "how", "memory", "each", "CPU while they wait", "answered", "429s",
         "too early"),
        rows,
        f"The upstream's quota is closed for {CLOSED_SECONDS} s from its first 429 on. "
        "*each*: the growth since before they came, by their number. "
        "*one pause*: the first 429s pause the rest of the route inside the proxy; "
        "*each refused*: all were at the upstream and each got a 429 of its own. "
        "*Too early*: requests that came to the upstream before the time that their own 429 "
        "named, by the upstream's clock.")


def measure(bench, report, scenario, count):
    how = "one pause" if scenario == "hold" else "each refused"
    bench.progress(f"held: {count} requests, {how}")
    with Upstream(bench, gate_closed_for=CLOSED_SECONDS, refusal_delay=REFUSAL_MS) as upstream, \
            bearer(bench, upstream) as proxy:
        proxy.wait_until_it_answers()
        empty = proxy.memory()
        with Client(bench, scenario, proxy, count, LIMIT_SECONDS) as client:
            if client.line() != "sent\n":
                raise Failure(f"the clients failed: {client.log_end()}")
            wait_until_all_are_held(upstream, scenario, count)
            before, begin = proxy.cpu_seconds(), time.monotonic()
            time.sleep(WATCHED_SECONDS)
            cpu = (proxy.cpu_seconds() - before) / (time.monotonic() - begin)
            memory = proxy.memory()
            each = (memory - empty) / count
            if upstream.counts()["passed"]:
                raise Failure("the quota opened while the held requests were watched")
            got = client.result()
        counts = upstream.counts()
    add_targets(report, f"{count} held, {how}", memory, each, cpu, got, counts)
    return (count, how, mib(memory), kib(each), f"{cpu:.2%} of a core", f"{got['answered']}",
            counts["refused"], counts["early"])


def wait_until_all_are_held(upstream, scenario, count):
    wanted = 1 if scenario == "hold" else count
    end = time.monotonic() + LIMIT_SECONDS
    while upstream.counts()["refused"] < wanted:
        if time.monotonic() > end:
            raise Failure(f"the upstream saw no {wanted} requests: {upstream.counts()}")
        time.sleep(0.1)
    time.sleep(1)  # for the proxy to take note of the last refusal


def add_targets(report, what, memory, each, cpu, got, counts):
    report.target(f"{what}: memory", mib(memory), "under 100 MiB", memory < MEMORY_MAX)
    if what.startswith("10000"):  # of fewer, what serves the first of them is a part
        report.target(f"{what}: memory of each", kib(each), f"at most {kib(REQUEST_MAX)}",
                      each <= REQUEST_MAX)
    report.target(f"{what}: CPU", f"{cpu:.2%} of a core", "near idle", cpu <= CPU_SHARE_MAX)
    lost = got["failures"] + got["unanswered"]
    report.target(f"{what}: not answered, too early", f"{lost}, {counts['early']}", "0, 0",
                  lost == 0 and counts["early"] == 0)
