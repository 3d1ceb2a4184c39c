#!/usr/bin/env python3
"""Twenty optimiser steps of transformers + peft on a tiny Qwen3-VL, by LoRA and by DoRA, and eight of full fine-tuning.

Writes tests/golden/train/training.safetensors, in f32: the samples (ids, targets, positions, patches), per step loss,
gradient norm and learning rate, the pairs before and after, loss and gradients of one padded batch; and schedule.json
(learning-rate factors of transformers).
Each step has four samples in two micro-batches of unequal size, weighted by their reply tokens, as the Hugging Face trainer
does with num_items_in_batch.
Run: HF_HUB_OFFLINE=1 python tools/golden/training.py   (transformers, peft)
"""
import json
import os

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration, get_scheduler

HERE = os.path.dirname(os.path.abspath(__file__))
MODEL = os.path.join(HERE, "..", "..", "tests", "golden", "model", "wide_query")
OUT = os.path.join(HERE, "..", "..", "tests", "golden", "train")
IMAGE, START, END = 90, 91, 92
GRIDS = [(4, 6), None, (8, 2), (2, 2), None, (4, 4), (6, 4)]  # patches down and across; None: no image
STEPS, BATCH, WARMUP = 20, 4, 3


def make_samples():
    generator = torch.Generator().manual_seed(5)
    samples = []
    for index, grid in enumerate(GRIDS):
        pads = [START] + [IMAGE] * (grid[0] * grid[1] // 4) + [END] if grid else []
        before, reply = [5, 6 + index], 3 + index
        words = torch.randint(0, 80, (4 + reply,), generator=generator).tolist()
        ids = torch.tensor(before + pads + words)
        targets = torch.zeros(len(ids), dtype=torch.long)
        targets[-reply:] = 1
        sample = {"ids": ids, "targets": targets}
        if grid:
            sample["pixels"] = torch.randn(grid[0] * grid[1], 96, generator=generator).clamp(-1, 1)
            sample["grid"] = torch.tensor([[1, *grid]])
        samples.append(sample)
    return samples


def summed_loss(model, sample):
    ids = sample["ids"][None]
    inputs = dict(input_ids=ids, attention_mask=torch.ones_like(ids))
    if "pixels" in sample:
        inputs.update(pixel_values=sample["pixels"], image_grid_thw=sample["grid"],
                      mm_token_type_ids=(ids == IMAGE).long())
    logits = model(**inputs).logits[0]
    at = sample["targets"].nonzero().squeeze(1)
    return torch.nn.functional.cross_entropy(logits[at - 1], ids[0, at], reduction="sum")


def train(model, samples, steps, rate, decay):
    weights = [p for p in model.parameters() if p.requires_grad]
    groups = [{"params": [p for p in weights if p.dim() >= 2], "weight_decay": decay},
              {"params": [p for p in weights if p.dim() < 2], "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95), eps=1e-8)
    schedule = get_scheduler("cosine", optimiser, num_warmup_steps=WARMUP, num_training_steps=steps)
    losses, norms, rates = [], [], []
    for step in range(steps):
        batch = [samples[(step * BATCH + i) % len(samples)] for i in range(BATCH)]
        count = sum(int(s["targets"].sum()) for s in batch)
        total = 0.0
        for part in (batch[:1], batch[1:]):
            loss = sum(summed_loss(model, s) for s in part) / count
            loss.backward()
            total += loss.item()
        norms.append(torch.nn.utils.clip_grad_norm_(weights, 0.5).item())
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        losses.append(total)
    return {"loss": torch.tensor(losses), "norm": torch.tensor(norms), "rate": torch.tensor(rates)}


def padded_batch(samples):
    """As a collator makes it: padded on the right, labels of everything but the reply ignored."""
    from torch.nn.utils.rnn import pad_sequence
    stack = lambda rows, fill: pad_sequence(rows, batch_first=True, padding_value=fill)
    ids = stack([s["ids"] for s in samples], 0)
    images = [s for s in samples if "pixels" in s]
    return {"input_ids": ids, "attention_mask": stack([torch.ones_like(s["ids"]) for s in samples], 0),
            "labels": stack([torch.where(s["targets"] == 1, s["ids"], -100) for s in samples], -100),
            "mm_token_type_ids": (ids == IMAGE).long(), "pixel_values": torch.cat([s["pixels"] for s in images]),
            "image_grid_thw": torch.cat([s["grid"] for s in images])}


def adapted(model, **more):
    """The model with LoRA pairs, and these by the names they are saved under; A is drawn, B zero."""
    config = LoraConfig(r=4, lora_alpha=6, target_modules=["q_proj", "v_proj", "down_proj", "qkv", "linear_fc1"],
                        lora_dropout=0.0, task_type="CAUSAL_LM", **more)
    lora = get_peft_model(model, config)
    generator = torch.Generator().manual_seed(11)
    saved = lambda name: name.replace(".default", "").replace("magnitude_vector.weight", "magnitude_vector")
    pairs = {saved(n): p for n, p in lora.named_parameters() if "lora_" in n}
    with torch.no_grad():
        for name, value in pairs.items():
            value.copy_(0.1 * torch.randn(value.shape, generator=generator) if "lora_A" in name else value)
    return lora, pairs


def load_model():
    config = Qwen3VLConfig.from_pretrained(MODEL)
    config._attn_implementation = "eager"
    return Qwen3VLForConditionalGeneration.from_pretrained(MODEL, config=config, dtype=torch.float32).train()


def main():
    torch.set_num_threads(1)
    os.makedirs(OUT, exist_ok=True)
    golden = {}
    samples = make_samples()
    model = load_model()
    for index, sample in enumerate(samples):
        ids = sample["ids"][None]
        extra = {"image_grid_thw": sample["grid"]} if "grid" in sample else {}
        positions, _ = model.model.get_rope_index(input_ids=ids, mm_token_type_ids=(ids == IMAGE).long(),
                                                  attention_mask=torch.ones_like(ids), **extra)
        golden.update({f"sample.{index}.{k}": v for k, v in sample.items()})
        golden[f"sample.{index}.positions"] = positions.reshape(3, -1).contiguous()

    lora, pairs = adapted(model)
    golden.update({f"lora.before.{n}": p.detach().clone() for n, p in pairs.items()})
    golden.update({f"lora.{k}": v for k, v in train(lora, samples, STEPS, 5e-3, 0.1).items()})
    golden.update({f"lora.after.{n}": p.detach().clone() for n, p in pairs.items()})
    # From the trained pairs, whose B is not zero: the model's own loss of one padded batch.
    loss = lora(**padded_batch(samples)).loss
    loss.backward()
    golden["padded.loss"] = loss.detach()
    golden.update({f"padded.gradient.{n}": p.grad.clone() for n, p in pairs.items()})

    dora, pairs = adapted(load_model(), use_dora=True)
    golden.update({f"dora.before.{n}": p.detach().clone() for n, p in pairs.items()})
    golden.update({f"dora.{k}": v for k, v in train(dora, samples, STEPS, 5e-3, 0.1).items()})
    golden.update({f"dora.after.{n}": p.detach().clone() for n, p in pairs.items()})

    golden.update({f"full.{k}": v for k, v in train(load_model(), samples, 8, 1e-3, 0.01).items()})
    save_file({k: v.contiguous() for k, v in golden.items()}, os.path.join(OUT, "training.safetensors"))

    factors = {}
    for kind in ("cosine", "linear", "constant_with_warmup"):
        optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        schedule = get_scheduler(kind, optimiser, num_warmup_steps=5, num_training_steps=23)
        factors[kind] = []
        for _ in range(23):
            factors[kind].append(optimiser.param_groups[0]["lr"])
            optimiser.step()
            schedule.step()
    with open(os.path.join(OUT, "schedule.json"), "w") as file:
        json.dump({"warmup": 5, "total": 23, "factors": factors}, file, indent=1)
    print({k: [round(x, 4) for x in golden[k].tolist()] for k in ("lora.loss", "full.loss")})


if __name__ == "__main__":
    main()
