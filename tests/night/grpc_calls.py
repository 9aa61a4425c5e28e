"""Unary gRPC calls that must not fail, nor be carried out twice, while tokens are revoked and the
service's connections come and go."""

import json
import pathlib
import subprocess
import urllib.request

import stage

HERE = pathlib.Path(__file__).resolve().parent
CALLS, QUICK_CALLS = 100_000, 5_000
CLIENTS = 50
REVOKE_MS = 2_000
STREAMS_A_CONNECTION = 100
SHARE = 0.01  # of the calls that are refused, and of those that find the service unavailable


def run(night, report):
    calls = QUICK_CALLS if night.quick else CALLS
    night.progress(f"grpc: {calls:,} calls")
    argv = ["node", HERE / "grpc_upstream.js", night.seed, REVOKE_MS, STREAMS_A_CONNECTION, SHARE]
    with stage.Program("the service", [str(part) for part in argv], stdin=subprocess.PIPE) as service:
        tokens = service.read_url("tokens on")
        with night.proxy_before("grpc", tokens, service.url, ["--upstream-http", "2"]) as proxy:
            told = place(proxy.url, calls)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                f"{tokens}/counts", timeout=20) as answer:
            counts = json.load(answer)
    tell(report, told, counts)


def place(url, calls):
    """By Debian's own Python: its grpcio is for no other."""
    port = url.rsplit(":", 1)[1]
    done = subprocess.run(
        ["/usr/bin/python3", HERE / "grpc_clients.py", port, str(CLIENTS), str(calls)],
        stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def tell(report, told, counts):
    report.table(
        f"{told['calls']:,} gRPC calls from {CLIENTS} clients, {told['took_s']:.0f} s",
        ("at the service", "calls"),
        [("UNAUTHENTICATED", counts["unauthenticated"]), ("REFUSED_STREAM", counts["refused"]),
         ("UNAVAILABLE", counts["unavailable"]), ("GOAWAY", counts["goaways"]),
         ("connections", counts["connections"]), ("tokens given", counts["tokens"]),
         ("carried out", counts["carried_out"])])
    errors = sum(told["errors"].values())
    named = ", ".join(f"{name} {count}" for name, count in told["errors"].items())
    report.target("grpc: errors at the clients", named or 0, "0", errors == 0)
    report.target("grpc: answers of another call", told["wrong"], "0", told["wrong"] == 0)
    report.target("grpc: carried out twice", counts["twice"], "0", counts["twice"] == 0)
    missed = told["calls"] - errors - counts["carried_out"]
    report.target("grpc: answered and not carried out", missed, "0", missed == 0)
