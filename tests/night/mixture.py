"""What an API answers on a bad night: every form of a fault that is known from the field, each about
as often as the others."""

import asyncio
import collections
import datetime
import email.utils
import random
import time

from gateway import Gone

FAULTY = 0.5  # of the requests
IN_A_ROW_MAX = 3  # of one request
TOO_EARLY_S = 0.02  # clocks are read in two processes


def http_date(seconds):
    return email.utils.formatdate(time.time() + seconds, usegmt=True)


def iso_date(seconds):
    moment = datetime.datetime.fromtimestamp(time.time() + seconds, datetime.timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch(seconds):
    return time.time() + seconds


class Says:
    """An answer of the gateway's own. Values that are callable are asked when it is sent. It may not
    be followed by the same request before `wait` seconds have passed."""

    def __init__(self, status, *fields, wait=0.0, body="{}", close=False):
        self._status, self._fields = status, fields
        self._body, self._close = body, close
        self.wait = wait

    async def __call__(self, exchange):
        fields = [(name, value() if callable(value) else value) for name, value in self._fields]
        await exchange.say(self._status, fields, self._body, self._close)


async def revoke(exchange):
    await exchange.revoke_tokens()


async def close_after_the_answer(exchange):
    await exchange.relay()
    raise Gone


async def reset(exchange):
    exchange.reset()


async def cut_in_the_head(exchange):
    answer = await exchange.carry_out()
    await exchange.send(answer.head()[:40])
    raise Gone


async def cut_in_the_body(exchange):
    answer = await exchange.carry_out()
    await exchange.send(answer.head() + answer.body[:len(answer.body) // 2])
    raise Gone


async def slow(_):
    await asyncio.sleep(1)


# A date has whole seconds, so that its wait may end up to a second earlier than was meant.
KINDS = {
    "429, Retry-After with a fraction": Says(429, ("Retry-After", "1.5"), wait=1.5),
    "429, Retry-After as a date": Says(429, ("Retry-After", lambda: http_date(2)), wait=1),
    "429, two Retry-After": Says(429, ("Retry-After", "1"), ("Retry-After", "2"), wait=2),
    "429, RateLimit's t": Says(429, ("RateLimit", '"default";r=0;t=2'), wait=2),
    "429, reset as an epoch in ms": Says(
        429, ("X-RateLimit-Reset", lambda: str(int(epoch(1.5) * 1000))), wait=1.5),
    "429, reset in ISO 8601": Says(
        429, ("X-RateLimit-Reset", lambda: iso_date(1.5)), wait=1.5),
    "429, retry-after-ms": Says(429, ("retry-after-ms", "1500"), wait=1.5),
    "429, Reset-After": Says(429, ("X-RateLimit-Reset-After", "1.5"), wait=1.5),
    "429, then close": Says(429, ("Retry-After", "1"), wait=1, close=True),
    "403, Retry-After": Says(403, ("Retry-After", "1"), wait=1),
    "403, nothing remains": Says(
        403, ("X-RateLimit-Remaining", "0"),
        ("X-RateLimit-Reset", lambda: str(int(epoch(2)))), wait=1),
    "408, then close": Says(408, close=True),
    "503, a date in the past": Says(503, ("Retry-After", lambda: http_date(-3600))),
    "503, Retry-After": Says(503, ("Retry-After", "1"), wait=1),
    "500": Says(500),
    "502 in HTML, then close": Says(502, ("Content-Type", "text/html"),
                                    body="<html>502 Bad Gateway</html>", close=True),
    "504": Says(504),
    "all tokens revoked": revoke,
    "closed after the answer": close_after_the_answer,
    "reset": reset,
    "cut in the head": cut_in_the_head,
    "cut in the body": cut_in_the_body,
    "slow": slow,
}


class Mixture:
    """Meddles with half of the requests, the kinds dealt as cards are."""

    def __init__(self, seed):
        self._random = random.Random(seed)
        self._deck = []
        self._in_a_row = collections.Counter()
        self._not_before = {}
        self.hits = 0
        self.made = collections.Counter()  # by kind
        self.early = 0  # requests that came again before they might
        self.cut_posts = 0

    @property
    def faults(self):
        return sum(self.made.values())

    async def __call__(self, exchange):
        self.hits += 1
        self.early += time.monotonic() + TOO_EARLY_S < self._not_before.pop(exchange.key, 0)
        if self._in_a_row[exchange.key] >= IN_A_ROW_MAX or self._random.random() >= FAULTY:
            self._in_a_row[exchange.key] = 0
            return
        self._in_a_row[exchange.key] += 1
        kind = self._draw()
        self.made[kind] += 1
        self.cut_posts += exchange.method == "POST" and kind == "cut in the body"
        act = KINDS[kind]
        if wait := getattr(act, "wait", 0):
            self._not_before[exchange.key] = time.monotonic() + wait
        await act(exchange)

    def _draw(self):
        if not self._deck:
            self._deck = list(KINDS)
            self._random.shuffle(self._deck)
        return self._deck.pop()
