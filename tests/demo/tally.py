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
        # A fault after a request was carried out is one of these two, it is not told which.
        self.server_errors = faults["5xx"] + faults["after"]
        self.lost = faults["reset"]
        self.faults = self.rate_limited + self.server_errors + self.lost
        self.outage_is_over = stats["outage"]["state"] == "over"
        self.outage_is_now = stats["outage"]["state"] == "now"
        self.outage_requests = stats["outage"]["requests"]
        self.quota_admitted = stats["quota"]["admitted"]
        self.quota_refused = stats["quota"]["refused"]
        self.cuts = stats["files"]["cut"]
        self.orders = stats["orders"]["carried_out"]
        self.orders_twice = stats["orders"]["twice"]

    def line(self):
        counts = (
            f"{self.tokens} tokens, 401: {self.unauthorized}, 429: {self.rate_limited}, "
            f"5xx: {self.server_errors}, lost connections: {self.lost}"
        )
        return counts + (", the API is down" if self.outage_is_now else "")


def ask(sandbox_url):
    # Straight to the sandbox, whatever proxy the environment names.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{sandbox_url}/sandbox/stats", timeout=5) as response:
        return Tally(json.load(response))
