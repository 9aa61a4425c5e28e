"""A WebSocket echo behind a token, until its standard input ends. Prints its port, then a line for
each handshake. The first token that it sees is refused, as one that was revoked; which one that was
it tells nobody."""

import asyncio
import http
import sys

from websockets.legacy.server import serve  # the interface that old and new versions have

CHALLENGE = ("WWW-Authenticate", 'Bearer error="invalid_token"')
REFUSAL = (http.HTTPStatus.UNAUTHORIZED, [CHALLENGE], b"")
# A ping of the library's own would be bytes that nobody counts, and its patience is shorter than
# the test's (tests/support/patience.h).
OPTIONS = {"compression": None, "max_size": None, "close_timeout": 110, "ping_interval": None}


class Gate:
    def __init__(self):
        self._revoked = None

    async def judge(self, _path, fields):
        token = fields.get("Authorization", "")
        self._revoked = self._revoked or token
        verdict = "no token"
        if token.startswith("Bearer "):
            verdict = "refused" if token == self._revoked else "accepted"
        print(verdict, flush=True)
        return None if verdict == "accepted" else REFUSAL


async def echo(socket):
    async for message in socket:
        await socket.send(message)


async def main():
    async with serve(echo, "127.0.0.1", 0, process_request=Gate().judge, **OPTIONS) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.read)


asyncio.run(main())
