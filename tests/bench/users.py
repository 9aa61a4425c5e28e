"""The user of a loopback connection: what the question to the kernel costs (--allow-uid)."""

import json
import os
import subprocess

TARGET_US = 5


def run(bench, report):
    bench.progress("users: 20,000 connections")
    ran = subprocess.run([str(bench.build / "bearer-bench-users")], check=True, text=True,
                         stdout=subprocess.PIPE, timeout=120,
                         preexec_fn=lambda: os.sched_setaffinity(0, bench.cores.proxy))
    figures = json.loads(ran.stdout)
    report.table("The user of a connection, asked of the kernel", ("median", "p99", ""),
                 [(f"{figures['median_us']:.1f} µs", f"{figures['p99_us']:.1f} µs",
                   "once a connection, and only with --allow-uid")])
    report.target("the user of a connection", f"{figures['median_us']:.1f} µs",
                  f"at most {TARGET_US} µs", figures["median_us"] <= TARGET_US)
