"""All cases. Names are unique, and every case has a source."""

from dataclasses import dataclass

import requests_chunks
import requests_connection
import requests_fields
import requests_framing
import requests_lines
import requests_targets
import responses_bodies
import responses_framing
import responses_heads

_REQUESTS = (requests_framing, requests_chunks, requests_lines, requests_fields, requests_targets,
             requests_connection)
_RESPONSES = (responses_framing, responses_heads, responses_bodies)


@dataclass(frozen=True)
class Cases:
    requests: list
    responses: list

    @property
    def everything(self):
        return self.requests + self.responses


def load(part=""):
    """Those whose names hold `part`."""
    cases = Cases(*[[case for table in tables for case in table.CASES]
                    for tables in (_REQUESTS, _RESPONSES)])
    names = [case.name for case in cases.everything]
    assert len(set(names)) == len(names), {name for name in names if names.count(name) > 1}
    assert all(case.source for case in cases.everything)
    return Cases(*[[case for case in side if part in case.name]
                   for side in (cases.requests, cases.responses)])
