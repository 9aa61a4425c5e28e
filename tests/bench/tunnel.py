"""A tunnel (101), bytes both ways at once: throughput and CPU a GB."""

from collections import defaultdict
from statistics import median

from ends import Upstream, ask
from proxies import nginx_large_tunnel, nginx_tunnel
from report import pairwise, spread


def run(bench, report):
    rounds = 3 if bench.quick else 5
    size = 500_000_000 if bench.quick else 2_000_000_000
    makers = dict(bench.proxies)
    if makers.pop("nginx", None):
        makers = {"nginx": nginx_tunnel, "nginx large buffers": nginx_large_tunnel, **makers}
    with Upstream(bench) as upstream:
        figures = measure(bench, upstream, makers, size, rounds)
    peers = [name for name in figures if name != "bearer"]
    best = max(peers, key=lambda name: median(figures[name]["rate"]), default=None)
    report.table(
        f"A tunnel, {size / 1e9:g} GB to an echo and back",
        ("proxy", "MB/s each way", "CPU s a GB each way", "MB/s to the best peer"),
        [table_row(name, figures, best) for name in figures],
        f"Medians of {rounds} rounds in turns. nginx as its manual has it for WebSockets, and with "
        "buffers of 256 KiB; HAProxy with splicing. The fastest is the measure "
        "(marked *).")
    if best and "bearer" in figures:
        ratio = pairwise(figures["bearer"]["cpu"], figures["nginx large buffers"]["cpu"])
        report.target("tunnel: CPU a GB to nginx with large buffers", spread(ratio),
                      "at most 0.70", median(ratio) <= 0.7)
        ratio = pairwise(figures["bearer"]["rate"], figures[best]["rate"])
        report.target("tunnel: throughput to the best peer", spread(ratio), "at least 1.00",
                      median(ratio) >= 1)


def measure(bench, upstream, makers, size, rounds):
    """{proxy: {figure: [a value for each round]}}"""
    running = {name: bench.enter(make(bench, upstream)) for name, make in makers.items()}
    figures = defaultdict(lambda: defaultdict(list))
    for proxy in running.values():
        proxy.wait_until_it_answers()
    for number in range(rounds):
        for name, proxy in running.items():
            bench.progress(f"tunnel: round {number + 1}, {name}")
            before = proxy.cpu_seconds()
            seconds = ask(bench, "tunnel", proxy, size)["seconds"]
            figures[name]["cpu"].append((proxy.cpu_seconds() - before) * 1e9 / size)
            figures[name]["rate"].append(size / 1e6 / seconds)
    bench.leave()
    return figures


def table_row(name, figures, best):
    own = figures[name]
    ratio = spread(pairwise(own["rate"], figures[best]["rate"])) if best else "–"
    return (name + (" *" if name == best else ""), f"{median(own['rate']):.0f}",
            f"{median(own['cpu']):.2f}", ratio)
