"""What it costs to hold the longest path to a route and to 30 rules of --deny-path."""

TARGET_US = 200


def run(bench, report):
    bench.progress("paths: seven kinds")
    figures = bench.figures("bearer-bench-paths")
    report.table("A path of 16 KiB held to its route and to 30 rules", ("path", "CPU time"),
                 [(figure["path"], f"{figure['microseconds']:.0f} µs") for figure in figures])
    worst = max(figure["microseconds"] for figure in figures)
    report.target("the worst path", f"{worst:.0f} µs", f"under {TARGET_US} µs", worst < TARGET_US)
