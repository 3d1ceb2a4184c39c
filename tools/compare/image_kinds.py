"""Random images of every kind of file: turned, transparent, CMYK, with palettes, of few bits and of 16."""
import os
import random
import sys

import numpy
from PIL import Image, ImageFilter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden"))
from image_files import chunk, exif_block, png  # noqa: E402


def soft_noise(rng, height, width, channels):
    """Random, and not beyond what a lossy format keeps."""
    noise = numpy.random.default_rng(rng.randrange(1 << 30)).integers(0, 256, (height, width, channels), dtype=numpy.uint8)
    planes = [Image.fromarray(noise[..., c]).filter(ImageFilter.GaussianBlur(rng.choice([0, 1, 3]))) for c in range(channels)]
    return planes


def write(folder, number):
    """One file, by its number; returns its path."""
    rng = random.Random(number)
    height, width = rng.randrange(3, 200), rng.randrange(3, 200)
    planes = soft_noise(rng, height, width, 4)
    rgb = Image.merge("RGB", planes[:3])
    alpha = planes[3].point(lambda v: rng.choice([v, v, 0, 255])) if rng.random() < 0.7 else planes[3]
    orientation = rng.randrange(0, 10)
    options = {}
    block = exif_block(orientation, rng.choice("<>"), rng.choice([3, 3, 4]), rng.randrange(4))
    if orientation > 0:
        options["exif"] = block
    form = rng.choice(["jpg", "jpg", "webp", "png", "png", "png", "png 16"])
    path = os.path.join(folder, f"{number}.{form.split()[0]}")
    if form == "jpg":
        if "exif" in options:
            options["exif"] = b"Exif\0\0" + block
        image = rng.choice([rgb, rgb.convert("L"), Image.merge("CMYK", planes)])
        image.save(path, "JPEG", quality=rng.randrange(30, 101), progressive=rng.random() < 0.3, subsampling=rng.choice([0, 1, 2]), **options)
        if image.mode == "CMYK" and rng.random() < 0.5:  # without Adobe's marker
            file = open(path, "rb").read()
            at = file.index(b"Adobe") - 4
            open(path, "wb").write(file[:at] + file[at + 16 :])
    elif form == "webp":
        image = rng.choice([rgb, Image.merge("RGBA", [*planes[:3], alpha])])
        image.save(path, "WEBP", lossless=rng.random() < 0.5, exact=True, quality=rng.randrange(30, 101), **options)
    elif form == "png":
        kind = rng.choice(["RGB", "L", "RGBA", "LA", "P", "1", "key", "gray key", "one-bit key"])
        if kind == "RGBA":
            image = Image.merge("RGBA", [*planes[:3], alpha])
        elif kind == "LA":
            image = Image.merge("LA", [planes[0], alpha])
        elif kind == "P":
            image = rgb.quantize(rng.choice([2, 4, 16, 256]))
            transparency = rng.choice([None, rng.randrange(2), bytes(rng.randrange(256) for _ in range(rng.randrange(1, 17)))])
            if transparency is not None:
                options["transparency"] = transparency
        elif kind in ("1", "one-bit key"):
            image = rgb.convert("1")
            if kind != "1":
                options["transparency"] = rng.choice([0, 255])
        elif kind == "gray key":
            image = planes[0]
            options["transparency"] = image.getpixel((0, 0))
        elif kind == "key":
            image = rgb.quantize(20).convert("RGB")
            options["transparency"] = image.getpixel((0, 0))
        else:
            image = rgb.convert(kind)
        image.save(path, "PNG", **options)
    else:
        deep = numpy.asarray(planes[0]).astype(numpy.uint16)
        before = chunk(b"eXIf", block) if orientation > 0 else b""
        choice = rng.randrange(3)
        if choice == 0:  # gray of any range
            samples, color = deep * rng.choice([1, 16, 257]) + rng.choice([0, 3, 200]), 0
        else:  # colour, and with alpha, which use all sixteen bits
            samples = numpy.asarray(rgb).astype(numpy.uint16) * 257
            samples[0, 0] = 65535
            color = 2
            if choice == 2:
                samples, color = numpy.dstack([samples, numpy.asarray(alpha).astype(numpy.uint16) * 257]), 6
                samples[0, 0] = 65535
        with open(path, "wb") as out:
            out.write(png(samples.astype(numpy.uint16), 16, color, before=before))
    return path
