"""HTTP/2 from clients, HTTP/1.1 to the upstream: CPU a request beside nghttpx and h2o, and what an
idle client costs."""

import re
import shutil
import socket
import subprocess
import time
from collections import defaultdict
from statistics import median
from urllib.parse import urlsplit

from ends import Upstream
from processes import Failure, Process, free_port
from proxies import bearer, program
from report import kib, pairwise, spread

CLIENTS, STREAMS = 8, 32
REQUESTS = 60_000
PATH = "/api/v2/users/me"
IDLE_CLIENTS = 2_000
IDLE_LIMIT = 4 * 1024
RESTS_AFTER_S = 1  # a connection on which nothing happens gives memory back
HELD_STREAMS = 1_000
HELD_LIMIT = 3 * 1024
CLOSED_SECONDS = 6
CPU_LIMIT = 0.9

HELD_PATH = "/refused/{}"  # of the upstream's gate: 429 until it opens

H2O_CONF = """\
num-threads: 1
max-connections: 16384
error-log: /dev/stderr
listen:
  host: 127.0.0.1
  port: {port}
hosts:
  default:
    paths:
      "/":
        proxy.reverse.url: "{url}"
        proxy.preserve-host: OFF
        proxy.header.set: "Authorization: Bearer {token}"
"""


def nghttpx(bench, upstream):
    """One worker, and a fixed token."""
    port = free_port()
    url = urlsplit(upstream.url)
    command = [program("nghttpx"), f"--frontend=127.0.0.1,{port};no-tls",
               f"--backend={url.hostname},{url.port}", "--workers=1", "--no-ocsp",
               "--accesslog-file=/dev/null", "--errorlog-file=/dev/stderr", "--conf=/dev/null",
               f"--add-request-header=Authorization: Bearer {upstream.token()}"]
    return Process(command, bench.cores.proxy, bench.directory / "nghttpx.log", port=port)


def h2o(bench, upstream):
    """One thread, and a fixed token."""
    port = free_port()
    conf = bench.write("h2o.conf", H2O_CONF.format(port=port, url=upstream.url,
                                                  token=upstream.token()))
    return Process([program("h2o"), "-c", conf], bench.cores.proxy, bench.directory / "h2o.log",
                   port=port)


PROXIES = {"nghttpx": nghttpx, "h2o": h2o, "bearer": bearer}
if not shutil.which("h2o"):  # Debian 13 has none
    del PROXIES["h2o"]


def run(bench, report):
    rounds = 2 if bench.quick else 5
    requests = REQUESTS // 6 if bench.quick else REQUESTS
    cpu, rates = defaultdict(list), defaultdict(list)
    with Upstream(bench) as upstream:
        running = {name: bench.enter(make(bench, upstream)) for name, make in PROXIES.items()}
        for proxy in running.values():
            proxy.wait_until_it_answers()
            load(bench, proxy, requests // 10)
        for number in range(rounds):
            for name, proxy in running.items():
                bench.progress(f"h2: round {number + 1}, {name}")
                before = proxy.cpu_seconds()
                seconds = load(bench, proxy, requests)
                cpu[name].append((proxy.cpu_seconds() - before) * 1e6 / requests)
                rates[name].append(requests / seconds)
        bench.leave()
        idle = {name: idle_memory(bench, make, upstream) for name, make in PROXIES.items()}
    to_nghttpx = {name: pairwise(cpu[name], cpu["nghttpx"]) for name in PROXIES}
    report.table(
        f"HTTP/2 from {CLIENTS} clients with {STREAMS} streams each",
        ("proxy", "requests/s", "CPU µs a request", "CPU to nghttpx", "memory of an idle client"),
        [(name, f"{median(rates[name]):.0f}", f"{median(cpu[name]):.1f}",
          spread(to_nghttpx[name]), kib(idle[name])) for name in PROXIES],
        f"By h2load, to an upstream of HTTP/1.1; medians of {rounds} rounds of {requests} requests "
        f"in turns. An idle client has made one request, {RESTS_AFTER_S} s ago; {IDLE_CLIENTS} "
        "of them.")
    held = held_memory(bench)
    report.target(f"memory of a stream held in backoff, {HELD_STREAMS} on one connection",
                  kib(held), "at most 3 KiB", held <= HELD_LIMIT)
    report.target("CPU a request over HTTP/2 to nghttpx", spread(to_nghttpx["bearer"]),
                  f"at most {CPU_LIMIT}", median(to_nghttpx["bearer"]) <= CPU_LIMIT)
    report.target("memory of an idle HTTP/2 client", kib(idle["bearer"]), "at most 4 KiB",
                  idle["bearer"] <= IDLE_LIMIT)


def load(bench, proxy, requests):
    """Seconds that it took."""
    command = ["taskset", "-c", ",".join(map(str, bench.cores.client)), program("h2load"),
               "-n", str(requests), "-c", str(CLIENTS), "-m", str(STREAMS),
               f"http://127.0.0.1:{proxy.port}{PATH}"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True).stdout
    if f"status codes: {requests} 2xx" not in said:
        raise Failure(f"{proxy.name} lost requests: {said[-1500:]}")
    took = re.search(r"finished in ([0-9.]+)(us|ms|s)", said)
    return float(took[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1}[took[2]]


def frame(kind, flags, stream, payload):
    return (len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") +
            payload)


# The preface, empty settings and their acknowledgement, and a window for all that comes.
HELLO = (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + frame(4, 1, 0, b"") +
         frame(8, 0, 0, (1 << 30).to_bytes(4, "big")))


def request(stream, path=PATH):
    """GET at 127.0.0.1, of literal and indexed fields (RFC 7541)."""
    block = (b"\x82\x86" + b"\x04" + bytes([len(path)]) + path.encode() + b"\x01\x09127.0.0.1")
    return frame(1, 5, stream, block)


def ended_streams(heard):
    """Those that ended by now, and what is left of the bytes."""
    at, ended = 0, set()
    while len(heard) - at >= 9:
        size = int.from_bytes(heard[at:at + 3], "big")
        if len(heard) - at < 9 + size:
            break
        kind, flags = heard[at + 3], heard[at + 4]
        if kind in (0, 1) and flags & 1:
            ended.add(int.from_bytes(heard[at + 5:at + 9], "big"))
        at += 9 + size
    return ended, heard[at:]


def talk(port):
    """A client that has begun to speak HTTP/2 and has had one answer."""
    client = socket.create_connection(("127.0.0.1", port), 5)
    client.sendall(HELLO + request(1))
    wait_for(client, {1})
    return client


def wait_for(client, streams):
    heard, ended = b"", set()
    while not streams <= ended:
        some = client.recv(65536)
        if not some:
            raise Failure("the proxy ended a connection on which it was asked")
        more, heard = ended_streams(heard + some)
        ended |= more


def held_memory(bench):
    """What each of a connection's streams costs while all wait for the end of a pause."""
    bench.progress(f"h2: {HELD_STREAMS} streams held")
    with Upstream(bench, gate_closed_for=CLOSED_SECONDS) as upstream, \
            bearer(bench, upstream) as proxy:
        proxy.wait_until_it_listens()
        client = socket.create_connection(("127.0.0.1", proxy.port), 60)
        streams = range(1, 2 * HELD_STREAMS, 2)
        client.sendall(HELLO + request(streams[0], HELD_PATH.format(1)))
        time.sleep(1)  # the token is there, and the pause has begun
        before = proxy.memory()
        client.sendall(b"".join(request(stream, HELD_PATH.format(stream)) for stream in streams[1:]))
        time.sleep(1)
        held = (proxy.memory() - before) / (HELD_STREAMS - 1)
        wait_for(client, set(streams))
        client.close()
        return held


def idle_memory(bench, make, upstream):
    with make(bench, upstream) as proxy:
        bench.progress(f"h2: {IDLE_CLIENTS} idle clients, {proxy.name}")
        proxy.wait_until_it_answers()
        warm = [talk(proxy.port) for _ in range(32)]
        time.sleep(RESTS_AFTER_S + 0.5)
        before = proxy.memory()
        clients = [talk(proxy.port) for _ in range(IDLE_CLIENTS)]
        time.sleep(RESTS_AFTER_S + 0.5)
        grown = proxy.memory() - before
        for client in warm + clients:
            client.close()
        return grown / IDLE_CLIENTS
