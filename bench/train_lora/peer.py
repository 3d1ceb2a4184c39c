#!/usr/bin/env python3
"""transformers + peft on the same samples, as its users run it: padded batches, SDPA, fused AdamW, the library's loss.

Images are preprocessed before the clock starts. Prints one JSON object.
"""
import argparse
import json
import pathlib
import resource
import time

import torch
from peft import LoraConfig, get_peft_model
from PIL import Image
from transformers import AutoImageProcessor, AutoTokenizer, Qwen3VLForConditionalGeneration

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def load_samples(folder, model, config):
    tokenizer = AutoTokenizer.from_pretrained(model)
    processor = AutoImageProcessor.from_pretrained(model)
    samples = []
    for line in open(pathlib.Path(folder) / "samples.jsonl"):
        row = json.loads(line)
        image = processor(images=[Image.open(pathlib.Path(folder) / row["image"])], return_tensors="pt")
        pads = int(image["image_grid_thw"].prod()) // config.vision_config.spatial_merge_size**2
        prompt = (f"<|im_start|>user\n<|vision_start|>{'<|image_pad|>' * pads}<|vision_end|>{row['prompt']}<|im_end|>\n"
                  "<|im_start|>assistant\n")
        ask = tokenizer(prompt, add_special_tokens=False)["input_ids"]
        learn = tokenizer(row["reply"] + "<|im_end|>", add_special_tokens=False)["input_ids"]
        samples.append({"ids": ask + learn, "labels": [-100] * len(ask) + learn, "pixels": image["pixel_values"],
                        "grid": image["image_grid_thw"]})
    return samples


def collate(samples, pad, image_token):
    longest = max(len(sample["ids"]) for sample in samples)
    fill = lambda values, with_what: torch.tensor([row + [with_what] * (longest - len(row)) for row in values])
    ids = fill([s["ids"] for s in samples], pad)
    return {"input_ids": ids, "labels": fill([s["labels"] for s in samples], -100),
            "attention_mask": fill([[1] * len(s["ids"]) for s in samples], 0),
            "mm_token_type_ids": (ids == image_token).long(),
            "pixel_values": torch.cat([s["pixels"] for s in samples]),
            "image_grid_thw": torch.cat([s["grid"] for s in samples])}


def main():
    parser = argparse.ArgumentParser()
    for name, kind, default in [("model", str, None), ("samples", str, None), ("dtype", str, "float32"),
                                ("batch", int, 16), ("micro-batch", int, 4), ("threads", int, 2), ("device", str, "cpu")]:
        parser.add_argument("--" + name, type=kind, default=default, required=default is None)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = Qwen3VLForConditionalGeneration.from_pretrained(
        options.model, dtype=getattr(torch, options.dtype), attn_implementation="sdpa").to(options.device)
    config = model.config
    samples = load_samples(options.samples, options.model, config)
    model = get_peft_model(model, LoraConfig(
        r=16, lora_alpha=32, target_modules=r"model\.language_model.*\.(" + "|".join(TARGETS) + ")"))
    model.train()
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=0.0, fused=True)
    pad = config.text_config.eos_token_id
    seconds, loss_sum, learnt = [], 0.0, 0
    for begin in range(0, len(samples), options.batch):
        start = time.monotonic()
        step = samples[begin:begin + options.batch]
        items = sum(label != -100 for sample in step for label in sample["labels"])
        for at in range(0, len(step), options.micro_batch):
            batch = collate(step[at:at + options.micro_batch], pad, config.image_token_id)
            batch = {key: value.to(options.device) for key, value in batch.items()}
            loss = model(**batch, num_items_in_batch=items, use_cache=False).loss
            loss.backward()
            loss_sum += loss.item() * items
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        learnt += items
        seconds.append(time.monotonic() - start)
    peak = (torch.cuda.max_memory_allocated() if options.device != "cpu"
            else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    print(json.dumps({"seconds": seconds, "loss": loss_sum / learnt, "peak_bytes": peak,
                      "tokens": sum(len(s["ids"]) for s in samples)}))


if __name__ == "__main__":
    main()
