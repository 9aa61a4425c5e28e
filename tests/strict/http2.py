"""What becomes of frames that a client of HTTP/2 should not send, beside nghttpx, nginx and
HAProxy, which all speak HTTP/2 without TLS."""

import contextlib
from collections import Counter
from dataclasses import dataclass

import contenders
import frames
from requests_http2 import CASES, CONNECTION, IGNORED, PASSES, STREAM

_PROBE = 101  # the stream of a request that shows whether the connection goes on
_CASE_TARGETS = (b"/case", b"/other")


@dataclass(frozen=True)
class Verdict:
    ended: str  # the code with which the connection did; empty if it went on
    stream: str  # what became of the case's own stream; may be empty
    reached: bool  # the upstream got a request of the case's

    def __str__(self):
        said = [f"connection {self.ended}" if self.ended else "", self.stream,
                "reached the upstream" if self.reached else ""]
        return ", ".join(part for part in said if part) or "ignored"

    @property
    def kind(self):
        if self.ended:
            return CONNECTION
        if self.stream.startswith("answered 2"):
            return PASSES
        return STREAM if self.stream else IGNORED

    def meets(self, expected):
        """An error of a stream may be taken for one of the connection (RFC 9113 section 5.4.2)."""
        if expected == PASSES:
            return self.kind == PASSES and self.reached
        if expected == CONNECTION:
            return self.kind == CONNECTION
        if expected == IGNORED:
            return self.kind == IGNORED
        return self.kind in (STREAM, CONNECTION)


def _verdict(seen):
    heard = frames.hear(seen.answer)
    code = heard.goaway or 0
    ended = frames.CODES[code] if 0 < code < len(frames.CODES) else ""
    if not ended and _PROBE not in heard.statuses:
        ended = seen.ended  # without a word, or with NO_ERROR
    own = [stream for stream in (1, 2) if stream in heard.statuses or stream in heard.resets]
    stream = ""
    if own and heard.statuses.get(own[0]) is not None:
        stream = f"answered {heard.statuses[own[0]] or '?'}"
    elif own:
        code = heard.resets[own[0]]
        stream = f"reset {frames.CODES[code] if code < len(frames.CODES) else code}"
    asked = [line.split(b" ")[1] for got in seen.reached for line in got.split(b"\r\n")
             if line.endswith(b" HTTP/1.1") and line.count(b" ") >= 2]
    reached = any(target.startswith(_CASE_TARGETS) for target in asked)
    return Verdict(ended, stream, reached)


def _probe():
    """A request, and a farewell after which the connection ends."""
    return (frames.head(_PROBE, *frames.pseudo(path=b"/http2-probe")) +
            frames.frame(frames.GOAWAY, 0, 0, bytes(8)))


def run(stage_type, options, build, scratch):
    """Prints a table; returns what is not as it should be."""
    cases = [case for case in CASES if options.case in case.name]
    found = {case: {} for case in cases}
    for name in options.only if options.only != list(contenders.NAMES) else contenders.HTTP2_NAMES:
        if name not in contenders.HTTP2_NAMES:
            continue
        with stage_type() as stage, contenders.running(name, build, scratch, stage.port,
                                                       http2=True) as port:
            for case in cases:
                seen = stage.play_frames(port, frames.HELLO + case.frames + _probe(),
                                         options.patience.get(name, options.others_patience))
                found[case][name] = _verdict(seen)
    _print(found, options)
    return [line for case in cases for line in _failures(case, found[case])]


def _failures(case, verdicts):
    ours = verdicts.get("bearer")
    if ours and not ours.meets(case.expected):
        yield f"FAILED HTTP/2, {case.name}: {ours}; expected: {case.expected}"
    if ours and ours.reached and case.expected == CONNECTION:
        yield f"FAILED HTTP/2, {case.name}: it reached the upstream"


def _print(found, options):
    with contextlib.suppress(StopIteration):
        if len(next(iter(found.values()))) < 2 and not options.all:
            return
    names = list(next(iter(found.values()), {}))
    for case, verdicts in found.items():
        others = {verdict.kind for name, verdict in verdicts.items() if name != "bearer"}
        if options.all or others - {verdicts["bearer"].kind if "bearer" in verdicts else ""}:
            said = "; ".join(f"{name}: {verdict}" for name, verdict in verdicts.items())
            print(f"- {case.name} [RFC 9113 section {case.source}]\n    {said}")
            if case.why:
                print(f"    {case.why}")
    kinds = (CONNECTION, STREAM, PASSES, IGNORED)
    print("\n| frames of HTTP/2 | " + " | ".join(kinds) + " | as expected of ours |")
    print("| --- " * (len(kinds) + 2) + "|")
    for name in names:
        counts = Counter(verdicts[name].kind for verdicts in found.values())
        fine = sum(verdicts[name].meets(case.expected) for case, verdicts in found.items())
        print(f"| {name} | " + " | ".join(str(counts[kind]) for kind in kinds) +
              f" | {fine} of {len(found)} |")
    print()
