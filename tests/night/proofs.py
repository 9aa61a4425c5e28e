"""Thousands of POSTs with DPoP proofs whose nonce changes each second, one of 64 MiB among them: the
server takes no proof twice, and each client gets its answer."""

import collections
import pathlib
import subprocess
import tempfile
import time

REQUESTS, QUICK_REQUESTS = 10_000, 2_000
AT_ONCE = 50
LARGE = 64 << 20


def post(url, file, count, at_once):
    """Statuses, each with how often it came."""
    ran = subprocess.run(
        ["curl", "--disable", "--noproxy", "*", "--silent", "--no-progress-meter", "--max-time", "600",
         "--parallel", "--parallel-max", str(at_once), "--data-binary", f"@{file}",
         "--header", "Expect:", "--output", "/dev/null", "--write-out", "%{http_code}\n",
         f"{url}/api/v2/whoami?id=[1-{count}]"],
        stdout=subprocess.PIPE, text=True)
    return collections.Counter(ran.stdout.split())


def run(night, report):
    count = QUICK_REQUESTS if night.quick else REQUESTS
    night.progress(f"proofs: {count} POSTs and one of {LARGE >> 20} MiB")
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="proofs-") as scratch, \
            night.sandbox("--dpop", "--dpop-nonce-life", "1s", "--latency", "10ms") as sandbox, \
            night.proxy("proofs", sandbox, settings=("--dpop",)) as proxy:
        small, large = pathlib.Path(scratch) / "small", pathlib.Path(scratch) / "large"
        small.write_text('{"order":1}')
        with open(large, "wb") as file:
            file.truncate(LARGE)
        statuses = post(proxy.url, large, 1, 1)  # no nonce is known: all of it is sent twice
        statuses += post(proxy.url, small, count, AT_ONCE)
        seen = night.stats(sandbox)
    seconds = time.monotonic() - started
    proofs, issued = seen["dpop"], seen["tokens"]["issued"]
    report.table(
        f"{count} POSTs with DPoP proofs and one of {LARGE >> 20} MiB, {seconds:.0f} s",
        ("answers", "proofs taken", "without the nonce", "twice", "bad", "tokens issued"),
        [(", ".join(f"{status}: {times}" for status, times in sorted(statuses.items())),
          proofs["good"], proofs["without_nonce"], proofs["twice"], proofs["bad"], issued)])
    report.target("proofs: POSTs answered 200", statuses["200"], count + 1,
                  statuses["200"] == count + 1)
    report.target("proofs: taken, the token request's among them", proofs["good"], count + 2,
                  proofs["good"] == count + 2)
    report.target("proofs: sent twice, or bad", proofs["twice"] + proofs["bad"], 0,
                  proofs["twice"] + proofs["bad"] == 0)
    report.target("proofs: nonces that changed meanwhile", proofs["without_nonce"], "at least 2",
                  proofs["without_nonce"] >= 2)
    report.target("proofs: tokens issued", issued, 1, issued == 1)
