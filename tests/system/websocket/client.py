"""client.py URL BYTES: sends a word and then so many bytes through a WebSocket, and checks that
they come back. Says what it met; once its standard input ends it sends a last word, and closes."""

import asyncio
import os
import sys

from websockets.legacy.client import connect  # the interface that old and new versions have

# A ping of the library's own would be bytes that nobody counts, and its patience is shorter than
# the test's (tests/support/patience.h).
OPTIONS = {"compression": None, "max_size": None, "open_timeout": 110, "close_timeout": 110,
           "ping_interval": None}


async def exchange(socket, message):
    """Both ways at once: a large message is still being sent while its echo comes."""
    _, echoed = await asyncio.gather(socket.send(message), socket.recv())
    assert echoed == message


async def main(url, size):
    async with connect(url, **OPTIONS) as socket:
        print("attempts", socket.response_headers.get("Bearer-Proxy-Attempts", "1"), flush=True)
        await exchange(socket, "hello")
        await exchange(socket, os.urandom(size))
        print("echoed", flush=True)
        ended = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
        cut = asyncio.ensure_future(socket.wait_closed())
        await asyncio.wait((ended, cut), return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            await exchange(socket, "bye")
            await socket.close()
    print("closed", socket.close_code, flush=True)
    os._exit(0)  # the thread that reads standard input would hold us


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
