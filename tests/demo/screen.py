"""What the demonstration shows: progress while it runs, and the summary."""

import sys

BAR = 30


def _bar(job):
    share = job.got / job.expected if job.expected else 0
    return f"[{'#' * int(share * BAR):-<{BAR}}]"


def _amount(job):
    return f"{job.got:,} of {job.expected:,}" if job.expected else "starting"


class Progress:
    """On a terminal a block that is drawn again and again; in a pipe a line every quarter."""

    def __init__(self):
        self._is_terminal = sys.stdout.isatty()
        self._drawn = False
        self._quarters = {}

    def show(self, jobs, tally, seconds):
        if self._is_terminal:
            self._draw(jobs, tally, seconds)
        else:
            self._tell(jobs, tally, seconds)

    def _draw(self, jobs, tally, seconds):
        lines = [f"  {job.noun:14} {_bar(job)} {_amount(job)}" for job in jobs]
        lines.append(f"  {'underneath':14} {tally.line()}   ({seconds:.0f} s)")
        if self._drawn:
            print(f"\x1b[{len(lines)}A", end="")
        print("\n".join(f"\x1b[2K{line}" for line in lines), flush=True)
        self._drawn = True

    def _tell(self, jobs, tally, seconds):
        for job in jobs:
            quarters = job.got * 4 // job.expected if job.expected else 0
            if quarters > self._quarters.get(job.name, 0):
                self._quarters[job.name] = quarters
                line = f"  {seconds:3.0f} s  {job.noun}: {_amount(job)}"
                print(f"{line}   (underneath: {tally.line()})", flush=True)


def _row(label, *values):
    return f"  {label:26}" + "".join(f"{value:>11}" for value in values)


def show_summary(jobs, tally, failures):
    """`failures` is how many ended a job."""
    rows = ["", _row("", "expected", "got", "missing", "doubled")]
    for job in jobs:
        end = job.summary or {"missing": "?", "doubled": "?"}
        expected = f"{job.expected:,}" if job.expected else "?"
        rows.append(_row(job.noun, expected, f"{job.got:,}", end["missing"], end["doubled"]))
    rows += [
        "",
        f"{_row('tokens fetched', tally.tokens)}   each lives 3 s, and all are revoked every 2 s",
        f"{_row('401s replayed', tally.unauthorized)}   "
        f"{tally.revoked} for a revoked token, {tally.expired} for one that had expired",
        f"{_row('faults of single requests', tally.faults)}   429: {tally.rate_limited}, "
        f"5xx: {tally.server_errors}, lost connections: {tally.lost}",
        f"{_row('requests in the outage', tally.outage_requests)}   503 each; all were sent again "
        "until the API was back",
        f"{_row('requests over the quota', tally.quota_refused)}   of {tally.quota_admitted}: "
        "the proxy spaces them where the quota runs low",
        *_downloads(jobs, tally),
        *_orders(jobs, tally),
        f"{_row('failures that ended a job', failures)}",
        "",
    ]
    print("\n".join(rows))


def _downloads(jobs, tally):
    for job in jobs:
        if job.name == "download":
            yield (
                f"{_row('cuts of the download', tally.cuts)}   it went on where it broke off, "
                "in one request; its SHA-256 is right"
            )


def _orders(jobs, tally):
    for job in jobs:
        if job.name != "orders" or not job.summary:
            continue
        failed = job.summary["notes"].get("failed", 0)
        had_been = job.summary["notes"].get("failed_but_carried_out", 0)
        yield (
            f"{_row('orders the job saw fail', failed)}   {had_been} had been carried out, "
            f"{failed - had_been} had not; it asked before it posted again"
        )
        yield _row("orders carried out twice", tally.orders_twice)
