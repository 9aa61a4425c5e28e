"""What a keep-alive client costs while it says nothing."""

import subprocess
import time
from statistics import median

from ends import Client, Upstream, ask
from report import kib

CLIENTS = 5_000
LIMIT = 0.5 * 1024


def run(bench, report):
    rounds = 1 if bench.quick else 3
    rows = []
    for name, make in bench.proxies.items():
        cost = median(measure(bench, name, make) for _ in range(rounds))
        rows.append((name, kib(cost)))
        if name == "bearer":
            report.target(f"memory of an idle client, {CLIENTS} of them", kib(cost),
                          f"at most {kib(LIMIT)}", cost <= LIMIT)
    report.table(
        f"{CLIENTS} idle keep-alive clients", ("proxy", "memory each"), rows,
        f"Growth by clients that made one request each; median of {rounds}, after a warm-up with "
        "32 connections.")


def measure(bench, name, make):
    bench.progress(f"idle: {CLIENTS} clients, {name}")
    with Upstream(bench) as upstream, make(bench, upstream) as proxy:
        proxy.wait_until_it_answers()
        ask(bench, "load", proxy, 32, 500)
        time.sleep(0.2)
        before = proxy.memory()
        with Client(bench, "idle", proxy, CLIENTS, stdin=subprocess.PIPE) as client:
            client.result()
            time.sleep(0.2)
            return (proxy.memory() - before) / CLIENTS
