"""client.py URL BYTES NEXT: uploads so many bytes, once of known length and once in chunks, and says
what each got; after each it asks for NEXT with the same client, and says that status, too."""

import sys

import httpx


def pieces(size):
    while size > 0:
        yield b"x" * min(size, 65536)
        size -= 65536


def main(url, size, after):
    with httpx.Client(trust_env=False, timeout=60) as client:
        for content in (b"x" * size, pieces(size)):
            answer = client.put(url, content=content)
            print(answer.status_code, answer.text)
            print(client.get(after).status_code, flush=True)


main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
