"""Minutes of steady requests while tokens live for seconds: nobody is to notice."""

from ends import Client, Upstream
from proxies import bearer

CONNECTIONS = 32
PAUSE_MS = 10
TOKEN_LIFE = 3
TOKEN_DELAY_MS = 500  # a request that waited for a refresh would show it


def run(bench, report):
    minutes = bench.options.minutes
    bench.progress(f"steady: {minutes:g} minutes")
    with Upstream(bench, token_life=TOKEN_LIFE, token_delay=TOKEN_DELAY_MS) as upstream, \
            bearer(bench, upstream) as proxy:
        proxy.wait_until_it_answers()
        before = proxy.memory()
        with Client(bench, "load", proxy, CONNECTIONS, minutes * 60_000, PAUSE_MS) as client:
            got = client.result()
        growth = proxy.memory() - before
        counts = upstream.counts()
    report.table(
        f"{minutes:g} minutes of steady requests, tokens that live {TOKEN_LIFE} s",
        ("requests", "tokens fetched", "401s at the upstream", "failures", "p99 µs",
         "slowest ms", "over 100 ms", "memory growth KiB"),
        [(got["requests"], counts["tokens"], counts["unauthorized"],
          got["failures"] + got["unanswered"], got["p99_us"], f"{got['max_us'] / 1e3:.1f}",
          got["slow"], growth // 1024)],
        f"The token endpoint takes {TOKEN_DELAY_MS} ms, so that a request that waited for it would "
        "be seen.")
    report.target("steady: 401s at the upstream, failures",
                  f"{counts['unauthorized']}, {got['failures'] + got['unanswered']}", "0, 0",
                  not (counts["unauthorized"] or got["failures"] or got["unanswered"]))
    report.target("steady: requests that waited for a refresh (over 100 ms)", got["slow"], "0",
                  got["slow"] == 0)
