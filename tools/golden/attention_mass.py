#!/usr/bin/env python3
"""The attention weights of transformers over the golden checkpoints of model_parity.py, in f32.

Writes tests/golden/model/<case>/attention.safetensors: `weights_LANN` of every layer and head, for the golden prompt up to
the text behind its first image, by eager attention with output_attentions.
Run: HF_HUB_OFFLINE=1 python tools/golden/attention_mass.py   (transformers)
"""
import os

import torch
import transformers
from model_parity import CASES, END, OUT
from safetensors.torch import load_file, save_file
from transformers import Qwen3VLForConditionalGeneration

WORDS = 4  # behind the first image


def main():
    torch.set_num_threads(1)
    for name in CASES:
        folder = os.path.join(OUT, name)
        model = Qwen3VLForConditionalGeneration.from_pretrained(folder, dtype=torch.float32,
                                                                attn_implementation="eager").eval()
        golden = load_file(os.path.join(folder, "golden.safetensors"))
        length = golden["input_ids"][0].tolist().index(END) + 1 + WORDS
        grid = golden["image_grid_thw"][:1]
        ids = golden["input_ids"][:, :length]
        extra = {}
        if int(transformers.__version__.split(".")[0]) >= 5:
            extra["mm_token_type_ids"] = (ids == model.config.image_token_id).long()
        with torch.no_grad():
            output = model(input_ids=ids, attention_mask=torch.ones_like(ids), image_grid_thw=grid,
                           pixel_values=golden["pixel_values"][:grid.prod()], output_attentions=True, **extra)
        # The prompt's beginning does not see its end: its logits are those of model_parity.py.
        torch.testing.assert_close(output.logits, golden["logits"][:, :length], rtol=1e-4, atol=1e-4)
        weights_LANN = torch.cat(output.attentions).contiguous()
        save_file({"weights_LANN": weights_LANN}, os.path.join(folder, "attention.safetensors"),
                  metadata={"origin": f"tools/golden/attention_mass.py, torch {torch.__version__}, "
                                      f"transformers {transformers.__version__}, f32, CPU, eager attention"})
        print(name, list(weights_LANN.shape))


if __name__ == "__main__":
    main()
