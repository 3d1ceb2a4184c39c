#!/usr/bin/env python3
"""Compares GGUF files of ours with those of llama.cpp's converter, tensor by tensor and key by key.

Run: python tools/compare/gguf_files.py PROGRAM MODEL LLAMA_CPP
LLAMA_CPP is a source tree of llama.cpp (convert_hf_to_gguf.py and gguf-py; it lies in the source package of
llama-cpp-python). Every tensor must have the same name, shape, type and bytes, and every key that llama.cpp reads the same
value. Q4_0 is written by no converter: its bytes are those of gguf-py's quantiser.
The tokenizer's kind is told by a hash that knows Qwen's tokenizer alone; for others it is taken to be Qwen's.
"""
import pathlib
import subprocess
import sys
import tempfile

CONVERT = """
import sys
sys.path[:0] = [{tree!r}, {tree!r} + "/gguf-py"]
sys.argv = ["convert_hf_to_gguf.py"] + {arguments!r}
import conversion.base as base
known = base.TextModel.get_vocab_base_pre
def pre(self, tokenizer):
    try:
        return known(self, tokenizer)
    except NotImplementedError:
        return "qwen2"
base.TextModel.get_vocab_base_pre = pre
import runpy
runpy.run_path({tree!r} + "/convert_hf_to_gguf.py", run_name="__main__")
"""

# What converters note of themselves and of where a model came from.
NOTES = ("general.name", "general.basename", "general.size_label", "general.finetune", "general.version", "general.license",
         "general.tags", "general.languages", "general.type", "GGUF.", "general.sampling", "general.organization",
         "general.base_model", "general.file_type")


def convert(tree, model, out, kind, mmproj):
    arguments = [model, "--outfile", str(out), "--outtype", kind] + (["--mmproj"] if mmproj else [])
    run = subprocess.run([sys.executable, "-c", CONVERT.format(tree=tree, arguments=arguments)], check=False,
                         capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(run.stdout[-2000:] + run.stderr[-2000:])


def compare(gguf, ours, theirs, q4):
    import numpy as np
    ours, theirs = gguf.GGUFReader(ours), gguf.GGUFReader(theirs)
    problems = []
    mine = {tensor.name: tensor for tensor in ours.tensors}
    other = {tensor.name: tensor for tensor in theirs.tensors}
    problems += [f"tensor {name} is in one file only" for name in mine.keys() ^ other.keys()]
    for name in mine.keys() & other.keys():
        a, b = mine[name], other[name]
        if list(a.shape) != list(b.shape):
            problems.append(f"{name}: shape {list(a.shape)} and {list(b.shape)}")
            continue
        expected = b.data
        if q4 and a.tensor_type == gguf.GGMLQuantizationType.Q4_0:
            expected = gguf.quants.quantize(b.data.astype(np.float32), a.tensor_type)
        elif q4 and a.tensor_type == gguf.GGMLQuantizationType.Q8_0:
            expected = gguf.quants.quantize(b.data.astype(np.float32), a.tensor_type)
        elif a.tensor_type != b.tensor_type:
            problems.append(f"{name}: {a.tensor_type.name} and {b.tensor_type.name}")
            continue
        if not np.array_equal(np.asarray(a.data).view(np.uint8), np.ascontiguousarray(expected).view(np.uint8)):
            problems.append(f"{name}: other bytes")
    values = [{key: field.contents() for key, field in reader.fields.items() if not key.startswith(NOTES)}
              for reader in (ours, theirs)]
    for key in sorted(values[0].keys() | values[1].keys()):
        if values[0].get(key) != values[1].get(key):
            problems.append(f"key {key}: {str(values[0].get(key))[:80]} and {str(values[1].get(key))[:80]}")
    return len(mine), problems


def main():
    program, model, tree = sys.argv[1:]
    sys.path[:0] = [tree + "/gguf-py"]
    import gguf
    failed = False
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        for weights, kind in (("f32", "f32"), ("f16", "f16"), ("bf16", "bf16"), ("int8", "q8_0"), ("int4", "f32")):
            ours = scratch / weights / "model.gguf"
            ours.parent.mkdir()
            subprocess.run([program, "export", "--model", model, "--format", "gguf", "--weights", weights, "--out",
                            str(ours)], check=True, capture_output=True)
            for mmproj in (False, True):
                theirs = scratch / weights / f"theirs{mmproj}.gguf"
                convert(tree, model, theirs, kind, mmproj)
                mine = ours.with_name("mmproj-model.gguf") if mmproj else ours
                count, problems = compare(gguf, mine, theirs, weights == "int4")
                print(f"{weights} {mine.name}: {count} tensors, {len(problems)} problems")
                for problem in problems:
                    print("  " + problem)
                failed |= bool(problems)
    sys.exit(failed)


if __name__ == "__main__":
    main()
