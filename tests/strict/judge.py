"""What a proxy made of a case, by what both sides saw."""

import re
from dataclasses import dataclass

import lenient_reader
import stage
import strict_reader
from case import CASE_TARGET

AMBIGUOUS = "AMBIGUOUS"
# Fields that any proxy may change, drop or add, and those that it must.
_MANAGED = (b"host", b"connection", b"keep-alive", b"proxy-connection", b"te", b"via",
            b"authorization", b"upgrade", b"transfer-encoding", b"trailer", b"expect", b"server",
            b"date", b"x-forwarded-for")


@dataclass(frozen=True)
class Verdict:
    kind: str  # refused, cut, passed, waits, AMBIGUOUS
    status: int = 0  # of the first answer; 0 if there was none
    times: int = 0  # messages that came through
    manner: str = ""  # of what was passed: unchanged, normalised; of AMBIGUOUS: who differs

    def __str__(self):
        if self.kind == "passed":
            return self.manner + (f" ×{self.times}" if self.times > 1 else "")
        if self.kind == AMBIGUOUS:
            return f"{AMBIGUOUS} ({self.manner})"
        return f"{self.kind} {self.status or ''}".strip()

    def meets(self, expected):
        return (self.kind in expected.kinds and self.times == expected.times
                and expected.status in (0, self.status))


def of_request(case, seen):
    status = _first_status(seen.answer)
    difference = next(filter(None, map(_request_difference, seen.reached)), None)
    if difference:
        return Verdict(AMBIGUOUS, status, manner=difference)
    readings = [strict_reader.read_requests(stream) for stream in seen.reached]
    messages = [m for whole, _ in readings for m in whole if m.start[:2] != (b"GET", b"/probe")]
    if messages:
        unchanged = _holds_lines_of(case.raw, b"".join(seen.reached))
        return Verdict("passed", status, len(messages),
                       "unchanged" if unchanged else "normalised")
    if any(left for _, left in readings):
        return Verdict("cut", status)
    return Verdict("waits" if seen.ended == "silent" else "refused", status)


def of_response(case, seen):
    """For a client that asked for the case, then for the probe."""
    difference = _response_difference(case, seen) or _stray_request(seen)
    if difference:
        return Verdict(AMBIGUOUS, _first_status(seen.answer), manner=difference)
    messages, _ = strict_reader.read_responses(seen.answer, [case.method, b"GET"],
                                               seen.ended == "closed")
    final = [m for m in messages if int(m.start[0]) >= 200]
    if not final or (final[0].body == stage.PROBED and case.method != b"HEAD"):
        return Verdict("waits" if seen.ended == "silent" else "cut", _first_status(seen.answer))
    status = int(final[0].start[0])
    if status == 502 and b" 502 " not in case.raw:
        return Verdict("refused", status)
    if len(final) > 1 and final[1].body != stage.PROBED:
        return Verdict(AMBIGUOUS, status, manner="the next request gets an answer that is not its")
    unchanged = _holds_lines_of(case.raw, seen.answer)
    return Verdict("passed", status, 1, "unchanged" if unchanged else "normalised")


def _first_status(answer):
    match = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
    return int(match[1]) if match else 0


def _request_difference(stream):
    """Who reads what reached the upstream otherwise than the letter of the RFC; None if nobody."""
    try:
        strict = strict_reader.read_requests(stream)
    except strict_reader.Malformed as fault:
        return f"malformed: {fault}"
    for quirks in lenient_reader.ALL:
        if lenient_reader.read_requests(stream, quirks) != strict:
            return quirks.name
    return None


def _response_difference(case, seen):
    methods, closed = [case.method, b"GET"], seen.ended == "closed"
    try:
        strict = strict_reader.read_responses(seen.answer, methods, closed)
    except strict_reader.Malformed as fault:
        return f"malformed: {fault}"
    for quirks in lenient_reader.ALL:
        if lenient_reader.read_responses(seen.answer, methods, quirks, closed) != strict:
            return quirks.name
    return None


def _stray_request(seen):
    """What reached the upstream beside the case's request and the probe, if anything did."""
    for stream in seen.reached:
        difference = _request_difference(stream)
        if difference:
            return difference
        for message in strict_reader.read_requests(stream)[0]:
            if message.start[1] not in (CASE_TARGET, b"/probe"):
                return f"a request that nobody made: {message.start}"
    return None


def _holds_lines_of(raw, stream):
    """True if every line of the case's head came through but for the case of names, and its body
    as it was framed."""
    head, _, body = raw.partition(b"\r\n\r\n")
    line, *fields = head.split(b"\r\n")
    came = {_folded(other) for other in stream.split(b"\r\n")}
    wanted = {_folded(other) for other in fields if _name(other) not in _MANAGED}
    return line in came and wanted <= came and body in stream


def _name(line):
    return line.partition(b":")[0].lower()


def _folded(line):
    name, colon, value = line.partition(b":")
    return name.lower() + colon + value if colon and b" " not in name else line
