"""Two event loops beside one: what a request costs then, and how evenly the loops share the work.

Proxy, clients and upstream have the same cores in both cases, and all of them. On two cores the ends are
in the way of a second loop, so requests/s cannot show what it is good for. CPU time can: it counts
what the loops do, whoever else is running. A machine on which only the proxy's cores are short serves
(CPU of all loops / CPU of the busiest loop) / (CPU a request, to that of one loop) times as much with
two loops as with one. What two loops do to each other (locks, caches) is in the CPU of a request; a
loop that sleeps for the other's lock shows in the calls of futex. How the work is shared is asked by
clients that rest between their requests: those that never do ask the faster loop more often, and which
one that is depends on what else runs on the machine.
"""

import os
import re
import urllib.request
from collections import defaultdict
from statistics import median

from ends import Upstream, ask
from instructions import Watched, find
from processes import Failure, free_port
from proxies import bearer, bearer_settings, program
from report import pairwise, spread

CONNECTIONS = 64
WARM_UP_MS = 500
COUNTED = 20_000  # requests under strace
REST_MS = 10
SCALES = 1.7


def run(bench, report):
    rounds = 3 if bench.quick else 7
    seconds = 1 if bench.quick else 3
    shared = bench.cores.proxy | bench.cores.client | bench.cores.upstream
    bench.cores = bench.cores._replace(proxy=shared, client=shared, upstream=shared)
    figures = {1: defaultdict(list), 2: defaultdict(list)}
    with Upstream(bench) as upstream:
        admin = {count: free_port() for count in figures}
        running = {count: bench.enter(bearer(bench, upstream, settings=settings(count, admin[count])))
                   for count in figures}
        for proxy in running.values():
            proxy.wait_until_it_answers()
            ask(bench, "load", proxy, CONNECTIONS, WARM_UP_MS)
        for number in range(rounds):
            for count, proxy in running.items():
                bench.progress(f"threads: round {number + 1}, {count}")
                measure(bench, proxy, count, seconds, admin[count], figures[count])
        bench.leave()
        futexes = {count: futex_calls(bench, upstream, count) for count in figures}
    scaling = [shares / cost for shares, cost in
               zip(figures[2]["shares"], pairwise(figures[2]["cpu"], figures[1]["cpu"]))]
    report.table(
        f"Event loops, {CONNECTIONS} connections",
        ("loops", "requests/s", "requests a CPU second", "CPU µs a request", "CPU to one loop",
         "loops' CPU to the busiest", "connections to the upstream", "futex calls a 1000 requests"),
        [(count, *(f"{median(own[figure]):.0f}" for figure in ("rate", "yield")),
          f"{median(own['cpu']):.1f}", spread(pairwise(own["cpu"], figures[1]["cpu"])),
          f"{median(own['shares']):.2f}", f"{median(own['upstreams']):.0f}", f"{futexes[count]:.1f}")
         for count, own in figures.items()],
        f"Medians of {rounds} rounds of {seconds} s in turns, all on the same {len(shared)} cores as "
        "their clients and upstream. Each loop keeps connections to the upstream of its own.")
    report.target("two loops serve, to one, by CPU time", spread(scaling), f"at least {SCALES}",
                  median(scaling) >= SCALES)


def settings(count, admin_port):
    return ("--threads", str(count), "--admin", f"127.0.0.1:{admin_port}")


def measure(bench, proxy, count, seconds, admin_port, figures):
    before = proxy.cpu_seconds()
    got = ask(bench, "load", proxy, CONNECTIONS, seconds * 1000)
    cpu = proxy.cpu_seconds() - before
    if got["failures"] or got["unanswered"]:
        raise Failure(f"requests were lost with {count} loops: {got}")
    busy = threads_cpu(proxy.process.pid)
    ask(bench, "load", proxy, CONNECTIONS, seconds * 1000, REST_MS)
    loops = sorted((now - busy.get(thread, 0)
                    for thread, now in threads_cpu(proxy.process.pid).items()), reverse=True)[:count]
    figures["rate"].append(got["requests"] / got["seconds"])
    figures["cpu"].append(cpu * 1e6 / got["requests"])
    figures["yield"].append(got["requests"] / cpu)
    figures["shares"].append(sum(loops) / max(loops))
    figures["upstreams"].append(upstream_connections(admin_port))


def threads_cpu(pid):
    """Nanoseconds on a core, by thread: the loops are the busiest ones."""
    cpu = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat") as stat:
            cpu[thread] = int(stat.read().split()[0])
    return cpu


def upstream_connections(admin_port):
    with urllib.request.urlopen(f"http://127.0.0.1:{admin_port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return sum(float(value) for value in re.findall(
        r"^bearer_proxy_upstream_connections\{.*\} (\S+)$", text, re.MULTILINE))


def futex_calls(bench, upstream, count):
    """A thousand requests, of those that come after the start."""
    more = futexes(bench, upstream, count, 2 * COUNTED) - futexes(bench, upstream, count, COUNTED)
    return max(more, 0) * 1000 / COUNTED  # those at the start differ a little


def futexes(bench, upstream, count, requests):
    bench.progress(f"threads: futex calls of {requests} requests, {count}")
    out = bench.directory / "futex.out"
    command, environment, port = bearer_settings(bench, upstream, settings=("--threads", str(count)))
    watcher = [program("strace"), "-f", "-c", "--seccomp-bpf", "-e", "trace=futex", "-o", str(out)]
    with Watched([*watcher, *command], bench.cores.proxy, bench.directory / "bearer.log",
                 environment=environment, port=port) as proxy:
        proxy.wait_until_it_answers()
        ask(bench, "count", proxy, CONNECTIONS, requests)
    said = out.read_text()
    return int(find(r"^\s*\S+\s+\S+\s+\S+\s+(\d+) .*\bfutex$", out)) if "futex" in said else 0
