"""What is printed: where the proxies differ and why ours is right, sums, and what failed."""

from collections import Counter

from judge import AMBIGUOUS


def write(cases, found, options):
    """The exit status."""
    if len(options.only) > 1 or options.all:
        _differences(found, options)
        _sums("requests", cases.requests, found, options.only)
        _sums("responses", cases.responses, found, options.only)
    if "bearer" not in options.only:
        return 0
    failures = [line for case in cases.everything for line in _failures(case, found[case])]
    for line in failures:
        print(line)
    print(f"strict: {len(cases.requests)} requests and {len(cases.responses)} responses, "
          f"{len(failures)} not as they should be")
    return 1 if failures else 0


def _failures(case, verdicts):
    ours = verdicts["bearer"]
    if ours.kind == AMBIGUOUS:
        yield f"FAILED {case.name}: {ours}"
    elif not ours.meets(case.expected):
        answered = ours.status or "nothing"
        yield f"FAILED {case.name}: {ours}, answered {answered}; expected: {case.expected}"
    if _differ(verdicts) and not case.why:
        yield f"FAILED {case.name}: others do otherwise, and nothing says why ours is right"


def _differ(verdicts):
    """Whether the message came through counts, not with which words it was refused."""
    return len({(verdict.kind == "passed", verdict.times, verdict.kind == AMBIGUOUS)
                for verdict in verdicts.values()}) > 1


def _differences(found, options):
    for case, verdicts in found.items():
        if not (options.all or _differ(verdicts)):
            continue
        said = "; ".join(f"{name}: {verdict}" for name, verdict in verdicts.items())
        print(f"- {case.name} [{case.source}]\n    {said}")
        if case.why:
            print(f"    {case.why}")


def _sums(what, cases, found, names):
    kinds = ("refused", "cut", "unchanged", "normalised", "waits", AMBIGUOUS)
    print(f"\n| {what} | " + " | ".join(kinds) + " |")
    print("| --- " * (len(kinds) + 1) + "|")
    for name in names:
        counts = Counter(_column(found[case][name]) for case in cases)
        print(f"| {name} | " + " | ".join(str(counts[kind]) for kind in kinds) + " |")
    print()


def _column(verdict):
    return verdict.manner if verdict.kind == "passed" else verdict.kind
