#!/usr/bin/env python3
"""Tiny random Qwen3-VL checkpoints and what transformers computes with them, in f32.

Writes tests/golden/model/<case>/: config.json, model.safetensors (weights), golden.safetensors
(inputs, every stage of the vision tower, every layer, logits; LoRA pairs, loss and their gradients).
Weights are large and norms and biases are not neutral, so that every term of the model matters.
Run: HF_HUB_OFFLINE=1 python tools/golden/model_parity.py [--check] [CASE...]   (transformers, peft)
With --check nothing is written; the stored goldens are compared with the installed transformers.
"""
import os
import shutil
import sys

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "..", "tests", "golden", "model")
VOCAB, IMAGE, START, END = 96, 90, 91, 92

CASES = {
    # query width unlike the hidden width; tied head
    "wide_query": dict(text=dict(hidden_size=32, num_hidden_layers=4, num_attention_heads=6, num_key_value_heads=2,
                                 head_dim=16, intermediate_size=40), section=[4, 2, 2], tied=True,
                       vision=dict(hidden_size=32, num_heads=2, depth=4, intermediate_size=48,
                                   num_position_embeddings=36, deepstack_visual_indexes=[0, 2])),
    # untied head; three heads
    "untied": dict(text=dict(hidden_size=36, num_hidden_layers=3, num_attention_heads=3, num_key_value_heads=3,
                             head_dim=12, intermediate_size=44), section=[2, 2, 2], tied=False,
                   vision=dict(hidden_size=24, num_heads=3, depth=3, intermediate_size=28,
                               num_position_embeddings=25, deepstack_visual_indexes=[0, 1, 2])),
    # tower heads whose width is no power of two, five query heads on one key/value head
    "odd_tower": dict(text=dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=5, num_key_value_heads=1,
                                head_dim=20, intermediate_size=32), section=[4, 3, 3], tied=True,
                      vision=dict(hidden_size=36, num_heads=3, depth=2, intermediate_size=50,
                                  num_position_embeddings=49, deepstack_visual_indexes=[1])),
    # tokens of 3 x 3 patches of 5 pixels; config.json says "tied", but another head is stored and counts
    "merge_three": dict(text=dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
                                  head_dim=12, intermediate_size=28), section=[2, 2, 2], tied=False, said_tied=True,
                        merge=3, patch=5,
                        vision=dict(hidden_size=12, num_heads=1, depth=2, intermediate_size=20,
                                    num_position_embeddings=16, deepstack_visual_indexes=[0])),
}
TOKEN_GRIDS = [(2, 3), (4, 1)]  # image tokens down and across: unequal and not square


def make_config(case):
    text = dict(case["text"], vocab_size=VOCAB, rms_norm_eps=1e-6, max_position_embeddings=512, rope_theta=5000000,
                rope_scaling={"mrope_interleaved": True, "mrope_section": case["section"], "rope_type": "default"},
                attention_bias=False, hidden_act="silu", tie_word_embeddings=case["tied"])
    vision = dict(case["vision"], out_hidden_size=case["text"]["hidden_size"], patch_size=case.get("patch", 4),
                  temporal_patch_size=2, spatial_merge_size=case.get("merge", 2), in_channels=3,
                  hidden_act="gelu_pytorch_tanh")
    return Qwen3VLConfig(text_config=text, vision_config=vision, image_token_id=IMAGE, vision_start_token_id=START,
                         vision_end_token_id=END, video_token_id=93, tie_word_embeddings=case["tied"],
                         architectures=["Qwen3VLForConditionalGeneration"])


def make_inputs(case):
    def image(grid):
        return [START] + [IMAGE] * (grid[0] * grid[1]) + [END]

    ids = [5, 6, 7] + image(TOKEN_GRIDS[0]) + [8, 9, 10, 11] + image(TOKEN_GRIDS[1]) + [12, 13, 14, 15, 16]
    ids = torch.tensor([ids])
    merge, patch = case.get("merge", 2), case.get("patch", 4)
    grids = [(merge * h, merge * w) for h, w in TOKEN_GRIDS]
    patches = sum(h * w for h, w in grids)
    pixels = torch.randn(patches, 3 * 2 * patch * patch, generator=torch.Generator().manual_seed(3)).clamp(-1, 1)
    inputs = dict(input_ids=ids, attention_mask=torch.ones_like(ids), pixel_values=pixels,
                  image_grid_thw=torch.tensor([[1, h, w] for h, w in grids]))
    if int(transformers.__version__.split(".")[0]) >= 5:
        inputs["mm_token_type_ids"] = (ids == IMAGE).long()
    return inputs


def randomise(model):
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for name, value in model.named_parameters():
            noise = torch.randn(value.shape, generator=generator)
            is_norm = "norm" in name and name.endswith("weight")
            value.copy_(1 + 0.2 * noise if is_norm else 0.15 * noise)


def run(model, inputs):
    taps, handles = {}, []

    def tap(name, module):
        def hook(_, __, output):
            taps[name] = (output[0] if isinstance(output, tuple) else output).detach().clone()
        handles.append(module.register_forward_hook(hook))

    inner = model.model
    tap("vision.patch_embed", inner.visual.patch_embed)
    for i, block in enumerate(inner.visual.blocks):
        tap(f"vision.block.{i}", block)
    tap("vision.merger", inner.visual.merger)
    for i, merger in enumerate(inner.visual.deepstack_merger_list):
        tap(f"vision.deepstack.{i}", merger)
    # What the next module reads: the layer's output with DeepStack added. (The lists of
    # output_hidden_states differ between versions on that point.)
    language = inner.language_model
    for i, reader in enumerate([*language.layers[1:], language.norm]):
        def pre_hook(_, args, kwargs, name=f"language.layer.{i}"):
            taps[name] = (args[0] if args else kwargs["hidden_states"]).detach().clone()
        handles.append(reader.register_forward_pre_hook(pre_hook, with_kwargs=True))
    with torch.no_grad():
        output = model(**inputs, use_cache=True)
    for handle in handles:
        handle.remove()
    taps["logits"] = output.logits
    return taps


def lora_run(model, inputs, golden):
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(r=3, lora_alpha=5, target_modules=["q_proj", "down_proj", "qkv", "linear_fc2"],
                        lora_dropout=0.0, task_type="CAUSAL_LM")
    peft_model = get_peft_model(model, config)
    generator = torch.Generator().manual_seed(11)
    pairs = {n: p for n, p in peft_model.named_parameters() if "lora_" in n}
    with torch.no_grad():
        for value in pairs.values():
            value.copy_(0.1 * torch.randn(value.shape, generator=generator))
    labels = inputs["input_ids"].clone()
    labels[:, :-5] = -100
    output = peft_model(**inputs, labels=labels, use_cache=True)
    output.loss.backward()
    golden["lora.loss"] = output.loss.detach().reshape(1)
    golden["lora.logits"] = output.logits.detach()
    for name, value in pairs.items():
        plain = name.replace(".default", "")
        golden["lora.grad." + plain] = value.grad
    return peft_model


def main():
    check = "--check" in sys.argv
    torch.set_num_threads(1)
    chosen = [argument for argument in sys.argv[1:] if argument != "--check"]
    for name, case in CASES.items():
        if chosen and name not in chosen:
            continue
        folder = os.path.join(OUT, name)
        torch.manual_seed(0)
        config = make_config(case)
        config._attn_implementation = "eager"
        model = Qwen3VLForConditionalGeneration(config).float().eval()
        inputs = make_inputs(case)
        if check:
            model.load_state_dict(load_file(os.path.join(folder, "model.safetensors")), strict=False)
            golden, now = load_file(os.path.join(folder, "golden.safetensors")), run(model, inputs)
            worst = max(((golden[k] - now[k]).pow(2).mean() / golden[k].pow(2).mean()).sqrt().item() for k in now)
            print(f"{name}: transformers {transformers.__version__} differs by at most {worst:.2e} (relative RMS)")
            continue
        randomise(model)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        weights = {k: v.contiguous() for k, v in model.state_dict().items() if not (case["tied"] and k == "lm_head.weight")}
        save_file(weights, os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})
        config.tie_word_embeddings = case.get("said_tied", case["tied"])
        config.save_pretrained(folder)
        if case.get("said_tied"):  # as transformers reads the folder, told what config.json says
            model = Qwen3VLForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
            assert not torch.equal(model.lm_head.weight, model.model.language_model.embed_tokens.weight)
        golden = run(model, inputs)
        golden.update({k: v for k, v in inputs.items() if k != "mm_token_type_ids"})
        extra = {"mm_token_type_ids": inputs["mm_token_type_ids"]} if "mm_token_type_ids" in inputs else {}
        positions, _ = model.model.get_rope_index(input_ids=inputs["input_ids"], image_grid_thw=inputs["image_grid_thw"],
                                                  attention_mask=inputs["attention_mask"], **extra)
        golden["position_ids"] = positions
        peft_model = lora_run(model, inputs, golden)
        peft_model.save_pretrained(os.path.join(folder, "adapter"))
        os.remove(os.path.join(folder, "adapter", "README.md"))
        save_file({k: v.contiguous() for k, v in golden.items()}, os.path.join(folder, "golden.safetensors"))
        with open(os.path.join(folder, "origin.txt"), "w") as out:
            import peft
            out.write(f"tools/golden/model_parity.py, torch {torch.__version__}, transformers {transformers.__version__}, peft {peft.__version__}, f32, CPU, eager attention\n")
        print(name, "done")


if __name__ == "__main__":
    main()
