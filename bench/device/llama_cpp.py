#!/usr/bin/env python3
"""llama.cpp beside the device engine: what it answers with our GGUF, and how fast it is.

    python3 bench/device/llama_cpp.py agree FILE.gguf FILE.lmcd QUESTIONS.jsonl [--program build/litemedcot]
    python3 bench/device/llama_cpp.py speed FILE.gguf... [--rounds 3] [--threads 2]

Needs llama.cpp's server as the Python package xllamacpp, a wheel that holds a build of it (`pip install xllamacpp` into an
environment of its own, whose python runs this). The vision tower is expected beside the file as mmproj-FILE.gguf, where
`litemedcot export --format gguf` puts it.

agree: both answer the questions greedily; prints how many replies and letters are the same, and where the others part.
speed: the figures of `litemedcot bench`, as Markdown: a prompt of 512 tokens, 64 tokens behind 600, a 512x512 image with
131 tokens until the first token, and peak memory; files take turns.
"""

import argparse
import base64
import contextlib
import json
import pathlib
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
import zlib

SERVE = """
import sys, time, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.mmproj.path = sys.argv[1], sys.argv[2]
params.port, params.n_ctx, params.cpuparams.n_threads = int(sys.argv[3]), 2048, int(sys.argv[4])
params.cpuparams_batch.n_threads = int(sys.argv[4])
params.hostnames, params.n_parallel, params.use_jinja, params.ui = ["127.0.0.1"], 1, True, False
server = xllamacpp.Server(params)
while True:
    time.sleep(1)
"""


class LlamaServer:
    """llama.cpp's server in a process of its own, whose memory is its alone."""

    def __init__(self, path, threads):
        path = pathlib.Path(path).resolve()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        tower = path.with_name("mmproj-" + path.name)
        self.process = subprocess.Popen([sys.executable, "-c", SERVE, path, tower, str(self.port), str(threads)],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        for _ in range(600):
            with contextlib.suppress(OSError):
                if self.ask("/health")["status"] == "ok":
                    return self
            if self.process.poll() is not None:
                sys.exit("llama.cpp's server did not start: is xllamacpp there?")
            time.sleep(0.2)
        sys.exit("llama.cpp's server did not start")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def ask(self, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body and json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=600) as reply:
            return json.load(reply)

    def peak_gb(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024 / 1e9


def evaluate(program, questions, out, *model):
    subprocess.run([program, "evaluate", *model, "--questions", questions, "--out", out], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return [json.loads(line) for line in (pathlib.Path(out) / "answers.jsonl").read_text().splitlines()]


def agree(args):
    with tempfile.TemporaryDirectory() as work:
        with LlamaServer(args.gguf, args.threads) as server:
            theirs = evaluate(args.program, args.questions, f"{work}/theirs", "--model", "m", "--concurrency", "1",
                              "--endpoint", f"http://127.0.0.1:{server.port}/v1")
        ours = evaluate(args.program, args.questions, f"{work}/ours", "--model", args.device_file)
    for one, other in zip(theirs, ours, strict=True):
        if one["reply"] == other["reply"]:
            continue
        at = next((i for i, pair in enumerate(zip(one["reply"], other["reply"])) if len(set(pair)) == 2),
                  min(len(one["reply"]), len(other["reply"])))
        print(f"{one['question_id']}, from byte {at} on: {one['reply'][at:at + 40]!r} | {other['reply'][at:at + 40]!r}")
    for key, what in (("reply", "the same reply"), ("letter", "the same letter")):
        print(f"{sum(one[key] == other[key] for one, other in zip(theirs, ours))} of {len(ours)} {what}")
    right = [sum(one["letter"] == one["gold"] for one in all_of) for all_of in (theirs, ours)]
    print(f"right: llama.cpp {right[0]}, device engine {right[1]}")


def grey_png(side):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((x * y) % 251 for x in range(side)) for y in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def measure(server):
    ids = [1000 + 7 * i % 5000 for i in range(600)]
    def complete(count, tokens):
        return server.ask("/completion", {"prompt": ids[:count], "n_predict": tokens, "cache_prompt": False,
                                          "ignore_eos": True})["timings"]

    prefill = complete(512, 1)["prompt_per_second"]
    decode = complete(600, 64)["predicted_per_second"]
    url = "data:image/png;base64," + base64.b64encode(grey_png(512)).decode()
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "word " * 122}]
    start = time.monotonic()
    reply = server.ask("/v1/chat/completions", {"messages": [{"role": "user", "content": content}], "max_tokens": 1,
                                                "cache_prompt": False})
    return {"prefill": prefill, "decode": decode, "first token": time.monotonic() - start,
            "prompt tokens": reply["usage"]["prompt_tokens"], "peak": server.peak_gb()}


def cell(figures, key, digits):
    values = [one[key] for one in figures]
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def speed(args):
    rounds = {path: [] for path in args.gguf}
    for _ in range(args.rounds):
        for path, figures in rounds.items():
            with LlamaServer(path, args.threads) as server:
                figures.append(measure(server))
    print("| file | prefill 512, tokens/s | decode at 600, tokens/s | image and text to the first token, s (prompt tokens) "
          "| peak, GB |\n|---|---|---|---|---|")
    for path, figures in rounds.items():
        print(f"| {pathlib.Path(path).name} | {cell(figures, 'prefill', 0)} | {cell(figures, 'decode', 1)} "
              f"| {cell(figures, 'first token', 2)} ({figures[0]['prompt tokens']}) "
              f"| {max(one['peak'] for one in figures):.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("agree")
    one.add_argument("gguf")
    one.add_argument("device_file")
    one.add_argument("questions")
    one.add_argument("--program", default="build/litemedcot")
    one.set_defaults(run=agree)
    other = commands.add_parser("speed")
    other.add_argument("gguf", nargs="+")
    other.add_argument("--rounds", type=int, default=3)
    other.set_defaults(run=speed)
    for command in (one, other):
        command.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
