"""From the start of the process to its first answer, and a crowd that comes with it."""

import time
from statistics import median

from ends import Upstream, ask
from processes import Failure
from proxies import bearer

CROWD = 200
TOKEN_DELAY_MS = 1000


def run(bench, report):
    rounds = 3 if bench.quick else 9
    with Upstream(bench) as upstream:
        rows = []
        for name, make in bench.proxies.items():
            bench.progress(f"start: {name}")
            took = [first_answer(bench, make, upstream) for _ in range(rounds)]
            rows.append((name, f"{median(took) * 1e3:.1f}", f"{min(took) * 1e3:.1f}",
                         f"{max(took) * 1e3:.1f}"))
    report.table("From start to the first answer", ("proxy", "median ms", "min", "max"), rows,
                 "bearer-proxy fetches its token first.")
    if "bearer" in bench.proxies:
        first_crowd(bench, report)


def first_answer(bench, make, upstream):
    with make(bench, upstream) as proxy:
        proxy.wait_until_it_answers()
        return time.monotonic() - proxy.started


def first_crowd(bench, report):
    """All come while the first token is still under way."""
    bench.progress(f"start: {CROWD} first requests at once")
    with Upstream(bench, token_delay=TOKEN_DELAY_MS) as upstream, bearer(bench, upstream) as proxy:
        proxy.wait_until_it_listens()
        got = ask(bench, "load", proxy, CROWD, 1)
        counts = upstream.counts()
    if got["failures"] or got["unanswered"] or got["requests"] != CROWD:
        raise Failure(f"not all of the first {CROWD} requests were answered: {got}")
    report.target(f"token requests for {CROWD} first requests at once", counts["tokens"], "1",
                  counts["tokens"] == 1)
