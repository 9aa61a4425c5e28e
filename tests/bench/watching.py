"""What it costs to be watched: the list of the last requests, and spans. In one run, by ratios."""

import http.client
from collections import defaultdict
from statistics import median

import instructions
from ends import Upstream, ask
from processes import Failure
from proxies import bearer
from report import kib, pairwise, spread

CONNECTIONS = 32
WARM_UP_MS = 300
LIST_COSTS_MOST = 0.02
LIST_BYTES_MAX = 2 << 20
LONG_PATH = "/api/v2/users/" + "x" * 900  # more than is kept of a path
NO_LIST = ("--status-requests", "0")


def run(bench, report):
    # Many short rounds: what else the machine does is then in some of them, and not in the median.
    rounds = 10 if bench.quick else 60
    seconds = 0.5
    with Upstream(bench) as upstream:
        spans = ("--otlp-endpoint", upstream.url)
        ways = {"no list": NO_LIST, "as it comes: the last 512": (),
                "spans of 1 in 20": (*spans, "--otlp-sample", "0.05"), "all spans": spans}
        figures = measure(bench, upstream, ways, rounds, seconds)
        counted = {name: instructions.a_request(bench, upstream, "instructions",
                                                instructions.instructions, own)
                   for name, own in ways.items()}
        memory = {name: grown(bench, upstream, ways[name]) for name in list(ways)[:2]}
        collected = upstream.counts()
    base, listed = list(ways)[:2]
    report.table(
        f"Being watched, {CONNECTIONS} connections",
        ("", "requests/s", "requests/s to the line before", "CPU µs a request",
         "CPU to no list", "instructions a request in the loop", "to no list"),
        [(name, f"{median(own['rate']):.0f}", ratio_to_line_before(figures, name),
          f"{median(own['cpu']):.1f}", spread(pairwise(own["cpu"], figures[base]["cpu"])),
          f"{counted[name]:.0f}", f"{counted[name] / counted[base]:.3f}")
         for name, own in figures.items()],
        f"Medians of {rounds} rounds of {seconds} s in turns. CPU is all that the proxy takes, with the "
        "thread that sends spans; instructions are those of the loop alone, counted by callgrind, "
        "which no other program on the machine changes, and are in user space, where "
        f"{median(figures[base]['user']):.0%} of a request's CPU goes. The collector took {collected['batches']} "
        f"batches of {collected['batch_bytes'] / max(collected['batches'], 1) / 1024:.0f} KiB.")
    if not collected["batches"]:
        raise Failure("no span came to the collector")
    rate = pairwise(figures[listed]["rate"], figures[base]["rate"])
    report.target("the list of requests: requests/s, to none", spread(rate),
                  f"at least {1 - LIST_COSTS_MOST:.2f}", median(rate) >= 1 - LIST_COSTS_MOST)
    more = (counted[listed] / counted[base] - 1) * median(figures[base]["user"])
    report.target("the list of requests: share of a request's CPU, by instructions", f"{more:.2%}",
                  f"at most {LIST_COSTS_MOST:.0%}", more <= LIST_COSTS_MOST)
    difference = memory[listed] - memory[base]
    report.target("the list of requests: memory, of the longest paths", kib(difference),
                  "under 2 MiB", difference < LIST_BYTES_MAX)


def measure(bench, upstream, ways, rounds, seconds):
    """{way: {figure: [a value for each round]}}"""
    running = {name: bench.enter(bearer(bench, upstream, settings=own)) for name, own in ways.items()}
    figures = defaultdict(lambda: defaultdict(list))
    for proxy in running.values():
        proxy.wait_until_it_answers()
        ask(bench, "load", proxy, CONNECTIONS, WARM_UP_MS)
    for number in range(rounds):
        # From either end in turns, so that none always comes after the same one.
        for name in list(running)[::1 if number % 2 else -1]:
            bench.progress(f"watching: round {number + 1}, {name}")
            before, split = running[name].cpu_seconds(), user_and_system(running[name])
            got = ask(bench, "load", running[name], CONNECTIONS, round(seconds * 1000))
            if got["failures"] or got["unanswered"]:
                raise Failure(f"requests were lost ({name}): {got}")
            figures[name]["cpu"].append(
                (running[name].cpu_seconds() - before) * 1e6 / got["requests"])
            figures[name]["rate"].append(got["requests"] / got["seconds"])
            user, system = (now - then for now, then in
                            zip(user_and_system(running[name]), split))
            figures[name]["user"].append(user / max(user + system, 1))
    bench.leave()
    return {name: figures[name] for name in ways}


def user_and_system(proxy):
    """Ticks of the clock."""
    with open(f"/proc/{proxy.process.pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return int(fields[11]), int(fields[12])


def ratio_to_line_before(figures, name):
    names = list(figures)
    if name == names[0]:
        return "–"
    return spread(pairwise(figures[name]["rate"], figures[names[names.index(name) - 1]]["rate"]))


def grown(bench, upstream, settings):
    """By a thousand requests with as much to be kept of as there can be."""
    with bearer(bench, upstream, settings=settings) as proxy:
        proxy.wait_until_it_answers()
        ask(bench, "load", proxy, CONNECTIONS, WARM_UP_MS)
        client = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=20)
        for _ in range(1000):
            client.request("GET", LONG_PATH, headers={"X-Request-Id": "i" * 64})
            client.getresponse().read()
        client.close()
        return proxy.memory()
