"""What a small request costs, counted instead of timed: instructions (callgrind) and calls of the
kernel (strace). Other programs on the machine do not change these figures, so a change of two
hundred instructions is seen. The last ones are kept in instructions.json."""

import json
import os
import pathlib
import platform
import re
import signal
import subprocess

import h2
from ends import Upstream, ask
from processes import Failure, Process
from proxies import bearer_settings, program

CONNECTIONS = 32  # with so many the loop never waits for a while before it sleeps
WARM_UP = 500
# And twice as many: the start drops out.
COUNTED = {"instructions": 8000, "http2_instructions": 8000, "http2_to_http2_instructions": 8000,
           "calls": 4000}
MORE_AT_MOST = 1.02
KEPT = pathlib.Path(__file__).with_name("instructions.json")
STARTS_WITHIN_S = 60  # valgrind takes its time
# Counted is what coroutines do. How many turns the loop makes for them, and how often it hears of
# events within one, depends on time, which passes otherwise under valgrind.
TOGGLES = ("bearer::net::Sleeper::resume*", "bearer::net::Loop::hear*")


def run(bench, report):
    with Upstream(bench) as upstream:
        figures = {"instructions": a_request(bench, upstream, "instructions", instructions),
                   "http2_instructions": a_request(bench, upstream, "http2_instructions",
                                                   http2_instructions),
                   "calls": a_request(bench, upstream, "calls", calls)}
        with h2.Http2Upstream(bench, upstream) as other:
            other.wait_until_it_listens()
            name = "http2_to_http2_instructions"
            figures[name] = a_request(bench, other, name, http2_instructions,
                                      ("--upstream-http", "2"))
    figures["built_by"] = built_by(bench)
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    if bench.options.keep:
        KEPT.write_text(json.dumps(figures, indent=2) + "\n")
    alike = kept.get("built_by") == figures["built_by"]
    rows = []
    for name, what in (("instructions", "instructions in user space"),
                       ("http2_instructions", "the same of a client of HTTP/2"),
                       ("http2_to_http2_instructions", "the same to an upstream of HTTP/2 too"),
                       ("calls", "calls of the kernel, but for those that ask for events")):
        rows.append((what, shown(figures[name]), shown(kept[name]) if name in kept else "–"))
        if not alike or name not in kept:
            continue
        limit = kept[name] * MORE_AT_MOST
        report.target(f"{what} a request", shown(figures[name]), f"at most {shown(limit)}",
                      figures[name] <= limit)
        if figures[name] > limit and not bench.options.keep:
            report.fail(f"a request takes {shown(figures[name])} {what}, and took "
                        f"{shown(kept[name])}; see the inclusive list of callgrind_annotate, or "
                        "keep the new one (KEEP=1) where the change is worth it")
    note = (f"{CONNECTIONS} connections, of HTTP/2 {h2.CLIENTS} with {h2.STREAMS} streams each, by "
            f"the difference of two runs; built by {built_by(bench)}.")
    if not alike:
        note += f" Not compared: the kept figures are of {kept.get('built_by', 'no build')}."
    report.table("A small request, counted", ("", "now", "kept"), rows, note)


def a_request(bench, upstream, name, count, settings=()):
    requests = COUNTED[name]
    bench.progress(f"instructions: {name} of {requests} and {2 * requests} requests")
    once, twice = (count(bench, upstream, number, settings) for number in (requests, 2 * requests))
    return round((twice - once) / requests, 2)


def instructions(bench, upstream, requests, settings=(), load=None):
    out = bench.directory / "callgrind.out"
    serve(bench, upstream, requests, load or count,
          [program("valgrind"), "--tool=callgrind", f"--callgrind-out-file={out}",
           *(f"--toggle-collect={function}" for function in TOGGLES)], settings)
    return int(find(r"^(?:totals|summary): ([1-9]\d*)", out))


def http2_instructions(bench, upstream, requests, settings=()):
    return instructions(bench, upstream, requests, settings, h2.load)


def calls(bench, upstream, requests, settings=()):
    out = bench.directory / "strace.out"
    serve(bench, upstream, requests, count, [program("strace"), "-f", "-c", "-o", str(out)], settings)
    # How many events a call brings is a matter of speed.
    events = find(r"^\s*\S+\s+\S+\s+\S+\s+(\d+) .*\bepoll_wait$", out)
    return int(find(r"^\s*100\.00\s+\S+\s+\S*\s+(\d+) .*\btotal$", out)) - int(events)


def find(pattern, path):
    found = re.search(pattern, path.read_text(), re.MULTILINE)
    if not found:
        raise Failure(f"{path.name} does not say what it counted:\n{path.read_text()[:500]}")
    return found.group(1)


class Watched(Process):
    """The proxy under a program that watches it."""

    def stop(self):
        for pid in self._pids()[1:] or self._pids():  # a watcher that is ended writes nothing
            os.kill(pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            pass
        super().stop()


def count(bench, proxy, requests):
    got = ask(bench, "count", proxy, CONNECTIONS, requests)
    if got["failures"] or got["unanswered"] or got["requests"] != requests:
        raise Failure(f"requests were lost: {got}")


def serve(bench, upstream, requests, load, watcher, settings=()):
    """Has a proxy of its own answer so many, and ends it. `load` asks for them."""
    command, environment, port = bearer_settings(bench, upstream, settings=settings)
    with Watched([*watcher, *command, "--threads", "1"], bench.cores.proxy,
                 bench.directory / "bearer.log", environment=environment, port=port) as proxy:
        proxy.wait_until_it_answers(STARTS_WITHIN_S)
        load(bench, proxy, WARM_UP)
        load(bench, proxy, requests)


def built_by(bench):
    """Another compiler makes another number of instructions of the same source."""
    said = subprocess.run(["readelf", "-p", ".comment", str(bench.build / "bearer-proxy")],
                          capture_output=True, text=True, check=True).stdout
    compilers = sorted(set(re.findall(r"\]\s+(.+)", said)))
    return f"{', '.join(compilers)} for {platform.machine()}"


def shown(figure):
    return f"{figure:.0f}" if figure > 1000 else f"{figure:.2f}"
