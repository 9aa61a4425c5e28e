"""Links inside JSON bodies: how fast they are rewritten on one core."""

TARGET = 300
NOTE = {"records": "a link in each record of 285 bytes, the measure",
        "links": "hardly anything but links", "texts": "long strings without links"}


def run(bench, report):
    bench.progress("links: three documents")
    figures = bench.figures("bearer-bench-links")
    report.table("Links inside JSON, rewritten by one core", ("document", "MB/s of CPU time", ""),
                 [(figure["document"], f"{figure['megabytes_a_second']:.0f}",
                   NOTE[figure["document"]]) for figure in figures])
    typical = figures[0]["megabytes_a_second"]
    report.target("JSON rewritten by one core", f"{typical:.0f} MB/s", f"at least {TARGET} MB/s",
                  typical >= TARGET)
