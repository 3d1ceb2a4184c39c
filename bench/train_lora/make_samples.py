#!/usr/bin/env python3
"""Samples like explained PMC-VQA questions: images of unequal size, prompts of 60 to 110 tokens, replies of 50 to 300.

Lengths follow a log-normal law (median 130 tokens, sigma 0.45), as explanations of this field do; words are taken from
the phantom vocabulary, images are fields of grey. The same seed gives the same files. Python's own library will do.
"""
import json
import math
import pathlib
import random
import struct
import zlib

WORDS = "upper middle lower left right lung zone clear nodule effusion heart wide normal one two three makes together".split()
FIELDS = 12  # down and across an image


def text(rng, tokens):
    """About so many tokens: each word is one, and so is the space-joined full stop after ten of them."""
    words = []
    for place in range(tokens):
        words.append("." if place % 11 == 10 else rng.choice(WORDS))
    return " ".join(words).replace(" .", ".")


def write_image(path, width, height, rng):
    """An RGB PNG of FIELDS x FIELDS greys."""
    rows = [bytes([0]) + b"".join(bytes([rng.randrange(256)]) * 3 * (((k + 1) * width) // FIELDS - (k * width) // FIELDS)
                                  for k in range(FIELDS)) for _ in range(FIELDS)]
    pixels = zlib.compress(b"".join(rows[y * FIELDS // height] for y in range(height)))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))


def make(folder, count, seed=0, sides=(192, 448), asked=(1,)):
    """`asked`: how many samples an image has, in turn; each with a prompt and a reply of its own."""
    rng = random.Random(seed)
    folder = pathlib.Path(folder)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    with open(folder / "samples.jsonl", "w") as out:
        left, images = 0, 0
        for number in range(count):
            if left == 0:
                left = asked[images % len(asked)]
                images += 1
                width, height = rng.randint(*sides), rng.randint(*sides)
                image = f"images/{number}.png"
                write_image(folder / image, width, height, random.Random(seed * 1000 + number))
            left -= 1
            reply = int(min(300, max(50, math.exp(rng.gauss(math.log(130), 0.45)))))
            out.write(json.dumps({"id": str(number), "image": image,
                                  "prompt": text(rng, rng.randint(60, 110)), "reply": text(rng, reply)}) + "\n")
