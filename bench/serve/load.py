#!/usr/bin/env python3
"""`litemedcot serve` under the load of many clients, a third of whom leave in the middle of a reply.

    python3 bench/serve/load.py build/litemedcot MODEL --questions questions.jsonl --minutes 10

First one client at a time, then all. Prints progress to standard error and figures as JSON: replies by status, words a
second of completed replies in both phases, the time until a reply's first words, how long requests waited for the engine
(by the server's own histogram: the bound that 99 % stay below), and what memory the process held over time. MODEL may
be a device file; `--adapter FOLDER` goes with a folder.
"""

import argparse
import base64
import collections
import http.client
import json
import pathlib
import random
import re
import sys
import threading
import time
import urllib.request

from server import TOKEN, Server


def requests_of(path):
    bodies = []
    for line in pathlib.Path(path).read_text().splitlines():
        question = json.loads(line)
        image = (pathlib.Path(path).parent / question["image"]).read_bytes()
        url = "data:image/png;base64," + base64.b64encode(image).decode()
        options = "\n".join(f"{letter}: {text}" for letter, text in sorted(question["options"].items()))
        content = [{"type": "image_url", "image_url": {"url": url}},
                   {"type": "text", "text": f"{question['question']}\n{options}"}]
        bodies.append({"model": "m", "messages": [{"role": "user", "content": content}], "max_tokens": 160,
                       "stream": True, "stream_options": {"include_usage": True}})
    return bodies


class Client(threading.Thread):
    """Asks one question after the other until told to end."""

    def __init__(self, port, bodies, seed, leaves, ended):
        super().__init__()
        self.port, self.bodies, self.ended = port, bodies, ended
        self.random = random.Random(seed)
        self.leaves = leaves  # how often, 0 .. 1
        self.statuses = collections.Counter()
        self.faults = []
        self.first_piece_s = []
        self.tokens = 0

    def run(self):
        while not self.ended.is_set():
            try:
                self.ask()
            except (OSError, http.client.HTTPException) as fault:
                self.faults.append(repr(fault))

    def ask(self):
        body = json.dumps(self.random.choice(self.bodies)).encode()
        leaves_after = self.random.randint(0, 20) if self.random.random() < self.leaves else None
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        start = time.monotonic()
        connection.request("POST", "/v1/chat/completions", body,
                           {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"})
        if leaves_after == 0:
            self.statuses["left"] += 1
            connection.close()
            return
        reply = connection.getresponse()
        if reply.status != 200:
            self.statuses[str(reply.status)] += 1
            wait_s = float(reply.getheader("Retry-After") or 1)
            reply.read()
            connection.close()
            self.ended.wait(min(wait_s, 1))
            return
        pieces, tokens = 0, None
        for line in reply:
            # Parsed only where needed: the clients share the processor with the server.
            if b'"usage":{' in line:
                tokens = json.loads(line[len("data: "):])["usage"]["completion_tokens"]
            if b'"content":"' not in line or b'"content":""' in line:
                continue
            pieces += 1
            if pieces == 1:
                self.first_piece_s.append(time.monotonic() - start)
            if pieces == leaves_after:
                self.statuses["left"] += 1
                connection.close()
                return
        connection.close()
        if tokens is None:
            raise http.client.IncompleteRead(b"")
        self.statuses["200"] += 1
        self.tokens += tokens


def phase(server, bodies, clients, seconds, leaves):
    ended = threading.Event()
    crowd = [Client(server.port, bodies, seed, leaves, ended) for seed in range(clients)]
    start = time.monotonic()
    for client in crowd:
        client.start()
    rss_mb = []
    while time.monotonic() - start < seconds:
        time.sleep(min(10, seconds / 10))
        rss_mb.append(server.rss_mb("VmRSS"))
        print(f"load: {time.monotonic() - start:.0f} of {seconds:.0f} s, {clients} clients, "
              f"{sum(client.statuses['200'] for client in crowd)} replies, {rss_mb[-1]} MB", file=sys.stderr)
    ended.set()
    for client in crowd:
        client.join()
    taken = time.monotonic() - start
    first_s = sorted(piece for client in crowd for piece in client.first_piece_s)
    return {
        "clients": clients,
        "s": round(taken, 1),
        "statuses": dict(sum((client.statuses for client in crowd), collections.Counter())),
        "faults": [fault for client in crowd for fault in client.faults][:10],
        "tokens_per_s": round(sum(client.tokens for client in crowd) / taken, 1),
        "first_piece_s": {"median": round(first_s[len(first_s) // 2], 3),
                          "p99": round(first_s[len(first_s) * 99 // 100], 3)},
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
    bodies = requests_of(args.questions)
    more = ["--adapter", args.adapter] if args.adapter else []
    with Server(args, *more) as server:
        alone = phase(server, bodies, 1, 30, 0)
        together = phase(server, bodies, args.clients, 60 * args.minutes, 1 / 3)
        print(json.dumps({"alone": alone, "together": together, "wait_p99_below_s": wait_bound_s(server.port),
                          "gain": round(together["tokens_per_s"] / alone["tokens_per_s"], 2)}, indent=2))


if __name__ == "__main__":
    main()
