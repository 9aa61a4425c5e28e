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


def run(night, report):
    count = QUICK_ORDERS if night.quick else ORDERS
    night.progress(f"orders: {count:,}")
    faults = Faults(night.seed)
    started = time.monotonic()
    with night.sandbox() as sandbox, \
            Gateway(night.loop, sandbox.url, faults) as gateway, \
            night.proxy("orders", sandbox, gateway) as proxy:
        ids = [f"order-{number}" for number in range(count)]
        posters = [Poster(proxy.url, ids[i::CLIENTS]) for i in range(CLIENTS)]
        for poster in posters:
            poster.start()
        for poster in posters:
            poster.join()
        seconds = time.monotonic() - started
        counted = night.stats(sandbox)["orders"]
        failed = {order: status for poster in posters for order, status in poster.failed.items()}
        with night.proxy("look-up", sandbox) as direct:  # past the gateway
            had_been = sum(was_carried_out(direct.url, order) for order in failed)
    done = sum(len(poster.done) for poster in posters)
    report.table(f"{count:,} orders by POST, {CLIENTS} at a time, {seconds:.0f} s", ("fault", "made"),
                 [(name, faults.made[name]) for name in FAULTS])
    statuses = collections.Counter(failed.values())
    report.table(
        "What became of them", ("", "orders"),
        [("answered with success", done), ("failed visibly", len(failed)),
         ("of these, carried out", had_been), ("carried out", counted["carried_out"]),
         *((f"failed with {status or 'a lost connection'}", n) for status, n in statuses.items())])
    report.target("orders: carried out twice", counted["twice"], "0", counted["twice"] == 0)
    unseen = count - done - len(failed)
    # A success that was not carried out, or one that was carried out and nobody heard of, differs here.
    strays = counted["carried_out"] - done - had_been
    report.target("orders: without an end, or another than the client was told", f"{unseen}, {strays}",
                  "0, 0", not (unseen or strays))


def was_carried_out(base, order):
    client = batch.Client(base)
    try:
        return client.call("GET", f"{base}/api/v2/orders/{order}")[1]["times"] > 0
    except batch.Failure as failure:
        if failure.status != 404:
            raise
        return False
