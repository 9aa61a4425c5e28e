"""Both seed jobs at once through the mixture: is a record lost or doubled, and what does the client
see of it?"""

import time

import jobs
from gateway import Gateway
from mixture import KINDS, Mixture

SANDBOX = ["--token-lifetime", "4s"]
JOBS = [("users", 25), ("analytics", 25)]  # with their page sizes


def run(night, report):
    mixture = Mixture(seed=night.seed)
    night.progress("seeds: both jobs through the mixture, some two minutes")
    started = time.monotonic()
    with night.sandbox(*SANDBOX) as sandbox, \
            Gateway(night.loop, sandbox.url, mixture) as gateway, \
            night.proxy("seeds", sandbox, gateway, night.genesys()) as proxy:
        readers = [jobs.Reader(jobs.load(name).pages, size, jobs.Stubborn(proxy.url))
                   for name, size in JOBS]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    tell(report, mixture, readers, time.monotonic() - started)


def tell(report, mixture, readers, seconds):
    lost = sum(reader.ledger.missing for reader in readers)
    doubled = sum(reader.ledger.doubled for reader in readers)
    failures = [failure for reader in readers for failure in reader.client.failures]
    failures += [reader.failure for reader in readers if reader.failure]
    cut = [failure for failure in failures if failure.startswith("POST") and "IncompleteRead" in failure]
    report.table(
        f"Both seed jobs through {mixture.faults} faults in {mixture.hits} requests, {seconds:.0f} s",
        ("fault", "made"), [(kind, mixture.made[kind]) for kind in KINDS])
    report.table(
        "What the jobs got", ("job's records", "got", "lost", "doubled"),
        [(reader.ledger.expected, reader.ledger.got, reader.ledger.missing, reader.ledger.doubled)
         for reader in readers],
        "\n".join(f"- the client saw: {failure.strip()[:200]}" for failure in failures))
    report.target("seeds: records lost, doubled", f"{lost}, {doubled}", "0, 0", not (lost or doubled))
    report.target("seeds: a POST's answer that broke off after its head was relayed "
                  "(no proxy can absorb it)", len(cut), f"at most {mixture.cut_posts}",
                  len(cut) <= mixture.cut_posts)
    report.target("seeds: other errors at the client", len(failures) - len(cut), "0",
                  len(failures) == len(cut))
    report.target("seeds: requests sent again earlier than the answer asked for", mixture.early, "0",
                  mixture.early == 0)
