#!/usr/bin/env python3
"""Times `litemedcot evaluate` beside transformers `generate` and beside the bare prefill, by turns.

Run: PYTHON bench/evaluate/run.py --build build --model assets/phantom/student --questions Q.jsonl [--adapter DIR]
     [--device-file F.lmcd]
With a device file of the same model in f32 the device engine is timed too.
PYTHON needs torch, transformers, peft, pillow. Questions: a questions.jsonl of `prepare`. Greedy replies, f32.
Of ours, the time of a run of one question (start, loading) is taken off; the clock of the others starts after loading,
and with images prepared, which ours prepares as it goes. The greedy replies of both must be the same.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


def stage(options, model, limit, extra):
    """Seconds of a whole run, and its replies."""
    with tempfile.TemporaryDirectory() as out:
        start = time.monotonic()
        command = [options.build + "/litemedcot", "evaluate", *model, "--questions", options.questions,
                   "--limit", str(limit), "--threads", str(options.threads), "--max-new-tokens", str(options.tokens),
                   "--out", out + "/run"]
        subprocess.run(command + extra, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds = time.monotonic() - start
        return seconds, [json.loads(line).get("reply", "") for line in open(out + "/run/answers.jsonl")]


def ours(options, model, limit, extra):
    """Seconds for `limit` questions, without the start."""
    start, _ = stage(options, model, 1, extra)
    whole, replies = stage(options, model, limit + 1, extra)
    return whole - start, replies


def peer(options, batch):
    command = [sys.executable, HERE / "peer.py", "--model", options.model, "--questions", options.questions, "--limit",
               str(options.limit), "--batch", str(batch), "--threads", str(options.threads), "--tokens", str(options.tokens)]
    if options.adapter:
        command += ["--adapter", options.adapter]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    result = json.loads(done.stdout.splitlines()[-1])
    return result["seconds"], result["replies"]


def prefill(options, limit):
    done = subprocess.run([options.build + "/bench_prefill", options.model, options.questions, str(limit),
                           str(options.batch), str(options.threads)], check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--model", required=True)
    parser.add_argument("--adapter", default="")
    parser.add_argument("--device-file")
    parser.add_argument("--questions", required=True)
    for name, default in [("limit", 96), ("prefill-limit", 480), ("batch", 32), ("threads", 2), ("tokens", 96), ("rounds", 3)]:
        parser.add_argument("--" + name, type=int, default=default)
    options = parser.parse_args()
    rates, replies = {}, {}
    adapter = ["--adapter", options.adapter] if options.adapter else []
    engines = {"ours": ["--model", options.model, *adapter]}
    if options.device_file:
        engines["device engine"] = ["--model", options.device_file]
    likelihood = ["--batch", str(options.batch), "--mode", "likelihood", "--reply", "answer"]
    prefills, likelihoods = [], []

    def note(name, seconds, texts):
        rates.setdefault(name, []).append(options.limit / seconds)
        replies[name] = texts

    for _ in range(options.rounds):
        for name, model in engines.items():
            note(f"{name}, one at a time", *ours(options, model, options.limit, ["--batch", "1"]))
            note(f"{name}, batches of {options.batch}",
                 *ours(options, model, options.limit, ["--batch", str(options.batch)]))
        note("transformers, one at a time", *peer(options, 1))
        note(f"transformers, batches of {options.batch}", *peer(options, options.batch))
        prefills.append(prefill(options, options.prefill_limit))
        likelihoods.append(ours(options, ["--model", options.model], options.prefill_limit, likelihood)[0])
    base = statistics.mean(rates["transformers, one at a time"])
    print("| | questions/s | against transformers one at a time |\n|---|---|---|")
    for name, values in rates.items():
        print(f"| {name} | {statistics.mean(values):.2f} | {statistics.mean(values) / base:.2f} |")
    print(f"\nLikelihood of {options.prefill_limit} questions: {statistics.mean(likelihoods):.2f} s; bare prefill: "
          f"{statistics.mean(prefills):.2f} s; ratio {statistics.mean(likelihoods) / statistics.mean(prefills):.3f}")
    for name in engines:
        mine = replies[f"{name}, batches of {options.batch}"][:options.limit]
        same = sum(a.strip() == b.strip() for a, b in zip(mine, replies["transformers, one at a time"]))
        print(f"{name}: same greedy reply as transformers: {same} of {options.limit}")


if __name__ == "__main__":
    main()
