#!/usr/bin/env python3
"""Compares `litemedcot inspect --dump pixels` with transformers' pixels, torch's uint8 kernel and transformers' arithmetic.

Run: python tools/compare/image_processor.py PROGRAM MODEL_FOLDER PICTURE_OR_FOLDER... [--random N] [--kinds N]
The grid must be equal; pixel_values must be equal to the reference's bit by bit. --random: noise of many sizes;
--kinds: files of every kind (image_kinds.py). 16-bit grey is compared with our own rule.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

import numpy
import image_kinds  # and with it the path to tools/golden
import torch
from image import right_pixels
from PIL import Image
from safetensors.torch import load_file
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize


def areas_of(model):
    """The least and the largest area, in pixels, of the model's images."""
    with open(os.path.join(model, "preprocessor_config.json")) as file:
        size = json.load(file)["size"]
    return size["shortest_edge"], size["longest_edge"]


def reference(path, low, high):
    rgb = torch.from_numpy(right_pixels(path).copy()).permute(2, 0, 1).unsqueeze(0).contiguous()
    height, width = smart_resize(rgb.shape[2], rgb.shape[3], factor=32, min_pixels=low, max_pixels=high)
    if (height, width) != tuple(rgb.shape[2:]):
        rgb = torch.nn.functional.interpolate(rgb, (height, width), mode="bicubic", antialias=True)
    x = (rgb.float() - 127.5) / 127.5
    x = x.unsqueeze(1).expand(1, 2, 3, height, width)
    h, w = height // 16, width // 16
    x = x.reshape(1, 2, 3, h // 2, 2, 16, w // 2, 2, 16).permute(0, 3, 6, 4, 7, 2, 1, 5, 8)
    return x.reshape(h * w, 1536), [1, h, w]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("model")
    parser.add_argument("pictures", nargs="*")
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--kinds", type=int, default=0)
    args = parser.parse_args()
    paths = []
    for path in args.pictures:
        files = [os.path.join(path, f) for f in sorted(os.listdir(path))] if os.path.isdir(path) else [path]
        paths += [f for f in files if f.lower().endswith((".png", ".jpg", ".jpeg", ".webp"))]
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        rng = random.Random(1)
        for i in range(args.random):
            side = lambda: int(17 * (4200 / 17) ** rng.random())
            path = os.path.join(folder, f"{i}.png")
            noise = numpy.random.default_rng(i).integers(0, 256, (side(), side(), 3), dtype=numpy.uint8)
            Image.fromarray(noise).save(path, compress_level=0)
            paths.append(path)
        paths += [image_kinds.write(folder, i) for i in range(args.kinds)]
        out = os.path.join(folder, "out.safetensors")
        for path in paths:
            done = subprocess.run([args.program, "inspect", "--model", args.model, "--text", "x", "--image", path,
                                   "--dump", "pixels", "--out", out], capture_output=True, text=True, check=False)
            try:
                pixels, grid = reference(path, *areas_of(args.model))
            except Exception as error:  # what the reference refuses, we refuse
                wrong += done.returncode == 0
                print(f"{path}: refused by the reference ({error}); exit code {done.returncode}")
                continue
            if done.returncode != 0:
                wrong += 1
                print(f"{path}: {done.stderr.strip()}")
                continue
            ours = load_file(out)
            same = ours["image_grid_thw"].tolist() == [grid] and torch.equal(ours["pixel_values"], pixels)
            if not same:
                wrong += 1
                worst = (ours["pixel_values"] - pixels).abs().max() if ours["pixel_values"].shape == pixels.shape else "shape"
                print(f"{path}: grid {ours['image_grid_thw'].tolist()} and {grid}, worst difference {worst}")
    print(f"{len(paths) - wrong} of {len(paths)} images are equal")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
