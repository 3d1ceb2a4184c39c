#!/usr/bin/env python3
"""Times `litemedcot evaluate` one question at a time, in batches and by likelihood.

Run: python3 bench/evaluate/run.py --build build --model assets/phantom/student --questions Q.jsonl [--limit 96]
Questions: a questions.jsonl of `prepare`; greedy replies of at most 64 tokens.
The time to start and to load the model (that of a run of one question) is taken off.
"""
import argparse
import json
import subprocess
import tempfile
import time


def ours(options, limit, extra):
    with tempfile.TemporaryDirectory() as out:
        start = time.monotonic()
        command = [options.build + "/litemedcot", "evaluate", "--model", options.model, "--questions", options.questions,
                   "--limit", str(limit), "--threads", str(options.threads), "--max-new-tokens", "64", "--out", out + "/run"]
        if options.adapter:
            command += ["--adapter", options.adapter]
        subprocess.run(command + extra, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds = time.monotonic() - start
        return seconds, json.load(open(out + "/run/result.json"))


def net(options, extra):
    """Questions a second, without the start."""
    start, _ = ours(options, 1, extra)
    whole, result = ours(options, options.limit, extra)
    return (options.limit - 1) / (whole - start), result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--model", required=True)
    parser.add_argument("--adapter", default="")
    parser.add_argument("--questions", required=True)
    for name, default in [("limit", 96), ("batch", 32), ("threads", 2)]:
        parser.add_argument("--" + name, type=int, default=default)
    options = parser.parse_args()
    rows = []
    for name, extra in [("ours, one at a time", ["--batch", "1"]),
                        (f"ours, batches of {options.batch}", ["--batch", str(options.batch)]),
                        ("ours, likelihood", ["--batch", str(options.batch), "--mode", "likelihood", "--reply", "answer"])]:
        rate, result = net(options, extra)
        rows.append((name, rate, result["predicted_letters"]))
    print("| | questions/s | ratio | letters given |\n|---|---|---|---|")
    for name, rate, letters in rows:
        print(f"| {name} | {rate:.2f} | {rate / rows[0][1]:.2f} | {letters} |")


if __name__ == "__main__":
    main()
