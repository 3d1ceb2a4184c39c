#!/usr/bin/env python3
"""Trains the same LoRA on the same samples with `litemedcot train` and with transformers + peft, by turns.

Run: PYTHON bench/train_lora/run.py --build build [--shape small|phantom|2b|4b] [--rounds 2]
PYTHON needs torch, transformers, peft, pillow, numpy. The learning rate is 0, so both must report the same mean loss:
the run stops if they differ by more than one part in a thousand. The first step of each run is not counted.
`--asked 2,1`: three samples on two images, as in PMC-VQA (226,948 questions on 149,075 images).
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

import make_samples

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
STUDENT = ROOT / "assets/phantom/student"

TEXT = {"attention_bias": False, "attention_dropout": 0.0, "bos_token_id": 574, "eos_token_id": 576, "hidden_act": "silu",
        "initializer_range": 0.02, "max_position_embeddings": 4096, "model_type": "qwen3_vl_text", "rms_norm_eps": 1e-6,
        "rope_theta": 5000000, "tie_word_embeddings": True, "use_cache": True, "vocab_size": 151936}
VISION = {"hidden_act": "gelu_pytorch_tanh", "in_channels": 3, "initializer_range": 0.02, "model_type": "qwen3_vl",
          "num_position_embeddings": 2304, "patch_size": 16, "spatial_merge_size": 2, "temporal_patch_size": 2}
SHAPES = {
    # About 0.24 billion parameters; the vocabulary of the real models.
    "small": ({"hidden_size": 768, "intermediate_size": 2304, "num_hidden_layers": 14, "num_attention_heads": 12,
               "num_key_value_heads": 4, "head_dim": 64, "sections": [12, 10, 10]},
              {"hidden_size": 384, "intermediate_size": 1536, "depth": 12, "num_heads": 6, "out_hidden_size": 768,
               "deepstack_visual_indexes": [3, 6, 9]}),
    # Qwen3-VL-2B.
    "2b": ({"hidden_size": 2048, "intermediate_size": 6144, "num_hidden_layers": 28, "num_attention_heads": 16,
            "num_key_value_heads": 8, "head_dim": 128, "sections": [24, 20, 20]},
           {"hidden_size": 1024, "intermediate_size": 4096, "depth": 24, "num_heads": 16, "out_hidden_size": 2048,
            "deepstack_visual_indexes": [5, 11, 17]}),
    # Qwen3-VL-4B.
    "4b": ({"hidden_size": 2560, "intermediate_size": 9728, "num_hidden_layers": 36, "num_attention_heads": 32,
            "num_key_value_heads": 8, "head_dim": 128, "sections": [24, 20, 20]},
           {"hidden_size": 1024, "intermediate_size": 4096, "depth": 24, "num_heads": 16, "out_hidden_size": 2560,
            "deepstack_visual_indexes": [5, 11, 17]})}


def model_config(shape, dtype):
    """config.json of a checkpoint of this shape."""
    text, vision = (dict(part) for part in SHAPES[shape])
    text["rope_scaling"] = {"mrope_interleaved": True, "mrope_section": text.pop("sections"), "rope_type": "default"}
    config = json.loads((STUDENT / "config.json").read_text())
    config["text_config"] = TEXT | text | {"dtype": dtype}
    config["vision_config"] = VISION | vision
    return config


def make_checkpoint(program, folder, shape, dtype):
    if shape == "phantom":
        return STUDENT
    path = folder / "config.json"
    path.write_text(json.dumps(model_config(shape, dtype)))
    subprocess.run([program, "init", "--source", STUDENT, "--model-config", path, "--dtype", dtype, "--out",
                    folder / "model"], check=True, stdout=subprocess.DEVNULL)
    return folder / "model"


def ours(program, model, samples, out, options, cache, dtype):
    subprocess.run([program, "train", "--model", model, "--conversations", samples / "samples.jsonl", "--batch",
                    str(options.batch), "--order", "by-picture", "--learning-rate", "0", "--show", "0",
                    "--threads", str(options.threads), "--save-every", "100000", "--out", out, "--vision-cache", cache,
                    "--dtype", dtype],
                   check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    steps = [json.loads(line) for line in open(out / "metrics.jsonl")]
    result = json.loads((out / "result.json").read_text())
    times = [step["seconds"] for step in steps]
    learnt = sum(step["target_tokens"] for step in steps)
    return {"seconds": [b - a for a, b in zip([0] + times, times)], "peak_bytes": result["measured_peak_bytes"],
            "estimate": result["estimated_peak_bytes"], "tokens": result["tokens"],
            "loss": sum(step["loss"] * step["target_tokens"] for step in steps) / learnt,
            "utilisation": statistics.mean(step["utilisation"] for step in steps[1:])}


def theirs(model, samples, options, dtype):
    done = subprocess.run([sys.executable, HERE / "peer.py", "--model", model, "--samples", samples, "--batch",
                           str(options.batch), "--micro-batch", str(options.micro_batch), "--threads",
                           str(options.threads), "--dtype", dtype],
                          check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def rate(run, options):
    """Samples a second over all steps but the first."""
    return options.batch * (len(run["seconds"]) - 1) / sum(run["seconds"][1:])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--shape", default="small", choices=["phantom", *SHAPES])
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"], help="of the checkpoint")
    parser.add_argument("--asked", default="2,1", help="samples on an image, in turn")
    parser.add_argument("--dtypes", default="float32,bfloat16", help="of the arithmetic, of both")
    for name, default in [("rounds", 2), ("steps", 4), ("batch", 16), ("micro-batch", 4), ("threads", 2)]:
        parser.add_argument("--" + name, type=int, default=default)
    options = parser.parse_args()
    program = pathlib.Path(options.build).resolve() / "litemedcot"
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        model = make_checkpoint(program, folder, options.shape, options.dtype)
        sides = (128, 192) if options.shape == "phantom" else (192, 448)
        asked = [int(count) for count in options.asked.split(",")]
        make_samples.make(folder / "data", options.batch * options.steps, sides=sides, asked=asked)
        runs = {}
        for turn in range(options.rounds):
            for dtype in options.dtypes.split(","):
                # The first fills the cache that the second finds.
                for state in ("cold", "warm"):
                    out = folder / f"{dtype}-{state}{turn}"
                    runs.setdefault(f"ours, {dtype}, {state} vision cache", []).append(
                        ours(program, model, folder / "data", out, options, folder / f"cache-{dtype}{turn}", dtype))
                runs.setdefault(f"transformers + peft, {dtype}", []).append(
                    theirs(model, folder / "data", options, dtype))
    peer = max((name for name in runs if name.startswith("transformers")),
               key=lambda name: statistics.mean(rate(run, options) for run in runs[name]))
    base_rate = statistics.mean(rate(run, options) for run in runs[peer])
    base_peak = statistics.mean(run["peak_bytes"] for run in runs[peer])
    print("| | samples/s | ratio | peak GB | ratio | estimated GB | of peak arithmetic | mean loss |\n|---|---|---|---|---|---|---|---|")
    for name, all_runs in runs.items():
        mean = lambda value, all_runs=all_runs: statistics.mean(value(run) for run in all_runs)
        rates = mean(lambda run: rate(run, options))
        peak = mean(lambda run: run["peak_bytes"])
        extra = [f"{mean(lambda run: run['estimate']) / 1e9:.2f}", f"{100 * mean(lambda run: run['utilisation']):.0f} %"] \
            if "estimate" in all_runs[0] else ["", ""]
        print(f"| {name} | {rates:.3f} | {rates / base_rate:.2f} | {peak / 1e9:.2f} | {peak / base_peak:.2f} | "
              f"{extra[0]} | {extra[1]} | {mean(lambda run: run['loss']):.5f} |")
    losses = [all_runs[0]["loss"] for all_runs in runs.values()]
    tokens = {all_runs[0]["tokens"] for all_runs in runs.values()}
    if max(losses) - min(losses) > 1e-3 * min(losses) or len(tokens) > 1:
        sys.exit(f"they did not do the same work: losses {losses}, tokens {tokens}")


if __name__ == "__main__":
    main()
