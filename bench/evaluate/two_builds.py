#!/usr/bin/env python3
"""Times the stages that put questions to a model with two builds of this program, by turns.

Run: bench/evaluate/two_builds.py --before OLD/litemedcot --after build/litemedcot --model DIR --questions Q.jsonl
     [--adapter DIR]
Of each time, that of a run of one question (start, loading) is taken off. Greedy replies of both builds must be the
same; the sampled ones are too, unless two tokens were equal to rounding.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

SAMPLES = ["--samples", "8", "--temperature", "0.7"]
TASKS = {
    "replies, batches of 32": ("evaluate", ["--batch", "32"], "answers.jsonl"),
    "replies, one at a time": ("evaluate", ["--batch", "1"], "answers.jsonl"),
    "reasoned-likelihood": ("evaluate", ["--batch", "32", "--mode", "reasoned-likelihood"], "answers.jsonl"),
    "likelihood": ("evaluate", ["--batch", "32", "--mode", "likelihood", "--reply", "answer"], "answers.jsonl"),
    "8 samples": ("evaluate", ["--batch", "32"] + SAMPLES, "answers.jsonl"),
    "occlusion maps": ("ground", ["--reply", "reasoning", "--conditions", "real", "--maps", "{maps}"], "maps.jsonl"),
}


def run(program, options, task, limit, maps):
    """Seconds of a whole run, and its lines."""
    stage, extra, lines = TASKS[task]
    with tempfile.TemporaryDirectory() as out:
        start = time.monotonic()
        command = [program, stage, "--model", options.model, "--questions", options.questions, "--limit", str(limit),
                   "--threads", str(options.threads), "--max-new-tokens", str(options.tokens), "--out", out + "/run"]
        if options.adapter:
            command += ["--adapter", options.adapter]
        command += [word.format(maps=maps) for word in extra]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds = time.monotonic() - start
        path = pathlib.Path(out) / "run" / lines
        return seconds, [json.loads(line) for line in open(path)] if path.exists() else []


def alike(first, second):
    """Texts are the same; numbers, to the rounding of the sums they are made of."""
    if isinstance(first, list):
        return len(first) == len(second) and all(abs(a - b) < 1e-3 for a, b in zip(first, second))
    return first == second


def main():
    parser = argparse.ArgumentParser()
    for name in ["before", "after", "model", "questions"]:
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--adapter", default="")
    for name, default in [("limit", 128), ("maps", 4), ("threads", 2), ("tokens", 96), ("rounds", 3)]:
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--task", action="append", choices=list(TASKS), help="default: all")
    options = parser.parse_args()
    print("| | before, s | after, s | times faster | same lines |\n|---|---|---|---|---|")
    for task in options.task or TASKS:
        # Maps are made on top of the answers of all questions: few questions, so that maps are what is timed.
        limit = options.maps if task == "occlusion maps" else options.limit
        times, lines = {"before": [], "after": []}, {}
        for _ in range(options.rounds):
            for build in times:
                program = getattr(options, build)
                start, _ = run(program, options, task, 1, 0)
                whole, lines[build] = run(program, options, task, limit, options.maps)
                times[build].append(whole - start)
        key = "values" if task == "occlusion maps" else "letter" if "likelihood" in task else "reply"
        same = sum(alike(a.get(key), b.get(key)) for a, b in zip(lines["before"], lines["after"]))
        before, after = (statistics.mean(times[build]) for build in ["before", "after"])
        print(f"| {task} | {before:.2f} | {after:.2f} | {before / after:.2f} | {same} of {len(lines['after'])} |",
              flush=True)


if __name__ == "__main__":
    main()
