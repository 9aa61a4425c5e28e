#!/usr/bin/env python3
"""The API and the token endpoint of a soak. Each answer follows from its request's target, so that the
clients know what has to come, and each request carries an id, under which its faults are kept.

  upstream.py SEED      writes where it listens, and ends with its standard input

  POST /oauth/token     a token of TOKEN_LIFE_S; now and then a fault
  GET  /item/ID/SIZE    so many bytes          GET /file/ID/SIZE    the same, with ranges
  POST /order/ID        carried out, counted   PUT /upload/ID       the SHA-256 of its body
  GET  /events/ID/N     pieces, one by one     GET /tunnel/ID       101, then an echo
  GET  /record/ID       the faults of this id  GET /counts          of all
"""

import asyncio
import collections
import hashlib
import json
import random
import socket
import struct
import sys
import time

TOKEN_LIFE_S = 5
LENIENT_S = 2  # a token that ends on its way is taken
REVOKED_EVERY_S = 7
FAULTY, TOKEN_FAULTY = 0.15, 0.3  # shares of the requests
IN_A_ROW_MAX = 2
PAUSE_EVERY_S = 4  # an answer that names a time stops the whole route
PIECE = 1 << 16
RECORDS_MAX = 100_000

LOST = {"reset", "closed without an answer", "cut in the head", "closed after the answer"}
CUT = "cut in the body"
TOKEN_FAULTS = ("500", "429", "slow", "reset", "HTML", "closed without an answer")


def content(name, size):
    """What stands under this name."""
    block = hashlib.sha256(name.encode()).hexdigest().encode() * 64
    return (block * (size // len(block) + 1))[:size]


class Gone(Exception):
    """The connection has ended, or is to end."""


class Deck:
    """Deals each of `kinds` as often as the others, in an order of its own."""

    def __init__(self, kinds, luck):
        self._kinds, self._luck, self._left = list(kinds), luck, []

    def draw(self):
        if not self._left:
            self._left = self._kinds[:]
            self._luck.shuffle(self._left)
        return self._left.pop()


class Tokens:
    """Given out, revoked all at once, and checked."""

    def __init__(self):
        self._given = {}  # token: (when, generation)
        self._generation, self._revoked = 0, time.monotonic()
        self.given = self.revocations = self.unknown = 0

    def give(self):
        self.given += 1
        now = time.monotonic()
        self._given = {token: one for token, one in self._given.items() if now - one[0] < 60}
        token = f"soak-{self.given}"
        self._given[token] = now, self._generation
        return token

    def revoke_now_and_then(self):
        if time.monotonic() - self._revoked > REVOKED_EVERY_S:
            self._revoked = time.monotonic()
            self._generation += 1
            self.revocations += 1

    def takes(self, field, refused):
        """`refused` is when the same request's first token was refused: one that was given since then
        is good, however soon all are revoked again. No proxy can be asked for more."""
        if field.removeprefix("Bearer ") not in self._given:
            self.unknown += 1
            return False
        when, generation = self._given[field.removeprefix("Bearer ")]
        if time.monotonic() - when > TOKEN_LIFE_S + LENIENT_S:
            return False
        return generation == self._generation or refused is not None and when > refused


class Api:
    """What all connections share."""

    def __init__(self, seed):
        self.luck = random.Random(seed)
        self.tokens = Tokens()
        self.records = collections.OrderedDict()  # by id: the faults made
        self.refused = {}  # by id: when its first token was
        self.carried_out = collections.Counter()
        self.made = collections.Counter()  # faults by kind
        self.requests = self.doubled = 0
        self._decks = {
            "token": Deck(TOKEN_FAULTS, self.luck),
            "any": Deck(("429", "503", "503 at once", "500", "502", "504", "408", "reset", CUT, "slow",
                         "closed without an answer", "cut in the head", "closed after the answer",
                         "before the end"), self.luck)}
        self._paused, self._token_faults = 0.0, collections.Counter()

    def fault_of_token(self, client):
        """One in a row at most: three of them take longer than a request waits for its token."""
        if self._token_faults[client] or self.luck.random() >= TOKEN_FAULTY:
            self._token_faults[client] = 0
            return None
        self._token_faults[client] += 1
        return self._note("a token: ", self._decks["token"].draw())

    def fault(self, request):
        record = self.records.get(request.id, [])
        if len(record) >= IN_A_ROW_MAX or self.luck.random() >= FAULTY:
            return None
        kind = self._decks["any"].draw()
        if kind in ("429", "503"):
            if time.monotonic() - self._paused < PAUSE_EVERY_S:
                return None
            self._paused = time.monotonic()
        if kind == "before the end" and not request.has_body:
            return None
        if kind == CUT and request.method == "PUT" or request.kind == "tunnel" and kind in (CUT, "slow"):
            return None
        self.keep(request.id, kind)
        return self._note("", kind)

    def keep(self, identity, kind):
        self.records.setdefault(identity, []).append(kind)
        if len(self.records) > RECORDS_MAX:
            self.refused.pop(self.records.popitem(last=False)[0], None)

    def _note(self, prefix, kind):
        self.made[prefix + kind] += 1
        return kind

    def counts(self):
        return {"requests": self.requests, "faults": dict(self.made), "orders": len(self.carried_out),
                "doubled": self.doubled, "tokens": self.tokens.given, "unknown": self.tokens.unknown,
                "revocations": self.tokens.revocations}


class Request:
    def __init__(self, head):
        line, *fields = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        self.method, self.target, _ = line.split(" ")
        self.fields = {name.lower(): value for name, _, value in (f.partition(": ") for f in fields)}
        self.kind, self.id, *rest = self.target.strip("/").split("/") + [""]
        self.size = int(rest[0]) if rest and rest[0].isdigit() else 0
        self.length = int(self.fields.get("content-length", 0))
        self.is_chunked = "transfer-encoding" in self.fields
        self.has_body = bool(self.length or self.is_chunked)


class Connection:
    def __init__(self, api, reader, writer):
        self._api, self._reader, self._writer = api, reader, writer
        self._request = None

    async def serve(self):
        try:
            while True:
                self._request = Request(await self._reader.readuntil(b"\r\n\r\n"))
                await self._answer(self._request)
        except (Gone, OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writer.close()

    async def _answer(self, request):
        if request.kind == "oauth":
            return await self._give_token()
        if request.kind in ("record", "counts"):
            about = self._api.counts() if request.kind == "counts" else \
                self._api.records.get(request.id, [])
            return await self._say(200, json.dumps(about))
        self._api.requests += 1
        self._api.tokens.revoke_now_and_then()
        if not self._api.tokens.takes(request.fields.get("authorization", ""),
                                      self._api.refused.get(request.id)):
            self._api.refused.setdefault(request.id, time.monotonic())
            self._api.keep(request.id, "401")
            await self._say(401, fields="WWW-Authenticate: Bearer error=\"invalid_token\"\r\n")
            return await self._body()
        return await self._meddle(request, self._api.fault(request))

    async def _meddle(self, request, kind):
        if kind == "before the end":
            await self._say(503)
            return await self._body()
        if kind == "reset" and request.has_body:
            await self._reader.read(PIECE)
            self._reset()
        body = await self._body()
        if kind == "reset":
            self._reset()
        if kind == "closed without an answer":
            raise Gone
        if kind == "cut in the head":
            await self._send(b"HTTP/1.1 200 OK\r\nContent-Le")
            raise Gone
        if kind in ("429", "503"):
            return await self._say(int(kind), fields="Retry-After: 0.5\r\n")
        if kind in ("500", "504", "503 at once"):
            return await self._say(int(kind[:3]))
        if kind in ("408", "502"):
            await self._say(int(kind), fields="Connection: close\r\n")
            raise Gone
        if kind == "slow":
            await asyncio.sleep(0.5)
        await getattr(self, f"_{request.kind}")(request, body, kind == CUT)
        if kind == "closed after the answer":
            raise Gone

    async def _item(self, request, _, is_cut):
        etag = f'"{request.id}-{request.size}"'
        first, status, ranges = 0, 200, ""
        if request.fields.get("range") and request.fields.get("if-range") in (None, etag):
            first = int(request.fields["range"].removeprefix("bytes=").split("-")[0])
            status = 206
            ranges = f"Content-Range: bytes {first}-{request.size - 1}/{request.size}\r\n"
        body = content(request.id, request.size)[first:]
        head = self._head(status, len(body), f"ETag: {etag}\r\n{ranges}")
        await self._send(head + (body[:len(body) // 2] if is_cut else body))
        if is_cut:
            raise Gone

    _file = _item

    async def _order(self, request, _, is_cut):
        self._api.carried_out[request.id] += 1
        is_keyed = "idempotency-key" in request.fields
        self._api.doubled += self._api.carried_out[request.id] > 1 and not is_keyed
        answer = json.dumps({"carried out": request.id})
        data = self._head(200, len(answer)) + answer.encode()
        await self._send(data[:-5] if is_cut else data)
        if is_cut:
            raise Gone

    async def _upload(self, _, body, __):
        await self._say(200, body)

    async def _events(self, request, _, is_cut):
        await self._send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for number in range(request.size // 2 if is_cut else request.size):
            piece = f"event {number} of {request.id}\n".encode()
            await self._send(b"%x\r\n%s\r\n" % (len(piece), piece))
            await asyncio.sleep(0.02)
        if is_cut:
            raise Gone
        await self._send(b"0\r\n\r\n")

    async def _tunnel(self, *_):
        await self._send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                         b"Upgrade: websocket\r\n\r\n")
        while data := await self._reader.read(PIECE):
            await self._send(data)
        raise Gone

    async def _give_token(self):
        await self._body()
        kind = self._api.fault_of_token(self._request.fields.get("authorization"))
        if kind == "reset":
            self._reset()
        if kind == "closed without an answer":
            raise Gone
        if kind == "500":
            return await self._say(500)
        if kind == "429":
            return await self._say(429, fields="Retry-After: 1\r\n")
        if kind == "HTML":
            return await self._say(502, "<html>502 Bad Gateway</html>")
        if kind == "slow":
            await asyncio.sleep(0.7)
        await self._say(200, json.dumps({"access_token": self._api.tokens.give(),
                                         "token_type": "Bearer", "expires_in": TOKEN_LIFE_S}))

    def _head(self, status, length, fields=""):
        """Tells which configuration the request came by."""
        seen = self._request.fields.get("x-soak", "none")
        return (f"HTTP/1.1 {status} -\r\nContent-Length: {length}\r\nX-Soak: {seen}\r\n"
                f"{fields}\r\n").encode()

    async def _say(self, status, body="{}", fields=""):
        await self._send(self._head(status, len(body), fields) + body.encode())

    async def _send(self, data):
        self._writer.write(data)
        await self._writer.drain()

    async def _body(self):
        """Reads it, and returns its SHA-256."""
        digest = hashlib.sha256()
        if self._request.is_chunked:
            while size := int(await self._reader.readuntil(b"\r\n"), 16):
                digest.update((await self._reader.readexactly(size + 2))[:-2])
            await self._reader.readexactly(2)
        left = self._request.length
        while left:
            piece = await self._reader.read(min(left, PIECE))
            if not piece:
                raise Gone
            digest.update(piece)
            left -= len(piece)
        return digest.hexdigest()

    def _reset(self):
        self._writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()
        raise Gone


async def main(seed):
    api = Api(seed)
    server = await asyncio.start_server(
        lambda reader, writer: Connection(api, reader, writer).serve(), "127.0.0.1", 0,
        limit=1 << 20, backlog=1024)
    print(f"listening on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
