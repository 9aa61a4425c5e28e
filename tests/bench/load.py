"""Requests a second, latency and CPU a request, with small JSON answers."""

from collections import defaultdict
from statistics import median

from ends import Upstream, ask
from processes import Failure
from report import pairwise, spread

CONNECTIONS = (1, 8, 32, 128, 512)
WARM_UP_MS = 300
TARGETS = {"rate": ("requests/s", 1), "cpu": ("CPU a request", 0.95), "p99": ("p99", 1)}


def run(bench, report):
    rounds = bench.options.rounds or (2 if bench.quick else 5)
    seconds = bench.options.seconds or (1 if bench.quick else 3)
    levels = bench.options.connections or CONNECTIONS
    rows = []
    with Upstream(bench) as upstream:
        for connections in levels:
            figures = measure_level(bench, upstream, connections, rounds, seconds)
            rows += [table_row(connections, name, figures) for name in figures]
            add_targets(report, connections, figures)
    report.table(
        "Small requests",
        ("connections", "proxy", "requests/s", "p50 µs", "p99 µs", "CPU µs a request",
         "requests/s to nginx", "CPU to nginx"),
        rows,
        f"Medians of {rounds} rounds of {seconds:g} s in turns; ratios round by round with "
        "min..max. The proxy is alone on its core, upstream and clients are on another; CPU is the "
        "proxy's own by the kernel's account. Every request's token is checked by the upstream.")


def measure_level(bench, upstream, connections, rounds, seconds):
    """{proxy: {figure: [a value for each round]}}"""
    figures = defaultdict(lambda: defaultdict(list))
    running = {name: start(bench.enter(make(bench, upstream)))
               for name, make in bench.proxies.items()}
    for number in range(rounds):
        for name, proxy in running.items():
            bench.progress(f"load: {connections} connections, round {number + 1}, {name}")
            for figure, value in measure(bench, proxy, connections, seconds).items():
                figures[name][figure].append(value)
    bench.leave()
    return figures


def start(proxy):
    proxy.wait_until_it_answers()
    return proxy


def measure(bench, proxy, connections, seconds):
    ask(bench, "load", proxy, connections, WARM_UP_MS)
    before = proxy.cpu_seconds()
    got = ask(bench, "load", proxy, connections, seconds * 1000)
    cpu = proxy.cpu_seconds() - before
    if got["failures"] or got["unanswered"]:
        raise Failure(f"{proxy.name} lost requests: {got}")
    return {"rate": got["requests"] / got["seconds"], "p50": got["p50_us"], "p99": got["p99_us"],
            "cpu": cpu * 1e6 / got["requests"]}


def ratios(figures, name, figure):
    """To nginx's; None where it was not measured."""
    if name not in figures or "nginx" not in figures:
        return None
    return pairwise(figures[name][figure], figures["nginx"][figure])


def table_row(connections, name, figures):
    own = {figure: median(values) for figure, values in figures[name].items()}
    to_nginx = [spread(ratio) if (ratio := ratios(figures, name, figure)) else "–"
                for figure in ("rate", "cpu")]
    return (connections, name, f"{own['rate']:.0f}", f"{own['p50']:.0f}", f"{own['p99']:.0f}",
            f"{own['cpu']:.1f}", *to_nginx)


def add_targets(report, connections, figures):
    """What of each level is to be reached, beside nginx. More clients than a core can serve at once
    wait for each other: how long the last of them does is a figure of its own."""
    wanted = {1: ("cpu",), 32: ("rate", "cpu"), 128: ("p99",), 512: ("rate", "cpu", "p99")}
    for figure in wanted.get(connections, ()):
        ratio = ratios(figures, "bearer", figure)
        if not ratio:
            return
        what, limit = TARGETS[figure]
        reached = median(ratio) >= limit if figure == "rate" else median(ratio) <= limit
        report.target(f"{what} to nginx at {connections}", spread(ratio),
                      f"at {'least' if figure == 'rate' else 'most'} {limit:.2f}", reached)
