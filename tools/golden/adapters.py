#!/usr/bin/env python3
"""Which modules peft selects by which configuration, with ranks and scales, and every key it knows.

Writes tests/golden/spec/peft.json. Run: HF_HUB_OFFLINE=1 python tools/golden/adapters.py
(torch, transformers, peft). The model is tests/golden/model/wide_query's, without weights.
"""
import json
import os
import tempfile

import peft
import torch
import transformers
from peft import LoraConfig, get_peft_model
from peft.tuners.lora import LoraLayer
from transformers import AutoConfig, Qwen3VLForConditionalGeneration

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "golden")
CASES = {
    "list": dict(target_modules=["v_proj", "gate_proj", "linear_fc1"]),
    "all_linear": dict(target_modules="all-linear"),
    "regex": dict(target_modules=r".*language_model\.layers\.[02]\.(self_attn\.(q|o)|mlp\.up)_proj"),
    "lookbehind": dict(target_modules=r".*(?<!mlp)\.(?:k_proj|up_proj|attn\.qkv)"),
    "ignoring_case": dict(target_modules=r"(?i).*SELF_ATTN\.V_PROJ"),
    "exclude_list": dict(target_modules=["q_proj", "attn.proj"], exclude_modules=["layers.1.self_attn.q_proj"]),
    "exclude_regex": dict(target_modules=["qkv", "o_proj"], exclude_modules=r".*visual.*"),
    "some_layers": dict(target_modules=["q_proj", "down_proj"], layers_to_transform=[0, 3], layers_pattern="layers"),
    "layer_zero": dict(target_modules=["up_proj"], layers_to_transform=0),
    "first_pattern_counts": dict(target_modules=["q_proj", "k_proj", "v_proj"], r=5, lora_alpha=7,
                                 rank_pattern={"v_proj": 2, "layers.2.*": 3, ".*_proj": 4, "q_proj": 6},
                                 alpha_pattern={"self_attn.q_proj": 11, r".*layers\.[13].*": 9, "q_proj": 1}),
    "first_pattern_counts_rslora": dict(target_modules=["o_proj"], r=4, lora_alpha=3, use_rslora=True,
                                        rank_pattern={"z.*": 9, r"layers\.1\..*": 2, "o_proj": 8}),
    "embeds_patches": dict(target_modules=["proj"]),
}


def make_model():
    config = AutoConfig.from_pretrained(os.path.join(GOLDEN, "model", "wide_query"))
    with torch.device("meta"):
        return Qwen3VLForConditionalGeneration(config)


def written(config):
    with tempfile.TemporaryDirectory() as folder:
        config.save_pretrained(folder)
        with open(os.path.join(folder, "adapter_config.json")) as file:
            return json.load(file)


def main():
    cases = {}
    for name, settings in CASES.items():
        settings = dict(dict(r=4, lora_alpha=6), **settings)
        model = get_peft_model(make_model(), LoraConfig(**settings))
        modules = {
            path: [module.r["default"], module.scaling["default"]]
            for path, module in model.base_model.model.named_modules()
            if isinstance(module, LoraLayer)
        }
        config = written(LoraConfig(**settings))
        if isinstance(config["target_modules"], list):
            config["target_modules"].sort()  # peft keeps a set
        # Written by hand, in another order than peft's, which sorts all keys when it saves.
        config.update({key: settings[key] for key in ("rank_pattern", "alpha_pattern") if key in settings})
        keys = ("r", "lora_alpha", "use_rslora", "target_modules", "exclude_modules", "layers_to_transform",
                "layers_pattern", "rank_pattern", "alpha_pattern", "peft_type")
        cases[name] = dict(config={key: config[key] for key in keys}, modules=modules)
        print(name, len(modules))
    origin = f"tools/golden/adapters.py, peft {peft.__version__}, transformers {transformers.__version__}, torch {torch.__version__}"
    golden = dict(origin=origin, defaults=written(LoraConfig(target_modules=["q_proj"])), cases=cases)
    with open(os.path.join(GOLDEN, "spec", "peft.json"), "w") as out:
        json.dump(golden, out, indent=1)


if __name__ == "__main__":
    main()
