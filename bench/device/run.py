#!/usr/bin/env python3
"""How fast the device engine runs Qwen3-VL-2B's shape here, as the table of docs/DEVICE.md.

Run: python3 bench/device/run.py MODEL_FOLDER [--build build] [--work FOLDER] [--rounds 5] [--tiers avx2 ...]
     [--weights int4 int8] [--threads 2]
MODEL_FOLDER needs config.json and the tokenizer's files, no weights: they are drawn at random, as speed does not
depend on them. Settings take turns, round by round, and a figure is the median of the rounds; a round that other
work disturbed is seen by its range. Prints Markdown; every reply of `litemedcot bench --json` is kept in FOLDER.
"""
import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess


def measure(program, model, tier, threads):
    command = [program, "bench", "--model", model, "--tier", tier, "--threads", threads, "--repetitions", "1", "--json"]
    return json.loads(subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout)


def processor_name():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.lower().startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def cell(values, digits):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def row(setting, rounds):
    def of(*keys):
        values = []
        for figures in rounds:
            for key in keys:
                figures = figures[key]
            values.append(figures)
        return values
    return [*setting, cell(of("prefill_tokens_per_s", "median"), 0),
            f"{100 * statistics.median(of('limits', 'prefill_fraction')):.0f} %",
            cell(of("decode_tokens_per_s", "median"), 1), f"{100 * statistics.median(of('limits', 'decode_fraction')):.0f} %",
            cell(of("encode_s", "median"), 2), cell(of("first_token_s", "median"), 2),
            f"{max(of('peak_memory_mb')) / 1000:.2f}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--build", default="build", type=pathlib.Path)
    parser.add_argument("--work", default="device-bench", type=pathlib.Path)
    parser.add_argument("--rounds", default=5, type=int)
    parser.add_argument("--tiers", nargs="+", default=["auto"])
    parser.add_argument("--weights", nargs="+", default=["int4", "int8"])
    parser.add_argument("--threads", default=os.cpu_count(), type=int)
    options = parser.parse_args()

    options.work.mkdir(parents=True, exist_ok=True)
    files = {}
    for weights in options.weights:
        files[weights] = options.work / f"random-{weights}.lmcd"
        if not files[weights].exists():
            subprocess.run([options.build / "bench_device", options.model, weights, files[weights]], check=True)
    settings = [(tier, weights) for tier in options.tiers for weights in options.weights]
    measured = {setting: [] for setting in settings}
    for number in range(options.rounds):
        for tier, weights in settings:
            figures = measure(options.build / "litemedcot", files[weights], tier, options.threads)
            measured[tier, weights].append(figures)
            name = f"{figures['device'].replace(' ', '-')}-{weights}-{number}.json"
            (options.work / name).write_text(json.dumps(figures, indent=2))

    limits = measured[settings[0]][0]["limits"]
    print(f"{processor_name()}, {options.threads} threads, {options.rounds} rounds; memory gives "
          f"{limits['read_bytes_per_s'] / 1e9:.0f} GB/s.\n")
    print("| tier | weights | prefill 512, tokens/s | of the kernels | decode at 600, tokens/s | of the memory "
          "| image 512x512, s | image and 131 tokens to the first logits, s | peak, GB |")
    print("|---" * 9 + "|")
    for setting, rounds in measured.items():
        print("| " + " | ".join(row((rounds[0]["device"].split()[-1], setting[1]), rounds)) + " |")


if __name__ == "__main__":
    main()
