#!/usr/bin/env python3
"""transformers `generate` on the same questions and prompts: greedy, SDPA, padded on the left.

Images are prepared before the clock starts. Prints one JSON object.
"""
import argparse
import json
import pathlib
import time

import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoTokenizer, Qwen3VLForConditionalGeneration

REASONED = ('Reason step by step from what the image shows. Then end with one line: "Answer: X", where X is the letter of '
            "the correct option.")


def load_questions(path, limit, model, merge):
    tokenizer = AutoTokenizer.from_pretrained(model)
    processor = AutoImageProcessor.from_pretrained(model)
    questions = []
    for line in list(open(path))[:limit]:
        row = json.loads(line)
        image = processor(images=[Image.open(pathlib.Path(path).parent / row["image"]).convert("RGB")], return_tensors="pt")
        pads = int(image["image_grid_thw"].prod()) // merge**2
        options = "".join(f"{letter}. {text}\n" for letter, text in sorted(row["options"].items()))
        prompt = (f"<|im_start|>user\n<|vision_start|>{'<|image_pad|>' * pads}<|vision_end|>Question: {row['question']}\n"
                  f"{options}\n{REASONED}<|im_end|>\n<|im_start|>assistant\n")
        questions.append((tokenizer(prompt, add_special_tokens=False)["input_ids"], image))
    return tokenizer, questions


def batches_of(questions, size, pad, image_token):
    for at in range(0, len(questions), size):
        part = questions[at:at + size]
        longest = max(len(ids) for ids, _ in part)
        ids = torch.tensor([[pad] * (longest - len(one)) + one for one, _ in part])
        mask = torch.tensor([[0] * (longest - len(one)) + [1] * len(one) for one, _ in part])
        yield {"input_ids": ids, "attention_mask": mask, "mm_token_type_ids": (ids == image_token).long(),
               "pixel_values": torch.cat([image["pixel_values"] for _, image in part]),
               "image_grid_thw": torch.cat([image["image_grid_thw"] for _, image in part])}


def main():
    parser = argparse.ArgumentParser()
    for name, kind, default in [("model", str, None), ("questions", str, None), ("adapter", str, ""), ("limit", int, 96),
                                ("batch", int, 1), ("threads", int, 2), ("tokens", int, 64)]:
        parser.add_argument("--" + name, type=kind, default=default, required=default is None)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = Qwen3VLForConditionalGeneration.from_pretrained(options.model, dtype=torch.float32, attn_implementation="sdpa")
    config = model.config
    if options.adapter:
        from peft import PeftModel
        model = PeftModel.from_pretrained(model, options.adapter).merge_and_unload()
    model.eval()
    tokenizer, questions = load_questions(options.questions, options.limit, options.model,
                                          config.vision_config.spatial_merge_size)
    end = tokenizer.convert_tokens_to_ids("<|im_end|>")
    replies = []
    with torch.inference_mode():
        start = time.monotonic()
        for batch in batches_of(questions, options.batch, end, config.image_token_id):
            made = model.generate(**batch, max_new_tokens=options.tokens, do_sample=False, eos_token_id=end, pad_token_id=end)
            replies += tokenizer.batch_decode(made[:, batch["input_ids"].shape[1]:], skip_special_tokens=True)
        seconds = time.monotonic() - start
    print(json.dumps({"seconds": seconds, "replies": replies}))


if __name__ == "__main__":
    main()
