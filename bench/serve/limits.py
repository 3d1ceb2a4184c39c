#!/usr/bin/env python3
"""How `litemedcot serve` fares under load and under clients that mean no good, in JSON, a line for each.

    python3 bench/serve/limits.py build/litemedcot assets/phantom/student

Each measurement has a server of its own. `rss_mb` is the most the server's process filled.
"""

import argparse
import base64
import concurrent.futures
import contextlib
import json
import os
import struct
import subprocess
import threading
import time
import zlib

from server import Server


def streams(args):
    """Tokens a second of 8 streamed replies at once."""
    with Server(args) as server:

        def one(number):
            _, body = server.ask(
                f"Describe what a chest X-ray shows, number {number}.",
                stream=True,
                stream_options={"include_usage": True},
                max_tokens=args.tokens,
                temperature=2,
                seed=number,
            )
            usage = [line for line in body.split(b"\n\n") if b'"usage":{' in line][-1]
            return json.loads(usage[len("data: ") :])["usage"]["completion_tokens"]

        rates, num_tokens = [], 0
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(one, range(8)))
            before_s = server.cpu_s()
            for _ in range(3):
                start = time.monotonic()
                total = sum(pool.map(one, range(8)))
                rates.append(round(total / (time.monotonic() - start)))
                num_tokens += total
        return {
            "tokens_per_s": sorted(rates)[1],
            "of": rates,
            "cpu_ms_per_token": round(1000 * (server.cpu_s() - before_s) / num_tokens, 2),
            "rss_mb": server.rss_mb(),
        }


def teach(args):
    """Replies a second that `teach` gets, 32 requests with an image each at once."""
    if args.questions is None:
        return None
    with Server(args) as server:
        ledger = os.path.join(server.folder.name, "ledger.jsonl")
        command = [args.program, "teach", "--questions", args.questions, "--endpoint", server.url]
        before_s = server.cpu_s()
        start = time.monotonic()
        subprocess.run(
            [*command, "--model", "m", "--concurrency", "32", "--max-tokens", "32", "--out", ledger],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,  # what the student says is no explanation
        )
        seconds = time.monotonic() - start
        num_replies = sum(1 for _ in open(ledger))
        return {
            "replies_per_s": round(num_replies / seconds, 1),
            "cpu_ms_per_reply": round(1000 * (server.cpu_s() - before_s) / num_replies, 1),
            "rss_mb": server.rss_mb(),
        }


def slow_connections(args):
    """The time /health takes while 400 connections send a byte now and then."""
    with Server(args) as server:
        slow = [server.connect() for _ in range(400)]
        for connection in slow:
            connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX: ")
        ended = threading.Event()

        def drip():
            while not ended.wait(1):
                for connection in slow:
                    with contextlib.suppress(OSError):
                        connection.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            times = []
            for _ in range(5):
                try:
                    times.append(round(server.health_s(), 4))
                except OSError:
                    times.append(None)  # not within a minute
                    break
        finally:
            ended.set()
            thread.join()
        return {"health_s": times, "rss_mb": server.rss_mb()}


def bodies_without_token(args):
    """What 20 bodies of 60 MB take of clients that show no token."""
    with Server(args, "--api-key-env", "BENCH_SERVE_TOKEN") as server:
        before = server.rss_mb("VmRSS")
        megabyte = b" " * 1_000_000

        def push(_):
            with server.connect() as connection, contextlib.suppress(OSError):
                connection.sendall(
                    b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                    b"Content-Type: application/json\r\nContent-Length: 60000001\r\n\r\n"
                )
                for _ in range(60):  # the last byte never comes
                    connection.sendall(megabyte)
                time.sleep(2)

        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            list(pool.map(push, range(20)))
        return {"rss_mb_before": before, "rss_mb": server.rss_mb()}


def png(width, height):
    def chunk(kind, data):
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    packer = zlib.compressobj(9)
    row = bytes(width + 1)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def images(args):
    """What 40 images of 178 million pixels take, and how long a small one waits beside them."""

    def content(width, height):
        url = "data:image/png;base64," + base64.b64encode(png(width, height)).decode()
        return [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "?"}]

    huge, small = content(13350, 13333), content(64, 64)
    with Server(args) as server:
        before = server.rss_mb("VmRSS")
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(args.images) as pool:
            replies = pool.map(lambda _: server.ask(huge, max_tokens=1), range(args.images))
            time.sleep(2)
            begin = time.monotonic()
            small_status, _ = server.ask(small, max_tokens=1)
            small_s = time.monotonic() - begin
            statuses = sorted(status for status, _ in replies)
        return {
            "rss_mb_before": before,
            "rss_mb": server.rss_mb(),
            "s": round(time.monotonic() - start, 1),
            "statuses": {status: statuses.count(status) for status in set(statuses)},
            "small": [small_status, round(small_s, 2)],
        }


def main():
    measurements = [streams, teach, slow_connections, bodies_without_token, images]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("model")
    parser.add_argument("--tokens", type=int, default=400, help="of a streamed reply")
    parser.add_argument("--questions", help="questions.jsonl for `teach`, which is left out without")
    parser.add_argument("--images", type=int, default=40, help="that are sent at once")
    names = [measurement.__name__ for measurement in measurements]
    parser.add_argument("--only", choices=names, action="append")
    args = parser.parse_args()
    for measurement in measurements:
        if args.only is None or measurement.__name__ in args.only:
            print(json.dumps({measurement.__name__: measurement(args)}), flush=True)


if __name__ == "__main__":
    main()
