#!/usr/bin/env python3
"""Small images of every kind with transformers' RGB, resizes by torch's uint8 kernel, sizes by transformers.

More kinds of files, and how 16-bit ones are read: tools/golden/image_files.py.

Writes tests/golden/image/. Run: python tools/golden/image.py   (pillow, torch, transformers)
"""
import hashlib
import json
import os

import numpy
import PIL
import torch
import transformers
from image_files import scaled_gray
from PIL import Image, ImageOps
from transformers.image_transforms import convert_to_rgb
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "golden", "image")


def pattern(height, width):
    """Sharp and soft parts; the test computes the same from the same formula."""
    y, x, c = numpy.meshgrid(range(height), range(width), range(3), indexing="ij")
    return ((x * x * 3 + y * 7 * (c + 1) + (x * y) // 5 + ((x // 8 + y // 8) % 2) * 90) % 256).astype(numpy.uint8)


def sha(array):
    return hashlib.sha256(numpy.ascontiguousarray(array).tobytes()).hexdigest()


def right_pixels(path):
    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode == "I;16":
        return numpy.dstack([scaled_gray(numpy.array(image))] * 3)
    return convert_to_rgb(image, return_numpy=True)


def main():
    os.makedirs(OUT, exist_ok=True)
    rgb = Image.fromarray(pattern(37, 53))
    alpha = rgb.convert("RGBA")
    alpha.putalpha(rgb.convert("L"))
    files = {
        "rgb.jpg": (rgb, dict(quality=80)),
        "rgb_444.jpg": (rgb, dict(quality=95, subsampling=0)),
        "progressive.jpg": (rgb, dict(quality=70, progressive=True)),
        "gray.jpg": (rgb.convert("L"), dict(quality=80)),
        "cmyk.jpg": (rgb.convert("CMYK"), dict(quality=90)),
        "rgb.png": (rgb, {}),
        "alpha.png": (alpha, {}),
        "gray.png": (rgb.convert("L"), {}),
        "gray_alpha.png": (alpha.convert("LA"), {}),
        "one_bit.png": (rgb.convert("1"), {}),
        "palette.png": (rgb.quantize(200), {}),
        "palette_16.png": (rgb.quantize(16), dict(transparency=3)),
        "gray_16.png": (Image.fromarray((pattern(37, 53)[..., 0].astype(numpy.uint16) * 3)), {}),
        "lossy.webp": (rgb, dict(quality=60)),
        "lossless.webp": (rgb, dict(lossless=True)),
    }
    decoded = {}
    for name, (image, options) in files.items():
        path = os.path.join(OUT, name)
        image.save(path, **options)
        decoded[name] = sha(right_pixels(path))
    resized = []
    for source, target in [((37, 53), (64, 96)), ((37, 53), (32, 32)), ((200, 31), (32, 64)), ((64, 64), (64, 96)), ((300, 400), (96, 32)), ((17, 17), (256, 256))]:
        tensor = torch.from_numpy(pattern(*source)).permute(2, 0, 1).unsqueeze(0).contiguous()
        out = torch.nn.functional.interpolate(tensor, target, mode="bicubic", antialias=True)
        resized.append([*source, *target, sha(out[0].permute(1, 2, 0).numpy())])
    sizes = []
    sides = [1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 49, 80, 100, 144, 199, 200, 256, 333, 512, 777, 1000, 1999, 4000, 4200, 9000]
    for low, high in [(65536, 16777216), (4096, 262144)]:
        for h in sides:
            for w in sides:
                try:
                    sizes.append([low, high, h, w, *smart_resize(h, w, factor=32, min_pixels=low, max_pixels=high)])
                except ValueError:
                    sizes.append([low, high, h, w, 0, 0])
    origin = f"tools/golden/image.py, pillow {PIL.__version__}, torch {torch.__version__}, transformers {transformers.__version__}"
    with open(os.path.join(OUT, "golden.json"), "w") as out:
        json.dump(dict(origin=origin, decoded=decoded, resized=resized, sizes=sizes), out)


if __name__ == "__main__":
    main()
