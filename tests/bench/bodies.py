"""Large bodies: throughput, CPU a GB and memory, down and up, plain and through TLS."""

from collections import defaultdict
from statistics import median

from ends import Upstream, ask
from proxies import nginx_large, nginx_unbuffered
from report import mib, pairwise, spread

MEMORY_BODY = 200 * 2**20
MEMORY_GROWTH_MAX = 16 * 2**20


def run(bench, report):
    rounds = 2 if bench.quick else 3
    size = 500_000_000 if bench.quick else 2_000_000_000
    rows = []
    with Upstream(bench) as upstream:
        for direction in ("download", "upload"):
            for tls in (False, True):
                figures = measure_all(bench, upstream, direction, tls, size, rounds)
                what = f"{direction}, {'TLS' if tls else 'plain'} upstream"
                best = best_peer(figures)
                rows += [table_row(what, name, figures, best) for name in figures]
                add_targets(report, what, figures, best)
    report.table(
        f"Bodies of {size / 1e9:g} GB",
        ("body", "proxy", "MB/s", "CPU s a GB", "CPU to the best peer", "memory growth"), rows,
        f"Medians of {rounds} rounds in turns. nginx as it comes, with buffers of 256 KiB, and with "
        "proxy_buffering and proxy_request_buffering off; HAProxy with splicing. "
        "The best of them by CPU is the measure (marked *). Memory "
        f"growth: the peak during a first body of {MEMORY_BODY / 2**20:.0f} MiB over the level "
        "before it.")


def measure_all(bench, upstream, direction, tls, size, rounds):
    """{proxy: {figure: [a value for each round]}}"""
    makers = dict(bench.proxies)
    if "nginx" in makers:
        makers |= {"nginx unbuffered": nginx_unbuffered, "nginx large buffers": nginx_large}
    running = {name: bench.enter(make(bench, upstream, tls)) for name, make in makers.items()}
    figures = defaultdict(lambda: defaultdict(list))
    for name, proxy in running.items():
        proxy.wait_until_it_answers()
        figures[name]["growth"].append(memory_growth(bench, proxy, direction))
    for number in range(rounds):
        for name, proxy in running.items():
            bench.progress(
                f"bodies: {direction}{', TLS' if tls else ''}, round {number + 1}, {name}")
            before = proxy.cpu_seconds()
            seconds = ask(bench, direction, proxy, size)["seconds"]
            figures[name]["cpu"].append((proxy.cpu_seconds() - before) * 1e9 / size)
            figures[name]["rate"].append(size / 1e6 / seconds)
    bench.leave()
    return figures


def memory_growth(bench, proxy, direction):
    proxy.reset_memory_peak()
    before = proxy.memory_peak()
    ask(bench, direction, proxy, MEMORY_BODY)
    return proxy.memory_peak() - before


def best_peer(figures):
    candidates = [name for name in figures if name != "bearer"]
    return min(candidates, key=lambda name: median(figures[name]["cpu"]), default=None)


def table_row(what, name, figures, best):
    own = figures[name]
    ratio = spread(pairwise(own["cpu"], figures[best]["cpu"])) if best else "–"
    return (what, name + (" *" if name == best else ""), f"{median(own['rate']):.0f}",
            f"{median(own['cpu']):.2f}", ratio, mib(median(own["growth"])))


def add_targets(report, what, figures, best):
    if "bearer" not in figures:
        return
    own = figures["bearer"]
    if best:
        ratio = pairwise(own["cpu"], figures[best]["cpu"])
        report.target(f"{what}: CPU a GB to the best peer", spread(ratio), "at most 1.00",
                      median(ratio) <= 1)
    if "haproxy" in figures and what.endswith("plain upstream"):
        ratio = pairwise(own["cpu"], figures["haproxy"]["cpu"])
        report.target(f"{what}: CPU a GB to HAProxy, which splices", spread(ratio),
                      "at most 1.00", median(ratio) <= 1)
    growth = median(own["growth"])
    report.target(f"{what}: memory growth, 200 MiB body", mib(growth), "under 16 MiB",
                  growth < MEMORY_GROWTH_MAX)
