#!/usr/bin/env python3
"""What transformers' image processor makes of its settings: sizes by all their names, and pixel values.

Writes tests/golden/image/settings.json. Run: python tools/golden/picture_settings.py
(transformers, torch, pillow, and torchvision, whose compiled operators are not needed.)

AutoImageProcessor takes the torchvision backend wherever torchvision is installed, and Qwen3VLProcessor
needs torchvision for its video processor; so that backend is the reference. The script also prints how
far the Pillow backend, which rescales and normalises in two steps, is from it.
"""
import hashlib
import itertools
import json
import os
import tempfile

import numpy
import torch
import transformers

try:
    import torchvision
except RuntimeError:  # built for another torch: Python alone is enough here
    import sys

    for name in [name for name in sys.modules if name.startswith("torchvision")]:
        del sys.modules[name]
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision

from PIL import Image
from transformers import AutoImageProcessor
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.qwen2_vl.image_processing_qwen2_vl import Qwen2VLImageProcessor

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "golden", "image")
BASE = dict(patch_size=16, temporal_patch_size=2, merge_size=2, image_processor_type="Qwen2VLImageProcessorFast")
NORMS = [
    dict(image_mean=[0.5, 0.5, 0.5], image_std=[0.5, 0.5, 0.5]),
    dict(image_mean=[0.48145466, 0.4578275, 0.40821073], image_std=[0.26862954, 0.26130258, 0.27577711]),
    dict(image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225]),
    dict(image_mean=[0.1, 0.7, 0.3], image_std=[0.9, 0.11, 0.37], rescale_factor=0.00392156862745098),
    dict(image_mean=[0.0, 0.0, 0.0], image_std=[1.0, 1.0, 1.0]),
    dict(image_mean=[0.2, 0.4, 0.6], image_std=[0.3, 0.3, 0.3], rescale_factor=1 / 127.5),
]


def pattern(height, width):
    """As in image.py and the test."""
    y, x, c = numpy.meshgrid(range(height), range(width), range(3), indexing="ij")
    return ((x * x * 3 + y * 7 * (c + 1) + (x * y) // 5 + ((x // 8 + y // 8) % 2) * 90) % 256).astype(numpy.uint8)


def from_folder(settings):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "preprocessor_config.json"), "w") as out:
            json.dump(settings, out)
        return AutoImageProcessor.from_pretrained(folder)


def main():
    areas = []
    sizes = [None, {"shortest_edge": 4096, "longest_edge": 1048576}]
    for size, least, most in itertools.product(sizes, [None, 16384], [None, 262144]):
        if size is None and least is None and most is None:
            continue  # class defaults: refused here
        settings = dict(BASE)
        settings.update({k: v for k, v in dict(size=size, min_pixels=least, max_pixels=most).items() if v is not None})
        processor = from_folder(settings)
        assert type(processor) is Qwen2VLImageProcessor, type(processor)
        areas.append(dict(settings=settings, areas=[processor.size["shortest_edge"], processor.size["longest_edge"]]))
    image = Image.fromarray(pattern(64, 96))
    pixels = []
    for norm in NORMS:
        settings = dict(BASE, size={"shortest_edge": 1024, "longest_edge": 1048576}, **norm)
        values = from_folder(settings)(images=[image], return_tensors="pt")["pixel_values"]
        pil = Qwen2VLImageProcessorPil(**settings)(images=[image], return_tensors="pt")["pixel_values"]
        sha = hashlib.sha256(values.contiguous().numpy().tobytes()).hexdigest()
        pixels.append(dict(settings=settings, shape=list(values.shape), sha256=sha))
        print(f"{norm}: the Pillow backend is off by at most {(values - pil).abs().max():.1e}")
    origin = (f"tools/golden/picture_settings.py, transformers {transformers.__version__}, torch {torch.__version__}, "
              f"torchvision {torchvision.__version__}")
    with open(os.path.join(OUT, "settings.json"), "w") as out:
        json.dump(dict(origin=origin, areas=areas, pixels=pixels), out, indent=1)


if __name__ == "__main__":
    main()
