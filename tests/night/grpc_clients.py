#!/usr/bin/env python3
"""Clients of a gRPC service that know nothing of tokens: each makes its calls one after the other.

  /usr/bin/python3 grpc_clients.py PORT CLIENTS CALLS [FIRST]

Their calls are numbered from FIRST on. Writes {"calls", "errors": {status: count}, "wrong", "took_s"}. An answer is its call's own message.
"""

import asyncio
import collections
import json
import sys
import time

import grpc


async def client(port, number, calls, first, errors, wrong):
    options = [("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1),
               ("grpc.enable_http_proxy", 0)]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
        call = channel.unary_unary("/night.Orders/Place")
        for one in range(first, first + calls):
            message = f"order {number} {one}".encode()
            try:
                answer = await call(message, timeout=120)
            except grpc.aio.AioRpcError as error:
                errors[error.code().name] += 1
                continue
            if answer != message:
                wrong.append(message)


async def main():
    port, clients, calls, first = (int(argument) for argument in [*sys.argv[1:], 0][:4])
    errors, wrong = collections.Counter(), []
    began = time.monotonic()
    await asyncio.gather(*(client(port, number, calls // clients, first, errors, wrong)
                           for number in range(clients)))
    print(json.dumps({"calls": calls // clients * clients, "errors": errors, "wrong": len(wrong),
                      "took_s": round(time.monotonic() - began, 1)}))


asyncio.run(main())
