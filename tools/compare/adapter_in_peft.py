#!/usr/bin/env python3
"""Loads a checkpoint and an adapter of ours with transformers and peft, and compares the logits.

Run: python tools/compare/adapter_in_peft.py PROGRAM MODEL ADAPTER IMAGE
The relative RMS of all logits must be at most 1e-5 in f32 and the arg-max the same everywhere; the
token ids of the rendered conversation must be those of the checkpoint's own tokenizer and template.
peft must find every tensor it looks for, and use every tensor there is.
"""
import subprocess
import sys
import tempfile
import warnings

import torch
from peft import PeftModel, get_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoTokenizer, Qwen3VLForConditionalGeneration

TEXT = "Question: Which side shows an effusion?\nA. left\nB. right\n\nReason step by step."


def main():
    program, folder, adapter, image = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        out = scratch + "/ours.safetensors"
        subprocess.run([program, "inspect", "--model", folder, "--adapter", adapter, "--image", image, "--text", TEXT,
                        "--dtype", "float32", "--dump", "tokens,positions,pixels,logits", "--out", out], check=True)
        ours = load_file(out)
    model = Qwen3VLForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = PeftModel.from_pretrained(model, adapter)
    missing = [str(warning.message) for warning in caught if "missing adapter keys" in str(warning.message)]
    stored, used = load_file(adapter + "/adapter_model.safetensors"), get_peft_model_state_dict(model)
    whole = not missing and stored.keys() == used.keys()
    if not whole:
        print(missing, sorted(stored.keys() ^ used.keys()))
    model.eval()
    ids = ours["input_ids"].long()
    image_token = model.config.image_token_id
    with torch.no_grad():
        theirs = model(input_ids=ids, pixel_values=ours["pixel_values"], image_grid_thw=ours["image_grid_thw"].long(),
                       attention_mask=torch.ones_like(ids), mm_token_type_ids=(ids == image_token).long()).logits
    error = ((ours["logits"] - theirs).pow(2).mean() / theirs.pow(2).mean()).sqrt().item()
    same = bool((ours["logits"].argmax(-1) == theirs.argmax(-1)).all())

    tokenizer = AutoTokenizer.from_pretrained(folder)
    chat = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": TEXT}]}]
    rendered = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    pads = int((ids == image_token).sum())
    expected = tokenizer(rendered.replace("<|image_pad|>", "<|image_pad|>" * pads))["input_ids"]
    tokens = ids[0].tolist() == expected
    print(f"{len(before)} tensors, {ids.shape[1]} tokens: relative RMS {error:.2e}, same arg-max {same}, "
          f"same tokens {tokens}, peft finds every tensor {whole}")
    sys.exit(0 if error <= 1e-5 and same and tokens and whole else 1)


if __name__ == "__main__":
    main()
