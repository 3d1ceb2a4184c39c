#!/usr/bin/env python3
"""One run on a machine with a GPU: build, parity on the device, LoRA beside transformers + peft, memory plan against peak.

Run: python3 bench/gpu/run.py --out RESULTS     (the python whose torch has CUDA; at most --minutes)
Each section's result is in RESULTS/gpu.json as soon as it ends, whatever comes after it. A section that fails or runs
out of time does not end the run; the exit code is 1 then. What the build needs and does not find is named; bring.sh
collects it elsewhere for --deps.
Dry run, as the tests do: --device cpu --build build --no-build --shape phantom
"""
import argparse
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "bench/train_lora"))
import make_samples  # noqa: E402
import run as train_bench  # noqa: E402

NEEDED_HEADERS = {"nlohmann/json.hpp": "nlohmann-json3-dev", "openssl/evp.h": "libssl-dev", "jpeglib.h": "libjpeg-dev",
                  "png.h": "libpng-dev", "zlib.h": "zlib1g-dev", "webp/decode.h": "libwebp-dev",
                  "gtest/gtest.h": "libgtest-dev", "gmock/gmock.h": "libgmock-dev"}
NEEDED_PROGRAMS = ["cmake", "ninja", "c++"]
TARGETS = ["bench_trainer", "model_test", "train_test"]
PARITY = {"model_test": "*Parity*", "train_test": "*AdapterTraining*:Training.Packed*:Training.Full*"}
RECOMPUTE = ["nothing", "feed-forward", "layers"]
SIDES = {"phantom": (96, 128)}


class Failed(Exception):
    pass


class Run:
    """Sections one after the other within the time there is; their results in one file."""

    def __init__(self, options):
        self.options = options
        self.end = time.monotonic() + 60 * options.minutes
        self.out = pathlib.Path(options.out)
        self.out.mkdir(parents=True, exist_ok=True)
        self.results = {"device": options.device, "shape": options.shape}
        self.log = open(self.out / "gpu.log", "w")

    def command(self, words, seconds, env=None):
        """Its standard output; Failed with the end of what it said."""
        words = [str(word) for word in words]
        # The limits are those of a GPU's machine; a busy CPU takes longer.
        seconds = min(seconds * (5 if self.options.device == "cpu" else 1), self.end - time.monotonic())
        if seconds <= 1:
            raise TimeoutError
        self.log.write("$ " + " ".join(words) + "\n")
        self.log.flush()
        try:
            done = subprocess.run(words, cwd=ROOT, env={**os.environ, **(env or {})}, timeout=seconds, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        except subprocess.TimeoutExpired as error:
            said = error.stdout or b""
            self.log.write(said.decode(errors="replace") if isinstance(said, bytes) else said)
            raise TimeoutError from None
        self.log.write(done.stdout)
        self.log.flush()
        if done.returncode != 0:
            raise Failed(f"{pathlib.Path(words[0]).name} ended with {done.returncode}: " + done.stdout[-1500:])
        return done.stdout

    def section(self, name, work):
        start = time.monotonic()
        try:
            result = work()
            result.setdefault("status", "ok")
        except Failed as error:
            result = {"status": "failed", "why": str(error)}
        except TimeoutError:
            result = {"status": "out of time"}
        except Exception as error:  # a mistake in one section must not cost the others
            result = {"status": "failed", "why": f"{type(error).__name__}: {error}"}
        result["seconds"] = round(time.monotonic() - start, 1)
        self.results[name] = result
        (self.out / "gpu.json").write_text(json.dumps(self.results, indent=1) + "\n")
        print(f"gpu: {name}: {result['status']}, {result['seconds']} s", flush=True)
        if "why" in result:
            print("gpu:   " + result["why"].strip().splitlines()[-1], flush=True)
        return result["status"] == "ok"


def machine(run):
    found = {"python": sys.version.split()[0], "cores": os.cpu_count()}
    if importlib.util.find_spec("torch"):
        found["torch"] = run.command([sys.executable, "-c", "import torch; print(torch.__version__)"], 60).strip()
    if run.options.device != "cpu":
        found["gpu"] = run.command(["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"],
                                   30).strip()
    return found


def missing(deps):
    """What the build needs and this machine lacks, as Debian names it."""
    arch = subprocess.run(["c++", "-print-multiarch"], stdout=subprocess.PIPE, text=True, check=False).stdout.strip() \
        if shutil.which("c++") else ""
    folders = [pathlib.Path(folder) for folder in ("/usr/include", f"/usr/include/{arch}", "/usr/local/include")]
    if deps:
        folders.insert(0, pathlib.Path(deps) / "usr/include")
    return [f"{package} ({header})" for header, package in NEEDED_HEADERS.items()
            if not any((folder / header).exists() for folder in folders)] + \
           [program for program in NEEDED_PROGRAMS if not shutil.which(program)]


def build(run):
    options = run.options
    lacks = missing(options.deps)
    if lacks:
        raise Failed("this machine lacks " + ", ".join(lacks) +
                     "; where they can be had: bench/gpu/bring.sh DIR, and here --deps DIR")
    prefix = run.command([sys.executable, "-c", "import os, torch; print(os.path.dirname(torch.__file__))"], 60).strip()
    configure = ["cmake", "--preset", "gpu", "-B", options.build, f"-DTORCH_PREFIX={prefix.splitlines()[-1]}"]
    if options.deps:
        configure.append(f"-DCMAKE_PREFIX_PATH={pathlib.Path(options.deps).resolve() / 'usr'}")
    run.command(configure, 90)
    run.command(["cmake", "--build", options.build, "-j", os.cpu_count(), "--target", *TARGETS], 300)
    return {"targets": TARGETS}


def parity(run):
    tests = {}
    for program, chosen in PARITY.items():
        report = run.out / f"{program}.json"
        try:
            run.command([f"{run.options.build}/{program}", f"--gtest_filter={chosen}", f"--gtest_output=json:{report}"], 90,
                        {"LMC_TEST_DEVICE": run.options.device})
        except Failed:
            pass  # the report says which
        if not report.exists():
            raise Failed(f"{program} wrote no report; see gpu.log")
        for suite in json.loads(report.read_text())["testsuites"]:
            for test in suite["testsuite"]:
                tests[f"{suite['name']}.{test['name']}"] = test.get("failures", [{}])[0].get("failure", "") \
                    if "failures" in test else "ok"
    failed = {name: why for name, why in tests.items() if why != "ok"}
    if not tests:
        raise Failed("no test was chosen")
    return {"status": "failed" if failed else "ok", "passed": len(tests) - len(failed), "failed": failed}


def make_model(run, folder):
    if run.options.shape == "phantom":
        config = train_bench.STUDENT / "config.json"
    else:
        config = folder / "config.json"
        config.write_text(json.dumps(train_bench.model_config(run.options.shape, "bfloat16")))
    run.command([f"{run.options.build}/bench_trainer", "init", train_bench.STUDENT, config, folder / "model"], 150)
    make_samples.make(folder / "data", run.options.batch * run.options.steps, asked=(2, 1),
                      sides=SIDES.get(run.options.shape, (192, 448)))
    return {}


def ours(run, folder, recompute, steps):
    out = folder / f"ours-{recompute}-{steps}"
    options = run.options
    settings = {"model": str(folder / "model"), "device": options.device, "dtype": options.dtype, "storage": "arithmetic",
                "training": {"conversations": str(folder / "data/samples.jsonl"), "batch": options.batch, "steps": steps,
                             "order": "by-picture", "learning-rate": 0.0, "show": 0, "save-every": 100000,
                             "recompute": recompute, "out": str(out)}}
    path = folder / "run.json"
    path.write_text(json.dumps(settings))
    said = run.command([f"{options.build}/bench_trainer", "train", path], 120)
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    result = json.loads((out / "result.json").read_text())
    times = [0] + [line["seconds"] for line in lines]
    tokens = [0] + [line["tokens"] for line in lines]
    learnt = sum(line["target_tokens"] for line in lines)
    estimate, peak = result["estimated_peak_bytes"], result["measured_peak_bytes"]
    return {"tokens_per_second": (tokens[-1] - tokens[1]) / (times[-1] - times[1]) if len(lines) > 1 else None,
            "peak_bytes": peak, "estimated_bytes": estimate, "estimate_error": estimate / peak - 1 if peak else None,
            "loss": sum(line["loss"] * line["target_tokens"] for line in lines) / learnt,
            "plan": [line.strip() for line in said.splitlines() if "memory:" in line or "kept by" in line]}


def theirs(run, folder):
    if not (importlib.util.find_spec("transformers") and importlib.util.find_spec("peft")):
        return {"status": "skipped", "why": "this Python has no transformers and peft"}
    said = run.command([sys.executable, ROOT / "bench/train_lora/peer.py", "--model", folder / "model", "--samples",
                        folder / "data", "--batch", run.options.batch, "--device", run.options.device, "--dtype",
                        run.options.dtype], 150)
    result = json.loads(said.splitlines()[-1])
    seconds = result["seconds"][1:]
    each = result["tokens"] / len(result["seconds"])  # of a step, on average
    return {"tokens_per_second": each * len(seconds) / sum(seconds), "peak_bytes": result["peak_bytes"],
            "loss": result["loss"]}


def compare(run):
    mine, peer = run.results["lora"], run.results.get("peer", {})
    if mine["status"] != "ok" or peer.get("status") != "ok":
        return {"status": "skipped", "why": "one of the two did not run"}
    if abs(mine["loss"] - peer["loss"]) > 0.01 * peer["loss"]:
        raise Failed(f"they did not do the same work: losses {mine['loss']} and {peer['loss']}")
    return {"speed_ratio": mine["tokens_per_second"] / peer["tokens_per_second"],
            "memory_ratio": mine["peak_bytes"] / peer["peak_bytes"]}


def memory(run, folder):
    return {recompute: ours(run, folder, recompute, 2) for recompute in RECOMPUTE}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default=os.environ.get("OUT", "gpu-results"))
    parser.add_argument("--build", default="build-gpu")
    parser.add_argument("--no-build", action="store_true")
    parser.add_argument("--deps", help="the folder that bring.sh filled")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--dtype", default="bfloat16", choices=["float32", "bfloat16"])
    parser.add_argument("--shape", default="2b", choices=["phantom", *train_bench.SHAPES])
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--minutes", type=float, default=8)
    run = Run(parser.parse_args())
    run.options.build = str(pathlib.Path(run.options.build).resolve())
    run.section("machine", lambda: machine(run))
    if run.options.no_build or run.section("build", lambda: build(run)):
        run.section("parity", lambda: parity(run))
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            if run.section("model", lambda: make_model(run, folder)):
                run.section("lora", lambda: ours(run, folder, "auto", run.options.steps))
                run.section("peer", lambda: theirs(run, folder))
                run.section("comparison", lambda: compare(run))
                run.section("memory", lambda: memory(run, folder))
    bad = [name for name, result in run.results.items()
           if isinstance(result, dict) and result["status"] not in ("ok", "skipped")]
    print(f"gpu: {run.out / 'gpu.json'}" + (f"; not ok: {', '.join(bad)}" if bad else ""))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
