"""One large download whose connection is cut a hundred times and whose token is revoked ten times."""

import hashlib
import time

import batch

KIB = 1024
SIZE, QUICK_SIZE = 2 << 30, 256 << 20
CUTS, REVOCATIONS = 100, 10
TWICE_MAX = 0.001  # of the file
MEMORY_MAX = 16 << 20
PATTERN = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY"


def pattern_digest(size):
    digest, block = hashlib.sha256(), PATTERN * 4096
    for at in range(0, size, len(block)):
        digest.update(block[:size - at])
    return digest.hexdigest()


def resident(pid, field):
    with open(f"/proc/{pid}/status") as lines:
        return next(int(line.split()[1]) * KIB for line in lines if line.startswith(field))


class Download:
    """One request, whose token is revoked again and again while its body comes."""

    def __init__(self, client, size, revoke):
        self.got, self.digest, self.failure = 0, hashlib.sha256(), ""
        try:
            pieces = client.pieces("GET", f"{client.base}/api/v2/files/{size}")
            next(pieces)  # the head
            for piece in pieces:
                self.digest.update(piece)
                before, self.got = self.got, self.got + len(piece)
                if self.got * REVOCATIONS // size > before * REVOCATIONS // size:
                    revoke()
        except batch.Failure as failure:
            self.failure = str(failure).strip()[:200]


def run(night, report):
    size = QUICK_SIZE if night.quick else SIZE
    night.progress(f"download: {size >> 20} MiB, cut {CUTS} times")
    started = time.monotonic()
    with night.sandbox("--cut-downloads", f"times={CUTS},seed={night.seed}") as sandbox, \
            night.proxy("download", sandbox) as proxy:
        client = batch.Client(proxy.url)
        client.call("GET", f"{proxy.url}/api/v2/users")
        before = resident(proxy.pid, "VmRSS:")
        download = Download(client, size, lambda: night.revoke(sandbox))
        growth = resident(proxy.pid, "VmHWM:") - before
        seconds = time.monotonic() - started
        tell(report, size, download, growth, night.stats(sandbox), seconds)


def tell(report, size, download, growth, stats, seconds):
    is_right = download.digest.hexdigest() == pattern_digest(size)
    files = stats["files"]
    twice = (files["bytes"] - download.got) / size
    report.table(
        f"{size >> 20} MiB in one request, {seconds:.0f} s",
        ("bytes got", "cuts", "ranges asked for", "tokens revoked",
         "fetched twice", "memory growth KiB", "failure"),
        [(download.got, files["cut"], files["ranges"], stats["tokens"]["revocations"],
          f"{twice:.3%}", growth // KIB, download.failure)])
    report.target("download: whole, and its SHA-256 right", is_right, True, is_right)
    report.target("download: cuts", files["cut"], CUTS, files["cut"] == CUTS)
    report.target("download: fetched twice", f"{twice:.3%}",
                  f"at most {TWICE_MAX:.1%}", twice <= TWICE_MAX)
    report.target("download: memory growth", f"{growth // KIB} KiB",
                  f"at most {MEMORY_MAX // KIB} KiB", growth <= MEMORY_MAX)
