#!/usr/bin/env python3
"""Samples like explained PMC-VQA questions: pictures of unequal size, prompts of 60 to 110 tokens, replies of 50 to 300.

Lengths follow a log-normal law (median 130 tokens, sigma 0.45), as explanations of this field do; words are taken from
the phantom vocabulary, pictures are smooth noise. The same seed gives the same files.
"""
import json
import math
import pathlib
import random

import numpy
from PIL import Image

WORDS = "upper middle lower left right lung zone clear nodule effusion heart wide normal one two three makes together".split()


def text(rng, tokens):
    """About so many tokens: each word is one, and so is the space-joined full stop after ten of them."""
    words = []
    for place in range(tokens):
        words.append("." if place % 11 == 10 else rng.choice(WORDS))
    return " ".join(words).replace(" .", ".")


def make(folder, count, seed=0, sides=(192, 448), asked=(1,)):
    """`asked`: how many samples a picture has, in turn; each with a prompt and a reply of its own."""
    rng = random.Random(seed)
    folder = pathlib.Path(folder)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    with open(folder / "samples.jsonl", "w") as out:
        left, pictures = 0, 0
        for number in range(count):
            if left == 0:
                left = asked[pictures % len(asked)]
                pictures += 1
                width, height = rng.randint(*sides), rng.randint(*sides)
                coarse = numpy.random.default_rng(seed * 1000 + number).integers(0, 255, (12, 12), numpy.uint8)
                picture = f"images/{number}.png"
                Image.fromarray(coarse).resize((width, height), Image.BICUBIC).convert("RGB").save(folder / picture)
            left -= 1
            reply = int(min(300, max(50, math.exp(rng.gauss(math.log(130), 0.45)))))
            out.write(json.dumps({"id": str(number), "image": picture,
                                  "prompt": text(rng, rng.randint(60, 110)), "reply": text(rng, reply)}) + "\n")
