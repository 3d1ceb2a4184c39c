#!/usr/bin/env python3
"""What each saving of `litemedcot train` is worth: the same steps with all of them, and without each in turn.

Run: PYTHON bench/train_lora/savings.py --build build [--shape small|2b|4b] [--steps 2] [--batch 8]
Each image has four samples, so that there is something to share. The learning rate is 0: every
row must report the same mean loss, but for the narrow bases, whose weights are others. The first step is not counted.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile

import make_samples
import run

ROWS = [("all savings", []), ("without packing", ["--without", "packing"]),
        ("without shared beginnings", ["--without", "shared-prefixes"]),
        ("without shared images", ["--without", "shared-pictures"]),
        ("without the chunked loss", ["--without", "chunked-loss"]),
        ("without micro-batches side by side", ["--without", "parallel-passes"]),
        ("feed-forward halves recomputed", ["--recompute", "feed-forward"]),
        ("whole layers recomputed", ["--recompute", "layers"]),
        ("base in 8 bits", ["--storage", "int8"]), ("base in 4 bits", ["--storage", "nf4"]),
        ("base in 4 bits, layers recomputed", ["--storage", "nf4", "--recompute", "layers"])]

ASKED = 4  # samples on an image


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--shape", default="small", choices=[*run.SHAPES])
    parser.add_argument("--dtype", default="bfloat16", choices=["float32", "bfloat16"], help="of the checkpoint")
    for name, default in [("steps", 2), ("batch", 8), ("threads", 2)]:
        parser.add_argument("--" + name, type=int, default=default)
    options = parser.parse_args()
    program = pathlib.Path(options.build).resolve() / "litemedcot"
    print("| | s a step | ratio | peak GB | ratio | estimated GB | mean loss |\n|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        model = run.make_checkpoint(program, folder, options.shape, options.dtype)
        make_samples.make(folder / "data", options.batch * options.steps, asked=[ASKED])
        base = None
        for number, (name, extra) in enumerate(ROWS):
            out = folder / f"out{number}"
            extra = extra if "--recompute" in extra else extra + ["--recompute", "nothing"]
            subprocess.run([program, "train", "--model", model, "--conversations", folder / "data/samples.jsonl", "--batch",
                            str(options.batch), "--order", "by-picture", "--tokens-per-pass", "1024", "--learning-rate", "0", "--show", "0",
                            "--threads", str(options.threads), "--save-every", "100000", "--out", out, *extra],
                           check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            steps = [json.loads(line) for line in open(out / "metrics.jsonl")]
            result = json.loads((out / "result.json").read_text())
            times = [b["seconds"] - a["seconds"] for a, b in zip(steps, steps[1:])]
            seconds, peak = statistics.mean(times), result["measured_peak_bytes"]
            base = base or (seconds, peak)
            loss = sum(step["loss"] * step["target_tokens"] for step in steps) / sum(step["target_tokens"] for step in steps)
            print(f"| {name} | {seconds:.2f} | {seconds / base[0]:.2f} | {peak / 1e9:.2f} | {peak / base[1]:.2f} | "
                  f"{result['estimated_peak_bytes'] / 1e9:.2f} | {loss:.4f} |", flush=True)


if __name__ == "__main__":
    main()
