#!/usr/bin/env python3
"""Token ids of random and chosen strings by Hugging Face `tokenizers`.

Without arguments: trains a small vocabulary of the Qwen2 kind and writes it with 400 cases to
tests/golden/text/. With --tokenizer F --count N --out F.jsonl: cases for another vocabulary, for
    LMC_TOKENIZER_FOLDER=DIR LMC_TOKENIZER_CASES=F.jsonl text_test --gtest_filter='*CasesFromOutside*'
"""
import argparse
import json
import os
import random

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
WORDS = """the patient's chest radiograph shows a 3.5 cm left-sided pleural effusion; cardiomegaly isn't seen
T2-weighted MRI, FLAIR hyperintense lesion (5 mm) in the periventricular white matter we'll follow-up
12-Lead ECG: ST-elevation >2mm V1-V4 I'd say it's 100% certain Ang\u00f6\u00f6\u00df na\u00efve \u0394T=2\u03bcm \u00b5g/mL 37\u00b0C""".split()
TEXTS = [
    "", " ", "  ", "\n", " \n x", "a\r\n\r\nb", "don'T you'LL we'Ve x'\u017fy", "\u0041\u030a \u212b e\u0301\u0327",
    "\ud55c\uad6d\uc5b4 \u1112\u1161\u11ab", "1234567", "\uff11\uff12\uff13 \u2167 \u00bd", "a<|im_end|>b", "<|im_start|>user\n<|image_pad|>",
    "<think>x</think>", "<|im_end", "tab\t\tx", "\u00a0\u2003\u3000x", "\u200d\U0001f468\u200d\u2695\ufe0f", "\u0928\u092e\u0938\u094d\u0924\u0947", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35",
    "x\u2028\u2028y", "\x00\x01\x7f", "!!!\n\n!!", "  lead", "trail  ", "a  b   c\n\n\n d", "\u0958\u0344\u2126",
]


def random_text(rng):
    parts = []
    for _ in range(rng.randint(1, 12)):
        kind = rng.random()
        if kind < 0.35:
            parts.append(rng.choice(WORDS))
        elif kind < 0.5:
            parts.append(rng.choice([" ", "  ", "\n", "\r\n", "\t", "\u00a0", "\u2003", " \n "]))
        elif kind < 0.6:
            parts.append(rng.choice(["'s", "'RE", "'ll", "12", "3.14", "...", "-->", "\u0301", "\u0323\u0307"]))
        elif kind < 0.68:
            parts.append(rng.choice(["<|im_end|>", "<|image_pad|>", "<think>", "<|im_", "|>", "<tool_call>"]))
        else:
            plane = rng.choice([0, 0, 0, 0, 1, 1, 2, 3, 14, 15, 16])
            for _ in range(rng.randint(1, 4)):
                c = plane * 0x10000 + rng.randrange(0x10000)
                parts.append("x" if 0xD800 <= c <= 0xDFFF else chr(c))
    return "".join(parts)


def train_small():
    tok = Tokenizer(models.BPE())
    tok.normalizer = normalizers.NFC()
    tok.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PATTERN), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    tok.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=500, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    rng = random.Random(1)
    tok.train_from_iterator([" ".join(rng.choices(WORDS, k=20)) for _ in range(500)], trainer)
    tok.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in
                            ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>")])
    tok.add_tokens([AddedToken(t, special=False, normalized=False) for t in ("<think>", "</think>", "<tool_call>")])
    return tok


def write_cases(tok, path, count, seed):
    rng = random.Random(seed)
    texts = TEXTS + [random_text(rng) for _ in range(count - len(TEXTS))]
    with open(path, "w", encoding="utf-8") as out:
        for text in texts:
            ids = tok.encode(text, add_special_tokens=False).ids
            row = {"text": text, "ids": ids, "decoded": tok.decode(ids, skip_special_tokens=False)}
            out.write(json.dumps(row) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tokenizer")
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out")
    args = parser.parse_args()
    if args.tokenizer:
        write_cases(Tokenizer.from_file(args.tokenizer), args.out, args.count, args.seed)
        return
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "golden", "text")
    tok = train_small()
    tok.save(os.path.join(folder, "tokenizer.json"), pretty=False)
    write_cases(tok, os.path.join(folder, "cases.jsonl"), args.count, args.seed)
    with open(os.path.join(folder, "origin.txt"), "w") as out:
        out.write(f"tools/golden/text_tokenizer.py, tokenizers {tokenizers.__version__}\n")


if __name__ == "__main__":
    main()
