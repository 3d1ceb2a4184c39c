"""Merged weights and logits by peft, for src/export/merge_test.cpp.

    python tools/golden/export_merge.py            # torch, transformers, peft, safetensors

Reads tests/golden/model/wide_query (base and adapter), writes merged.safetensors beside them: every
weight that merge_and_unload changed, in float32.
"""

import os

import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file
from transformers import Qwen3VLForConditionalGeneration

ROOT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden", "model")


def main():
    folder = os.path.join(ROOT, "wide_query")
    base = Qwen3VLForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
    before = load_file(os.path.join(folder, "model.safetensors"))
    merged = PeftModel.from_pretrained(base, os.path.join(folder, "adapter")).merge_and_unload()
    changed = {
        name: value.contiguous()
        for name, value in merged.state_dict().items()
        if name in before and not torch.equal(value, before[name].float())
    }
    save_file(changed, os.path.join(folder, "merged.safetensors"))
    print(len(changed), "weights changed")


if __name__ == "__main__":
    main()
