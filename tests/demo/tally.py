"""What the sandbox counted, put into the words of the summary."""

import json
import urllib.request


class Tally:
    def __init__(self, stats):
        faults = stats["faults"]
        self.tokens = stats["tokens"]["issued"]
        self.revoked = stats["refused"]["revoked"]
        self.expired = stats["refused"]["expired"]
        self.unauthorized = sum(stats["refused"].values()) + faults["401"]
        self.rate_limited = faults["429"]
        self.server_errors = faults["5xx"]
        self.lost = faults["reset"]
        self.retries = self.rate_limited + self.server_errors + self.lost

    def line(self):
        return (
            f"{self.tokens} tokens, 401: {self.unauthorized}, 429: {self.rate_limited}, "
            f"5xx: {self.server_errors}, lost connections: {self.lost}"
        )


def ask(sandbox_url):
    # Straight to the sandbox, whatever proxy the environment names.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{sandbox_url}/sandbox/stats", timeout=5) as response:
        return Tally(json.load(response))
