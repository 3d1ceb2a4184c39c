#!/usr/bin/env python3
"""`litemedcot serve` under the load of many clients, a third of whom leave in the middle of a reply.

    python3 bench/serve/load.py build/litemedcot MODEL --questions questions.jsonl --minutes 10

First one client at a time, then all. Prints progress to standard error and figures as JSON: replies by status, tokens a
second in both phases (of a reply whose client left, the pieces that came), the time until a reply's first words, how long
requests waited for the engine (by the server's own histogram: the bound that 99 % stay below), the processor time of server
and clients, and what memory the server held over time. MODEL may be a device file; `--adapter FOLDER` goes with a folder.
"""

import argparse
import base64
import collections
import heapq
import itertools
import json
import pathlib
import random
import re
import selectors
import socket
import sys
import time
import urllib.request

from server import TOKEN, Server

PIECE, EMPTY_PIECE = b'"content":"', b'"content":""'


def requests_of(path):
    requests = []
    for line in pathlib.Path(path).read_text().splitlines():
        question = json.loads(line)
        image = (pathlib.Path(path).parent / question["image"]).read_bytes()
        url = "data:image/png;base64," + base64.b64encode(image).decode()
        options = "\n".join(f"{letter}: {text}" for letter, text in sorted(question["options"].items()))
        content = [{"type": "image_url", "image_url": {"url": url}},
                   {"type": "text", "text": f"{question['question']}\n{options}"}]
        body = json.dumps({"model": "m", "messages": [{"role": "user", "content": content}], "max_tokens": 160,
                           "stream": True, "stream_options": {"include_usage": True}}).encode()
        head = (f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n")
        requests.append(head.encode() + body)
    return requests


class Figures:
    """What the clients of one phase saw."""

    def __init__(self):
        self.statuses = collections.Counter()
        self.faults = []
        self.first_piece_s = []
        self.tokens = 0


class Client:
    """Asks one question after the other; takes what comes in blocks, as it shares the processor with the server."""

    def __init__(self, port, requests, seed, leaves, figures):
        self.port, self.requests, self.leaves, self.figures = port, requests, leaves, figures
        self.random = random.Random(seed)
        self.socket = None

    def ask(self):
        self.leaves_after = self.random.randint(0, 20) if self.random.random() < self.leaves else None
        self.unread, self.status, self.pieces, self.tokens = b"", None, 0, None
        self.start = time.monotonic()
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self.socket.sendall(self.random.choice(self.requests))
        self.socket.setblocking(False)

    def take(self):
        """Reads what is there; how long to rest once the request has ended, or None."""
        try:
            block = self.socket.recv(1 << 16)
        except OSError as fault:
            return self.fail(repr(fault))
        self.unread += block
        if self.status is None:
            head, end, self.unread = self.unread.partition(b"\r\n\r\n")
            if not end:
                self.unread = head
                return None if block else self.fail("no head")
            self.status = head.split(b" ", 2)[1].decode()
            self.retry_s = float((re.search(rb"(?i)\r\nretry-after: *(\d+)", head) or [0, 1])[1])
        if self.status == "200":
            self.take_events()
            if self.leaves_after is not None and self.pieces >= self.leaves_after:
                self.figures.tokens += self.pieces
                return self.end("left", 0)
        if block:
            return None
        if self.status != "200":
            return self.end(self.status, min(self.retry_s, 1))
        if self.tokens is None:
            return self.fail("a reply without its end")
        self.figures.tokens += self.tokens
        return self.end("200", 0)

    def take_events(self):
        whole, end, rest = self.unread.rpartition(b"\n\n")
        if not end:
            return
        self.unread = rest
        pieces = whole.count(PIECE) - whole.count(EMPTY_PIECE)
        if pieces and not self.pieces:
            self.figures.first_piece_s.append(time.monotonic() - self.start)
        self.pieces += pieces
        if b'"usage":{' in whole:
            self.tokens = int(re.search(rb'"completion_tokens":(\d+)', whole)[1])

    def fail(self, fault):
        self.figures.faults.append(fault)
        return self.end("fault", 1)

    def end(self, status, rest_s):
        self.figures.statuses[status] += 1
        self.socket.close()
        return rest_s


def phase(server, requests, clients, seconds, leaves):
    figures = Figures()
    order = itertools.count()
    resting = [(0, next(order), Client(server.port, requests, seed, leaves, figures)) for seed in range(clients)]
    selector = selectors.DefaultSelector()
    start = said = time.monotonic()
    server_cpu_s, clients_cpu_s = server.cpu_s(), time.process_time()
    rss_mb = []
    while (now := time.monotonic()) < start + seconds or selector.get_map():
        while resting and resting[0][0] <= now < start + seconds:
            client = heapq.heappop(resting)[2]
            client.ask()
            selector.register(client.socket, selectors.EVENT_READ, client)
        for key, _ in selector.select(timeout=0.05):
            client = key.data
            rest_s = client.take()
            if rest_s is not None:
                selector.unregister(key.fileobj)
                heapq.heappush(resting, (now + rest_s, next(order), client))
        if now - said >= min(10, seconds / 10):
            said = now
            rss_mb.append(server.rss_mb("VmRSS"))
            print(f"load: {now - start:.0f} of {seconds:.0f} s, {clients} clients, "
                  f"{figures.statuses['200']} replies, {rss_mb[-1]} MB", file=sys.stderr)
    taken = time.monotonic() - start
    first_s = sorted(figures.first_piece_s)
    return {
        "clients": clients,
        "s": round(taken, 1),
        "statuses": dict(figures.statuses),
        "faults": dict(collections.Counter(figures.faults).most_common(10)),
        "tokens_per_s": round(figures.tokens / taken, 1),
        "first_piece_s": {"median": round(first_s[len(first_s) // 2], 3),
                          "p99": round(first_s[len(first_s) * 99 // 100], 3)},
        "cores": {"server": round((server.cpu_s() - server_cpu_s) / taken, 2),
                  "clients": round((time.process_time() - clients_cpu_s) / taken, 2)},
        "rss_mb": {"first_tenth": max(rss_mb[:max(1, len(rss_mb) // 10)]), "last": rss_mb[-1], "most": max(rss_mb)},
    }


def wait_bound_s(port):
    """The least bound of the histogram that 99 % of the waits stay below."""
    with urllib.request.urlopen(urllib.request.Request(
            f"http://127.0.0.1:{port}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}), timeout=60) as reply:
        text = reply.read().decode()
    buckets = [(bound, int(count)) for bound, count in
               re.findall(r'wait_seconds_bucket\{le="([^"]+)"\} (\d+)', text)]
    return next(bound for bound, count in buckets if count >= 0.99 * buckets[-1][1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("model")
    parser.add_argument("--adapter")
    parser.add_argument("--questions", required=True)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=64)
    args = parser.parse_args()
    requests = requests_of(args.questions)
    more = ["--adapter", args.adapter] if args.adapter else []
    with Server(args, *more) as server:
        alone = phase(server, requests, 1, 30, 0)
        together = phase(server, requests, args.clients, 60 * args.minutes, 1 / 3)
        print(json.dumps({"alone": alone, "together": together, "wait_p99_below_s": wait_bound_s(server.port),
                          "gain": round(together["tokens_per_s"] / alone["tokens_per_s"], 2)}, indent=2))


if __name__ == "__main__":
    main()
