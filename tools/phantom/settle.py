#!/usr/bin/env python3
"""Shows on a real, tiny Qwen3-VL that the phantom world can be learnt, and that reasoning pays.

read:     teaches the language model alone to name the letter of an option.
perceive: goes on with pictures, captions and single-finding questions; prints held-out accuracy.
distil:   from such a checkpoint, fine-tunes on composite questions twice, answer-only and
          reasoning-then-answer, the same questions and number of passes; prints both accuracies and
          the exact McNemar test.

usage: settle.py read --data DIR --model assets/phantom/student --out READ --steps 250
       settle.py perceive --data DIR --model assets/phantom/student --resume READ --out CKPT
       settle.py distil --data DIR --model CKPT --out DIR --questions 2400 --epochs 6
Needs: torch, transformers >= 5, pillow (developers only).
"""

import argparse
import copy
import itertools
import math
import random
import shutil
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from tokenizers import Tokenizer
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

from world_text import DESCRIBE, prompt_text, question_text, read_part, reply_text

SIDE, PATCH, MERGE = 128, 16, 2
GRID = SIDE // PATCH
NUM_IMAGE_TOKENS = (GRID // MERGE) ** 2
TEXT_FILES = ["config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.json",
              "preprocessor_config.json", "generation_config.json"]


def load_patches(folder, rows):
    """Grey values of each picture, cut into patches in merge order: [picture, patch, 256]."""
    patches = np.empty((len(rows), GRID * GRID, PATCH * PATCH), np.uint8)
    half = GRID // MERGE
    for i, row in enumerate(rows):
        grey = np.asarray(Image.open(folder / "images" / row.figure).convert("L"))
        blocks = grey.reshape(half, MERGE, PATCH, half, MERGE, PATCH).transpose(0, 3, 1, 4, 2, 5)
        patches[i] = blocks.reshape(GRID * GRID, PATCH * PATCH)
    return patches


class Sample:
    """One conversation: which picture, the prompt's tokens, the reply's tokens, the answer letter's
    place in the reply (None when it has none)."""

    def __init__(self, picture, prompt, reply, letter_at=None):
        self.picture, self.prompt, self.reply, self.letter_at = picture, prompt, reply, letter_at


class World:
    """Tokenised samples and patches of some rows."""

    def __init__(self, folder, part, tokenizer, limit=None):
        self.rows = read_part(folder, part)[:limit]
        self.patches = load_patches(folder, self.rows)
        self.tokenizer = tokenizer
        self.end = tokenizer.token_to_id("<|im_end|>")

    def ids(self, text):
        return self.tokenizer.encode(text).ids

    def sample(self, i, text, reply, has_letter):
        prompt = self.ids(prompt_text(text, NUM_IMAGE_TOKENS))
        ids = self.ids(reply) + [self.end]
        return Sample(i, prompt, ids, len(ids) - 2 if has_letter else None)

    def question(self, i, reason):
        row = self.rows[i]
        return self.sample(i, question_text(row, reason), reply_text(row, reason), True)

    def description(self, i):
        return self.sample(i, DESCRIBE, self.rows[i].caption, False)


def pixel_values(patches):
    grey = torch.from_numpy(patches.reshape(-1, PATCH * PATCH)).float().sub_(127.5).div_(127.5)
    return grey.repeat(1, 6)  # three equal channels, two equal frames


def positions(ids, image_token):
    """M-RoPE positions [3, batch, time]; every row has one picture of the usual size, at one place."""
    batch, length = ids.shape
    start = int((ids[0] == image_token).nonzero()[0])
    side = GRID // MERGE
    line = torch.arange(length)
    line = torch.where(line >= start + NUM_IMAGE_TOKENS, line - NUM_IMAGE_TOKENS + side, line)
    out = line.repeat(3, 1)
    cell = torch.arange(NUM_IMAGE_TOKENS)
    span = slice(start, start + NUM_IMAGE_TOKENS)
    out[0, span] = start
    out[1, span] = start + cell // side
    out[2, span] = start + cell % side
    return out[:, None].expand(3, batch, length)


def run_model(model, patches, ids, mask):
    """Logits; `patches` is None for text without pictures."""
    if patches is None:
        line = torch.arange(ids.shape[1]).expand(3, *ids.shape)
        return model(input_ids=ids, attention_mask=mask, position_ids=line, use_cache=False).logits
    grid = torch.tensor([[1, GRID, GRID]] * len(patches))
    return model(input_ids=ids, attention_mask=mask, pixel_values=pixel_values(patches),
                 image_grid_thw=grid, use_cache=False,
                 mm_token_type_ids=(ids == model.config.image_token_id).int(),
                 position_ids=positions(ids, model.config.image_token_id)).logits


def batch_tensors(samples, pad):
    length = max(len(s.prompt) + len(s.reply) for s in samples)
    ids = torch.full((len(samples), length), pad)
    labels = torch.full((len(samples), length), -100)
    mask = torch.zeros((len(samples), length), dtype=torch.long)
    for row, s in enumerate(samples):
        end = len(s.prompt) + len(s.reply)
        ids[row, :end] = torch.tensor(s.prompt + s.reply)
        labels[row, len(s.prompt):end] = torch.tensor(s.reply)
        mask[row, :end] = 1
    return ids, labels, mask


def loss_of(model, patches, samples, pad):
    """Mean over samples of the mean loss over each reply, plus the loss of the answer letter alone:
    one token in fifty that carries what a question is about would else be learnt last."""
    ids, labels, mask = batch_tensors(samples, pad)
    if patches is not None:
        patches = patches[[s.picture for s in samples]]
    logits = run_model(model, patches, ids, mask)
    target = labels[:, 1:]
    loss = F.cross_entropy(logits[:, :-1].float().transpose(1, 2), target, ignore_index=-100,
                           reduction="none")
    total = (loss.sum(1) / (target != -100).sum(1)).sum()
    for row, s in enumerate(samples):
        if s.letter_at is not None:
            total = total + loss[row, len(s.prompt) + s.letter_at - 1]
    return total / len(samples)


def fit(model, patches, draw, steps, rate, batch_size, pad, log_every, on_log=None):
    """AdamW, linear warm-up, cosine decay; `draw(step)` gives the samples of a step."""
    weights = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=rate, betas=(0.9, 0.98), weight_decay=0.01)
    warmup = max(1, min(100, steps // 10))
    start = time.time()
    mean = 0.0
    for step in range(1, steps + 1):
        scale = min(step / warmup, 1.0) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))
        for group in optimiser.param_groups:
            group["lr"] = rate * scale
        samples = draw(batch_size)
        loss = loss_of(model, patches, samples, pad)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        mean += loss.item() / log_every
        if step % log_every == 0:
            print(f"step {step} loss {mean:.4f} {time.time() - start:.0f} s", flush=True)
            mean = 0.0
            if on_log:
                on_log()


def letter_accuracy(model, world, indices, pad):
    """Answer-only accuracy: the most probable letter after "Answer:"."""
    letters = [world.ids(f"Answer: {letter}")[-1] for letter in "ABCD"]
    lead = world.ids("Answer: A")[:-1]
    right = {}
    model.eval()
    with torch.no_grad():
        for start in range(0, len(indices), 64):
            chunk = indices[start:start + 64]
            samples = [Sample(i, world.question(i, False).prompt, lead) for i in chunk]
            ids, _, mask = batch_tensors(samples, pad)
            logits = run_model(model, world.patches[chunk], ids, mask)
            for row, (i, s) in enumerate(zip(chunk, samples)):
                at = len(s.prompt) + len(lead) - 1
                right[i] = "ABCD"[int(logits[row, at, letters].argmax())] == world.rows[i].answer
    model.train()
    return right


def generated(model, world, indices, prompt_of, pad, max_tokens=110):
    """Greedy replies, without a cache: the sequences are short. Prompts of one length go together."""
    prompts = {i: prompt_of(i) for i in indices}
    by_length = {}
    for i in indices:
        by_length.setdefault(len(prompts[i]), []).append(i)
    replies = {}
    model.eval()
    with torch.no_grad():
        for group in by_length.values():
            for start in range(0, len(group), 64):
                chunk = group[start:start + 64]
                ids = torch.tensor([prompts[i] for i in chunk])
                first = ids.shape[1]
                grid = torch.tensor([[1, GRID, GRID]] * len(chunk))
                out = model.generate(
                    input_ids=ids, attention_mask=torch.ones_like(ids),
                    pixel_values=pixel_values(world.patches[chunk]), image_grid_thw=grid,
                    mm_token_type_ids=(ids == model.config.image_token_id).int(),
                    max_new_tokens=max_tokens, do_sample=False, eos_token_id=world.end,
                    pad_token_id=pad)
                for i, row in zip(chunk, out[:, first:].tolist()):
                    row = row[:row.index(world.end)] if world.end in row else row
                    replies[i] = world.tokenizer.decode(row, skip_special_tokens=False)
    model.train()
    return replies


def reasoned_accuracy(model, world, indices, pad):
    replies = generated(model, world, indices, lambda i: world.question(i, True).prompt, pad)
    return {i: replies[i].strip().endswith("Answer: " + world.rows[i].answer) for i in indices}, replies


def caption_accuracy(model, world, indices, pad):
    """Exact captions, and the share of words that are right among the slots of a caption."""
    ids = {i: world.description(i) for i in indices}
    exact, words, slots = 0, 0, 0
    model.eval()
    with torch.no_grad():
        for start in range(0, len(indices), 64):
            samples = [ids[i] for i in indices[start:start + 64]]
            tokens, labels, mask = batch_tensors(samples, pad)
            best = run_model(model, world.patches[[s.picture for s in samples]], tokens,
                             mask)[:, :-1].argmax(-1)
            want = labels[:, 1:]
            ok = (best == want) | (want == -100)
            exact += int(ok.all(1).sum())
            words += int((ok & (want != -100)).sum())
            slots += int((want != -100).sum())
    model.train()
    return exact / len(indices), words / slots


def by_kind(world, right):
    total = {}
    for i, ok in right.items():
        hits, count = total.get(world.rows[i].kind, (0, 0))
        total[world.rows[i].kind] = (hits + ok, count + 1)
    parts = ", ".join(f"{kind} {hits}/{count}" for kind, (hits, count) in sorted(total.items()))
    return f"{sum(right.values())}/{len(right)} = {sum(right.values()) / len(right):.3f} ({parts})"


def mcnemar(first, second):
    """Exact two-sided p of the questions only one of the two gets right."""
    only_first = sum(first[i] and not second[i] for i in first)
    only_second = sum(second[i] and not first[i] for i in first)
    n, k = only_first + only_second, min(only_first, only_second)
    tail = sum(math.comb(n, j) for j in range(k + 1)) / 2 ** n if n else 1.0
    return only_first, only_second, min(1.0, 2 * tail)


def save(model, source, out):
    out.mkdir(parents=True, exist_ok=True)
    for name in TEXT_FILES:
        if out != source:
            shutil.copy(source / name, out / name)
    model.save_pretrained(out)
    shutil.copy(source / "config.json", out / "config.json")


def new_model(folder):
    """Random weights, with some attention that starts where a language model's ends up.

    "Which letter stands before these words" takes two attention layers that work together: the first
    looks one, two or three tokens back, the second for the token seen there. From random weights a
    small transformer searches for thousands of steps with no progress to see. So they are put there,
    in the heads of the first key-value group, while the other groups stay random. Layer 0: head h
    looks h + 1 tokens back (queries and keys along a direction all embeddings share, turned by RoPE)
    and moves what it sees, the coordinates `seen`, into `place[h]`. Layer 1 looks for a token that
    stood at such a place and takes what stood two before it (the letter of an option); layer 2 looks
    for what follows such a token (the plan of a condition).
    """
    config = Qwen3VLConfig.from_pretrained(folder)
    model = Qwen3VLForConditionalGeneration(config)
    text = config.text_config
    hidden, size, half = text.hidden_size, text.head_dim, text.head_dim // 2
    num_heads = text.num_attention_heads // text.num_key_value_heads
    assert num_heads == 3 and hidden >= 4 * size
    basis = torch.linalg.qr(torch.randn(hidden, hidden))[0].T
    shared = basis[0]
    seen, *place = [F.pad(rows, (0, 0, 0, size - len(rows))) for rows in basis[1:].split(size)[:4]]
    turn = text.rope_parameters["rope_theta"] ** (-torch.arange(half) / half)
    near = 2  # rotary frequencies that tell neighbours apart
    fast = 5  # those that would spoil a comparison of words far apart
    still = torch.ones(size, 1)
    still[:fast] = still[half:half + fast] = 0.1
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() >= 2 and "embed_tokens" not in name:
                out = any(part in name for part in ("o_proj", "down_proj", "attn.proj")) or (
                    "blocks" in name and "fc2" in name)
                weight.normal_(0, (0.3 if out else 0.7) * weight[0].numel() ** -0.5)
        embed = model.model.language_model.embed_tokens.weight.normal_(0, 0.2)
        for rows in place:
            embed.sub_(embed @ rows.T @ rows * 0.7)
        embed.add_(shared * 0.2 * hidden ** 0.5 * 0.5)
        queries = [[], [place[2], place[0], place[1]], [place[0], place[1], place[2]]]
        keys, values = [None, seen, place[1]], [seen, place[1], seen]
        for depth, layer in enumerate(model.model.language_model.layers[:3]):
            attention = layer.self_attn
            q, k, v = (attention.q_proj.weight, attention.k_proj.weight, attention.v_proj.weight)
            v[:size] = values[depth]
            key = torch.zeros(size)
            key[:near] = 1
            k[:size] = 0.2 * k[:size] + torch.outer(key, shared) if depth == 0 else keys[depth] * still
            for head in range(num_heads):
                rows = slice(head * size, (head + 1) * size)
                if depth == 0:
                    query, angle = torch.zeros(size), -turn[:near] * (head + 1)
                    query[:near], query[half:half + near] = angle.cos(), angle.sin()
                    q[rows] = 0.2 * q[rows] + torch.outer(query, shared)
                    attention.o_proj.weight[:, rows] = 0.4 * place[head].T
                else:
                    q[rows] = queries[depth][head] * still
                    attention.o_proj.weight[:, rows] = 0.25 * seen.T
    return model


def read(args):
    """Text alone: given an option's words, name its letter. This circuit takes a small transformer a
    thousand steps to find; without pictures the steps are cheap, and with it the rest is quick."""
    tokenizer = Tokenizer.from_file(str(args.model / "tokenizer.json"))
    pad = tokenizer.token_to_id("<|endoftext|>")
    end = tokenizer.token_to_id("<|im_end|>")
    model = new_model(args.model)
    rows = read_part(args.data, "single_train")
    words = sorted({word.strip(".,;:?") for row in read_part(args.data, "composite_train")[:2000]
                    for word in (row.question + " " + row.caption + " " + " ".join(row.options)).split()})
    words = [word for word in words if len(tokenizer.encode(" " + word).ids) == 1]

    def draw(size):
        samples = []
        for _ in range(size):
            row = copy.copy(random.choice(rows))
            key, option = row.reasoning.split(". ")[-1].rstrip(".").rsplit(": ", 1)
            if random.random() < args.words:
                row.options = random.sample(words, 4)
                option = random.choice(row.options)
                row.answer = "ABCD"[row.options.index(option)]
            row.reasoning = f"{key}: {option}."
            text = question_text(row, True)
            if random.random() < 0.7:
                text = "\n".join(f"{letter}. {o}" for letter, o in zip("ABCD", row.options))
            reply = tokenizer.encode(reply_text(row, True)).ids + [end]
            samples.append(Sample(0, tokenizer.encode(prompt_text(text, 0)).ids, reply, len(reply) - 2))
        return samples

    def evaluate():
        model.eval()
        with torch.no_grad():
            samples = draw(256)
            ids, labels, mask = batch_tensors(samples, pad)
            best = run_model(model, None, ids, mask)[:, :-1].argmax(-1)
            at = torch.tensor([len(s.prompt) + s.letter_at - 1 for s in samples])
            rows_ = torch.arange(len(samples))
            print(f"  letters {(best[rows_, at] == labels[:, 1:][rows_, at]).float().mean():.3f}",
                  flush=True)
        model.train()
        save(model, args.model, args.out)

    fit(model, None, draw, args.steps, args.rate, args.batch, pad, args.log, evaluate)


def perceive(args):
    tokenizer = Tokenizer.from_file(str(args.model / "tokenizer.json"))
    pad = tokenizer.token_to_id("<|endoftext|>")
    if args.resume:
        model = Qwen3VLForConditionalGeneration.from_pretrained(args.resume)
    else:
        model = new_model(args.model)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters")
    train = World(args.data, "single_train", tokenizer, args.limit)
    test = World(args.data, "single_test", tokenizer)
    print("pictures loaded", flush=True)
    count = len(train.rows)
    queue = []
    drawn = itertools.count()

    def draw(size):
        samples = []
        for _ in range(size):
            if not queue:
                queue.extend(random.sample(range(count), count))
            i = queue.pop()
            # Captions teach to see; answers by letter come when there is something to answer from.
            done = min(1.0, next(drawn) / (0.5 * args.steps * args.batch))
            turn = random.random()
            if turn < 0.8 - 0.6 * done:
                samples.append(train.description(i))
            else:
                samples.append(train.question(i, turn < 1.0 - 0.5 * done))
        return samples

    def evaluate():
        indices = list(range(len(test.rows)))
        exact, words = caption_accuracy(model, test, indices[:320], pad)
        right = letter_accuracy(model, test, indices[:args.eval], pad)
        print(f"  captions exact {exact:.3f} tokens {words:.4f}; answers {by_kind(test, right)}",
              flush=True)
        save(model, args.model, args.out)

    fit(model, train.patches, draw, args.steps, args.rate, args.batch, pad, args.log, evaluate)
    right, replies = reasoned_accuracy(model, test, list(range(140)), pad)
    print("with reasoning", by_kind(test, right))
    save(model, args.model, args.out)


def distil(args):
    tokenizer = Tokenizer.from_file(str(args.model / "tokenizer.json"))
    pad = tokenizer.token_to_id("<|endoftext|>")
    train = World(args.data, "composite_train", tokenizer, args.questions)
    test = World(args.data, "composite_test", tokenizer, 400)
    indices = list(range(len(test.rows)))
    steps = args.epochs * len(train.rows) // args.batch
    results = {}
    for arm in args.arms.split(","):
        torch.manual_seed(args.seed)
        random.seed(args.seed)
        model = Qwen3VLForConditionalGeneration.from_pretrained(args.model)
        if args.rank:
            from peft import LoraConfig, get_peft_model
            model = get_peft_model(model, LoraConfig(
                r=args.rank, lora_alpha=2 * args.rank, target_modules=r".*language_model.*_proj"))
        queue = []

        def draw(size, reason=arm == "reason"):
            samples = []
            for _ in range(size):
                if not queue:
                    queue.extend(random.sample(range(len(train.rows)), len(train.rows)))
                samples.append(train.question(queue.pop(), reason))
            return samples

        def evaluate():
            if arm == "direct":
                print("  ", by_kind(test, letter_accuracy(model, test, indices, pad)), flush=True)

        fit(model, train.patches, draw, steps, args.rate, args.batch, pad, args.log, evaluate)
        if arm == "direct":
            results[arm] = letter_accuracy(model, test, indices, pad)
        else:
            results[arm], replies = reasoned_accuracy(model, test, indices, pad)
            for i in indices[:8]:
                print("  ", test.rows[i].question, test.rows[i].options, "\n    want",
                      test.rows[i].reasoning, test.rows[i].answer, "\n    said", replies[i])
        print(arm, by_kind(test, results[arm]), flush=True)
        if args.out:
            save(model.merge_and_unload() if args.rank else model, args.model, args.out / arm)
    if len(results) == 2:
        only_direct, only_reason, p = mcnemar(results["direct"], results["reason"])
        print(f"only direct {only_direct}, only reason {only_reason}, exact McNemar p = {p:.3g}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("task", choices=["read", "perceive", "distil"])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--words", type=float, default=0.2, help="share of options of any words")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--questions", type=int, default=2400)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--rank", type=int, default=0, help="LoRA rank; 0: all weights")
    parser.add_argument("--arms", default="direct,reason")
    parser.add_argument("--log", type=int, default=100)
    parser.add_argument("--eval", type=int, default=350)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    random.seed(args.seed)
    {"read": read, "perceive": perceive, "distil": distil}[args.task](args)


if __name__ == "__main__":
    main()
