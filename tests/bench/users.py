"""The user of a loopback connection: what the question to the kernel costs (--allow-uid)."""

TARGET_US = 5


def run(bench, report):
    bench.progress("users: 20,000 connections")
    (figures,) = bench.figures("bearer-bench-users")
    report.table("The user of a connection, asked of the kernel", ("median", "p99", ""),
                 [(f"{figures['median_us']:.1f} µs", f"{figures['p99_us']:.1f} µs",
                   "once a connection, and only with --allow-uid")])
    report.target("the user of a connection", f"{figures['median_us']:.1f} µs",
                  f"at most {TARGET_US} µs", figures["median_us"] <= TARGET_US)
