#!/usr/bin/env python3
"""Makes the text files of the phantom checkpoint folders: tokenizer, template, configurations.

The tokenizer has the form of Qwen3-VL's (NFC, Qwen2 split pattern, byte-level BPE, the same 26 added
tokens) with a few hundred entries learnt from the phantom world's own text: every byte is an entry,
so any text can be encoded, and a word of the phantom world is one token. Weights are not made here.

usage: litemedcot phantom --out D --train 4000 --single-train 4000 --reading 2000
       make_tokenizer.py --data D --out assets/phantom
Needs: tokenizers (developers only).
"""

import argparse
import json
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, trainers

from world_text import DESCRIBE, question_text, read_part, reply_text

# Mirrors: Qwen3-VL's tokenizer.json.
SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>",
           "<|object_ref_end|>", "<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>",
           "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>"]
NOT_SPECIAL = ["<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>",
               "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>", "<tool_response>",
               "</tool_response>", "<think>", "</think>"]
IMAGE_AREA_PX = 128 * 128

# A conversation of text and images, as Qwen3-VL-Instruct renders it; tools and videos are left out.
CHAT_TEMPLATE = """{%- for message in messages -%}
{{- '<|im_start|>' + message.role + '\\n' -}}
{%- if message.content is string -%}
{{- message.content -}}
{%- else -%}
{%- for part in message.content -%}
{%- if part.type == 'image' or 'image' in part or 'image_url' in part -%}
{{- '<|vision_start|><|image_pad|><|vision_end|>' -}}
{%- elif 'text' in part -%}
{{- part.text -}}
{%- endif -%}
{%- endfor -%}
{%- endif -%}
{{- '<|im_end|>\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{- '<|im_start|>assistant\\n' -}}
{%- endif -%}
"""

# Sizes of the three checkpoints. head_dim 32 leaves 16 rotary frequencies: 6 + 5 + 5.
SIZES = {
    "student": dict(text=(128, 4, 6, 2, 384), vision=(96, 3, 4, 256)),
    "base": dict(text=(192, 5, 6, 2, 512), vision=(128, 3, 4, 384)),
    "teacher": dict(text=(192, 5, 6, 2, 512), vision=(128, 3, 4, 384)),
}
DEEPSTACK_BLOCKS = [0, 1]
# Larger than the released models' 0.02: about the root of 1 / width, as there.
INITIALIZER_RANGE = 0.09


def train_tokenizer(folder: Path) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(SPLIT), behavior="isolated", invert=False),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel(add_prefix_space=False, use_regex=False)
    texts = ["user\n", "assistant\n", "system\n", DESCRIBE, "Caption: "] * 50
    for part in ("single_train", "composite_train"):
        for row in read_part(folder, part)[:4000]:
            texts.append(row.caption)
            for reason in (False, True):
                texts += [question_text(row, reason), reply_text(row, reason)]
    with open(folder / "reading.jsonl") as file:
        for line in file:
            texts += [json.loads(line)["prompt"], json.loads(line)["reply"]]
    trainer = trainers.BpeTrainer(vocab_size=2000, min_frequency=20, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_tokens(
        [AddedToken(text, special=True, normalized=False) for text in SPECIAL] +
        [AddedToken(text, special=False, normalized=False) for text in NOT_SPECIAL])
    return tokenizer


def tokenizer_config(tokenizer: Tokenizer) -> dict:
    added = {}
    for text in SPECIAL + NOT_SPECIAL:
        added[str(tokenizer.token_to_id(text))] = {
            "content": text, "lstrip": False, "normalized": False, "rstrip": False,
            "single_word": False, "special": text in SPECIAL}
    return {
        "add_bos_token": False, "add_prefix_space": False, "added_tokens_decoder": added,
        "additional_special_tokens": SPECIAL[1:], "bos_token": None,
        "chat_template": CHAT_TEMPLATE, "clean_up_tokenization_spaces": False,
        "eos_token": "<|im_end|>", "errors": "replace", "model_max_length": 4096,
        "pad_token": "<|endoftext|>", "split_special_tokens": False,
        "tokenizer_class": "Qwen2Tokenizer", "unk_token": None}


def model_config(tokenizer: Tokenizer, text, vision) -> dict:
    hidden, layers, heads, kv_heads, intermediate = text
    vision_hidden, depth, vision_heads, vision_intermediate = vision
    token = tokenizer.token_to_id
    return {
        "architectures": ["Qwen3VLForConditionalGeneration"],
        "image_token_id": token("<|image_pad|>"),
        "model_type": "qwen3_vl",
        "text_config": {
            "attention_bias": False, "attention_dropout": 0.0,
            "bos_token_id": token("<|endoftext|>"), "dtype": "bfloat16",
            "eos_token_id": token("<|im_end|>"), "head_dim": 32, "hidden_act": "silu",
            "hidden_size": hidden, "initializer_range": INITIALIZER_RANGE, "intermediate_size": intermediate,
            "max_position_embeddings": 4096, "model_type": "qwen3_vl_text",
            "num_attention_heads": heads, "num_hidden_layers": layers,
            "num_key_value_heads": kv_heads, "rms_norm_eps": 1e-06,
            "rope_scaling": {"mrope_interleaved": True, "mrope_section": [6, 5, 5],
                             "rope_type": "default"},
            "rope_theta": 5000000, "tie_word_embeddings": True, "use_cache": True,
            # A multiple of 16 keeps the rows aligned; the rows past the last token are never used.
            "vocab_size": -(-tokenizer.get_vocab_size() // 16) * 16},
        "tie_word_embeddings": True,
        "transformers_version": "4.57.0",
        "video_token_id": token("<|video_pad|>"),
        "vision_config": {
            "deepstack_visual_indexes": DEEPSTACK_BLOCKS, "depth": depth,
            "hidden_act": "gelu_pytorch_tanh", "hidden_size": vision_hidden, "in_channels": 3,
            "initializer_range": INITIALIZER_RANGE, "intermediate_size": vision_intermediate,
            "model_type": "qwen3_vl", "num_heads": vision_heads, "num_position_embeddings": 64,
            "out_hidden_size": hidden, "patch_size": 16, "spatial_merge_size": 2,
            "temporal_patch_size": 2},
        "vision_end_token_id": token("<|vision_end|>"),
        "vision_start_token_id": token("<|vision_start|>")}


def write_json(path: Path, value) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    tokenizer = train_tokenizer(args.data)
    preprocessor = {
        "size": {"longest_edge": 4 * IMAGE_AREA_PX, "shortest_edge": IMAGE_AREA_PX},
        "patch_size": 16, "temporal_patch_size": 2, "merge_size": 2,
        "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5],
        "processor_class": "Qwen3VLProcessor",
        "image_processor_type": "Qwen2VLImageProcessorFast"}
    generation = {"do_sample": False, "bos_token_id": tokenizer.token_to_id("<|endoftext|>"),
                  "pad_token_id": tokenizer.token_to_id("<|endoftext|>"),
                  "eos_token_id": [tokenizer.token_to_id("<|im_end|>"),
                                   tokenizer.token_to_id("<|endoftext|>")]}
    for name, size in SIZES.items():
        folder = args.out / name
        folder.mkdir(parents=True, exist_ok=True)
        tokenizer.save(str(folder / "tokenizer.json"))
        write_json(folder / "tokenizer_config.json", tokenizer_config(tokenizer))
        write_json(folder / "chat_template.json", {"chat_template": CHAT_TEMPLATE})
        write_json(folder / "preprocessor_config.json", preprocessor)
        write_json(folder / "generation_config.json", generation)
        write_json(folder / "config.json", model_config(tokenizer, **size))
    print(f"{tokenizer.get_vocab_size()} tokens")


if __name__ == "__main__":
    main()
