"""Thousands of orders that must not be carried out twice, through failures before and after they were
carried out."""

import collections
import json
import random
import threading
import time

import batch
from gateway import Gateway

ORDERS, QUICK_ORDERS = 10_000, 1_000
CLIENTS = 32
FAULTY = 0.25


async def before(status, exchange):
    await exchange.say(status)


async def after(status, exchange):
    await exchange.carry_out()
    await exchange.say(status)


async def reset_before(_, exchange):
    exchange.reset()


async def reset_after(_, exchange):
    await exchange.carry_out()
    exchange.reset()


async def revoke(_, exchange):
    await exchange.revoke_tokens()


# What is done, with which status, and how often beside the others.
FAULTS = {
    **{f"{status} before": (before, status, 10) for status in (500, 502, 504)},
    **{f"{status} after": (after, status, 10) for status in (500, 502, 504)},
    "reset before": (reset_before, None, 10),
    "reset after": (reset_after, None, 10),
    "503 before": (before, 503, 2),
    "all tokens revoked": (revoke, None, 1),
}


class Faults:
    """Meddles with a share of the orders."""

    def __init__(self, seed):
        self._random = random.Random(seed)
        self.made = collections.Counter()

    async def __call__(self, exchange):
        if self._random.random() >= FAULTY:
            return
        names, weights = list(FAULTS), [weight for _, _, weight in FAULTS.values()]
        name = self._random.choices(names, weights)[0]
        self.made[name] += 1
        act, status, _ = FAULTS[name]
        await act(status, exchange)


class Poster(threading.Thread):
    """Posts its orders, each once."""

    def __init__(self, base, ids):
        super().__init__(daemon=True)
        self._client, self._ids = batch.Client(base), ids
        self.done, self.failed = [], {}  # by id: the status, None if the connection broke off

    def run(self):
        for order in self._ids:
            try:
                self._client.call("POST", f"{self._client.base}/api/v2/orders", json.dumps({"id": order}))
                self.done.append(order)
            except batch.Failure as failure:
                self.failed[order] = failure.status


class Outcome:
    """What the clients and the sandbox say in the end."""

    def __init__(self, count, posters, carried_out, twice):
        self.count, self.carried_out, self.twice = count, carried_out, twice
        self.done = sum(len(poster.done) for poster in posters)
        self.failed = {order: status for poster in posters for order, status in poster.failed.items()}
        self.failed_but_carried_out = 0


def run(night, report):
    count = QUICK_ORDERS if night.quick else ORDERS
    night.progress(f"orders: {count:,}")
    faults, started = Faults(night.seed), time.monotonic()
    with night.sandbox() as sandbox:
        with Gateway(night.loop, sandbox.url, faults) as gateway, \
                night.proxy("orders", sandbox, gateway) as proxy:
            posters = post(proxy.url, [f"order-{number}" for number in range(count)])
        outcome = Outcome(count, posters, **night.stats(sandbox)["orders"])
        with night.proxy("look-up", sandbox) as direct:  # past the gateway
            outcome.failed_but_carried_out = sum(
                was_carried_out(direct.url, order) for order in outcome.failed)
    tell(report, faults, outcome, time.monotonic() - started)


def post(base, ids):
    posters = [Poster(base, ids[i::CLIENTS]) for i in range(CLIENTS)]
    for poster in posters:
        poster.start()
    for poster in posters:
        poster.join()
    return posters


def tell(report, faults, outcome, seconds):
    report.table(
        f"{outcome.count:,} orders by POST, {CLIENTS} at a time, {seconds:.0f} s", ("fault", "made"),
        [(name, faults.made[name]) for name in FAULTS])
    statuses = collections.Counter(outcome.failed.values())
    report.table(
        "What became of them", ("", "orders"),
        [("answered with success", outcome.done), ("failed visibly", len(outcome.failed)),
         ("of these, carried out", outcome.failed_but_carried_out),
         ("carried out", outcome.carried_out),
         *((f"failed with {status or 'a lost connection'}", n) for status, n in statuses.items())])
    report.target("orders: carried out twice", outcome.twice, "0", outcome.twice == 0)
    unheard = outcome.count - outcome.done - len(outcome.failed)
    # A success that was not carried out, and an order that was and nobody heard of, differ here.
    strays = outcome.carried_out - outcome.done - outcome.failed_but_carried_out
    report.target("orders: without an end, carried out against what the client was told",
                  f"{unheard}, {strays}", "0, 0", not (unheard or strays))


def was_carried_out(base, order):
    client = batch.Client(base)
    try:
        return client.call("GET", f"{base}/api/v2/orders/{order}")[1]["times"] > 0
    except batch.Failure as failure:
        if failure.status != 404:
            raise
        return False
