"""Minutes of steady requests while tokens live for seconds, and while all of them are revoked again
and again: nobody is to notice."""

from ends import Client, Upstream
from proxies import bearer

CONNECTIONS = 32
PAUSE_MS = 10
TOKEN_LIFE = 3
TOKEN_DELAY_MS = 500  # a request that waited for a refresh would show it
# Now before, now after a token was renewed, and often while that is under way.
REVOKED_EVERY_MS = 1700
REVOKED_MINUTES_MAX = 1


def measure(bench, minutes, **upstream_options):
    """One row: requests, tokens, 401s, failures, p99, slowest, over 100 ms, growth."""
    with Upstream(bench, token_life=TOKEN_LIFE, token_delay=TOKEN_DELAY_MS,
                  **upstream_options) as upstream, bearer(bench, upstream) as proxy:
        proxy.wait_until_it_answers()
        before = proxy.memory()
        with Client(bench, "load", proxy, CONNECTIONS, minutes * 60_000, PAUSE_MS) as client:
            got = client.result()
        growth = proxy.memory() - before
        counts = upstream.counts()
    return (got["requests"], counts["tokens"], counts["unauthorized"],
            got["failures"] + got["unanswered"], got["p99_us"], f"{got['max_us'] / 1e3:.1f}",
            got["slow"], growth // 1024)


def run(bench, report):
    minutes = bench.options.minutes
    bench.progress(f"steady: {minutes:g} minutes")
    steady = measure(bench, minutes)
    short = min(minutes, REVOKED_MINUTES_MAX)
    bench.progress(f"steady, with tokens that are revoked: {short:g} minutes")
    revoked = measure(bench, short, tokens_revoked_every=REVOKED_EVERY_MS)
    report.table(
        f"{minutes:g} minutes of steady requests, tokens that live {TOKEN_LIFE} s",
        ("tokens", "requests", "fetched", "401s at the upstream", "failures", "p99 µs",
         "slowest ms", "over 100 ms", "memory growth KiB"),
        [("never revoked", *steady),
         (f"all revoked every {REVOKED_EVERY_MS / 1e3:g} s, for {short:g} min", *revoked)],
        f"The token endpoint takes {TOKEN_DELAY_MS} ms, so that a request that waited for it would "
        "be seen; a token that is revoked while it is on its way is of no use when it comes.")
    unauthorized, failures, slow = steady[2], steady[3], steady[6]
    report.target("steady: 401s at the upstream, failures", f"{unauthorized}, {failures}", "0, 0",
                  not (unauthorized or failures))
    report.target("steady: requests that waited for a refresh (over 100 ms)", slow, "0", slow == 0)
    report.target("steady: failures where tokens are revoked", revoked[3], "0", revoked[3] == 0)
