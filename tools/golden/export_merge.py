"""Merged weights and logits by peft, for src/export/merge_test.cpp.

    python tools/golden/export_merge.py            # torch, transformers, peft, safetensors

Reads tests/golden/model/wide_query (base and adapter), writes merged.safetensors beside them: every
weight that merge_and_unload changed, in float32. The same for a DoRA adapter that it makes itself:
dora_adapter/ and merged_dora.safetensors.
"""

import os

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import Qwen3VLForConditionalGeneration

ROOT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden", "model")


FOLDER = os.path.join(ROOT, "wide_query")


def base():
    return Qwen3VLForConditionalGeneration.from_pretrained(FOLDER, dtype=torch.float32)


def make_dora_adapter(folder):
    config = LoraConfig(r=3, lora_alpha=5, target_modules=["k_proj", "up_proj", "linear_fc2"], use_dora=True)
    model = get_peft_model(base(), config)
    config.base_model_name_or_path = "wide_query"
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "lora_magnitude" in name:
                value.mul_(1 + 0.2 * torch.randn(value.shape, generator=generator))
            elif "lora_" in name:
                value.copy_(0.1 * torch.randn(value.shape, generator=generator))
    model.save_pretrained(folder)
    os.remove(os.path.join(folder, "README.md"))


def main():
    before = load_file(os.path.join(FOLDER, "model.safetensors"))
    make_dora_adapter(os.path.join(FOLDER, "dora_adapter"))
    for adapter, out in (("adapter", "merged"), ("dora_adapter", "merged_dora")):
        merged = PeftModel.from_pretrained(base(), os.path.join(FOLDER, adapter)).merge_and_unload()
        changed = {
            name: value.contiguous()
            for name, value in merged.state_dict().items()
            if name in before and not torch.equal(value, before[name].float())
        }
        save_file(changed, os.path.join(FOLDER, out + ".safetensors"))
        print(adapter, len(changed), "weights changed")


if __name__ == "__main__":
    main()
