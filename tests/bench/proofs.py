"""DPoP proofs: what one costs beside the bare signature."""

OVER = 1.1  # a tenth of a signature for all the rest


def run(bench, report):
    bench.progress("proofs: two kinds of key")
    figures = bench.figures("bearer-bench-proofs")
    report.table("DPoP proofs made by one core",
                 ("key", "bare signature, µs", "proof, µs", "ratio"),
                 [(figure["algorithm"], f"{figure['bare_us']:.1f}", f"{figure['proof_us']:.1f}",
                   f"{figure['proof_us'] / figure['bare_us']:.2f}") for figure in figures])
    ratio = figures[0]["proof_us"] / figures[0]["bare_us"]
    report.target("a DPoP proof to a bare P-256 signature", f"{ratio:.2f}", f"at most {OVER}",
                  ratio <= OVER)
