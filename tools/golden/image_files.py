#!/usr/bin/env python3
"""Small image files of every kind that a naive reader gets wrong, with the pixels that are right.

The reference is what transformers makes of a file: ImageOps.exif_transpose, as its load_image does, then
convert_to_rgb, as its image processors do. Only 16-bit PNGs are read by our own rule, which is written down here
once more, apart from the program.

Writes tests/golden/image_files/. Run: python tools/golden/image_files.py   (pillow, transformers, numpy)
"""
import hashlib
import io
import json
import os
import struct
import zlib

import numpy
import PIL
import transformers
from PIL import Image, ImageOps, PngImagePlugin
from transformers.image_transforms import convert_to_rgb

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "golden", "image_files")
HEIGHT, WIDTH = 12, 16


def scene():
    """No symmetry, soft and sharp parts."""
    y, x, c = numpy.meshgrid(range(HEIGHT), range(WIDTH), range(3), indexing="ij")
    values = 30 + 9 * x + 5 * y * (c + 1) + 40 * ((x > 10) & (y > 6))
    values[1:4, 2:5] = 250
    return numpy.clip(values, 0, 255).astype(numpy.uint8)


def exif_block(orientation, order="<", kind=3, extra=0):
    """A TIFF directory with an orientation of TIFF type `kind`, behind `extra` other entries."""
    layout = {3: "HH", 4: "L", 8: "hH", 9: "l", 1: "BBBB"}[kind]
    value = struct.pack(order + layout, *([orientation] + [0] * (len(layout) - 1)))
    entries = b"".join(struct.pack(order + "HHLL", 256 + i, 4, 1, i) for i in range(extra))
    entries += struct.pack(order + "HHL4s", 274, kind, 1, value)
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return mark + struct.pack(order + "LH", 8, extra + 1) + entries + b"\0\0\0\0"


def xmp(orientation):
    return (f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="{orientation}"/></x:xmpmeta>').encode()


def saved(image, form, **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def with_segment(jpeg, segment):
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]


def chunk(kind, data):
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def png(samples, depth, color, interlace=False, before=b"", after=b"", compress=True):
    """Any PNG from samples [height, width] or [height, width, channels], as they are."""
    height, width = samples.shape[:2]
    rows = b""
    for row in samples.reshape(height, -1):
        if depth == 16:
            packed = row.astype(">u2").tobytes()
        elif depth == 8:
            packed = row.astype(numpy.uint8).tobytes()
        else:
            bits = "".join(format(int(v), f"0{depth}b") for v in row)
            bits += "0" * (-len(bits) % 8)
            packed = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
        rows += b"\0" + packed
    header = struct.pack(">LLBBBBB", width, height, depth, color, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + chunk(b"IDAT", zlib.compress(rows)) + after + chunk(b"IEND", b"")


def tiff(samples, bits, photometric, order="<", tile=None, planes=False, tags=()):
    """An uncompressed TIFF of samples [height, width, channels], in tiles or planes where asked for."""
    height, width, channels = samples.shape
    kind = {8: "u1", 16: order + "u2"}[bits]
    parts = []
    for one in numpy.split(samples, channels, -1) if planes else [samples]:
        if not tile:
            parts.append(one.astype(kind).tobytes())
            continue
        for y in range(0, height, tile):
            for x in range(0, width, tile):
                part = numpy.zeros((tile, tile, one.shape[-1]), kind)
                cut = one[y : y + tile, x : x + tile]
                part[: cut.shape[0], : cut.shape[1]] = cut
                parts.append(part.tobytes())
    data = b"".join(parts)
    offsets = [8 + sum(map(len, parts[:i])) for i in range(len(parts))]
    counts = [len(part) for part in parts]
    entries = [(256, 4, [width]), (257, 4, [height]), (258, 3, [bits] * channels), (259, 3, [1]), (262, 3, [photometric]), (277, 3, [channels]),
               (284, 3, [2 if planes else 1]), (324 if tile else 273, 4, offsets), (325 if tile else 279, 4, counts)]
    entries += [(322, 3, [tile]), (323, 3, [tile])] if tile else [(278, 3, [height])]
    entries = sorted(entries + list(tags))
    directory = 8 + len(data)
    extra_at = directory + 2 + 12 * len(entries) + 4
    out, extra = struct.pack(order + "H", len(entries)), b""
    for tag, kind, values in entries:
        packed = struct.pack(order + {3: "H", 4: "L"}[kind] * len(values), *values)
        if len(packed) > 4:
            out += struct.pack(order + "HHLL", tag, kind, len(values), extra_at + len(extra))
            extra += packed + b"\0" * (len(packed) % 2)
        else:
            out += struct.pack(order + "HHL4s", tag, kind, len(values), packed)
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return mark + struct.pack(order + "L", directory) + data + out + b"\0\0\0\0" + extra


def bmp(rows, bits, compression=0, header=40, masks=b"", palette=b"", top_down=False, colours=0):
    """`rows`: the bytes of the pixels."""
    palette_at = 14 + header + (len(masks) if header == 40 else 0)
    data_at = palette_at + len(palette)
    if header == 12:
        head = struct.pack("<LHHHH", 12, WIDTH, HEIGHT, 1, bits)
    else:
        head = struct.pack("<LllHHLLllLL", header, WIDTH, -HEIGHT if top_down else HEIGHT, 1, bits, compression, len(rows), 2835, 2835, colours, 0)
        head += masks
        head += b"\0" * (header - len(head)) if header > 40 else b""
    return b"BM" + struct.pack("<LLL", data_at + len(rows), 0, data_at) + head + palette + rows


def bottom_up(values, kind):
    """Rows of numbers, padded to four bytes, the last first."""
    out = b""
    for row in values[::-1]:
        packed = row.astype(kind).tobytes()
        out += packed + b"\0" * (-len(packed) % 4)
    return out


def run_lengths(entries, nibbles):
    """Rows of palette entries: runs, plain parts, ends of rows, and an end before the last row."""
    out = b""
    for y, row in enumerate(entries[::-1]):
        row = [int(v) for v in row]
        if y % 2:
            plain = row if not nibbles else [row[i] << 4 | (row[i + 1] if i + 1 < len(row) else 0) for i in range(0, len(row), 2)]
            out += bytes([0, len(row), *plain]) + b"\0" * (len(plain) % 2)
        else:
            for value in row:
                out += bytes([1, value << 4 if nibbles else value])
        out += b"\0\0"
    return out + b"\0\1"


def put_before_data(file, extra):
    at = file.index(b"IDAT") - 4
    return file[:at] + extra + file[at:]


def reference(file):
    return convert_to_rgb(ImageOps.exif_transpose(Image.open(io.BytesIO(file))), return_numpy=True)


def over_white(gray, alpha):
    rgba = numpy.dstack([gray, gray, gray, alpha]) if gray.ndim == 2 else numpy.dstack([gray, alpha])
    return convert_to_rgb(Image.fromarray(rgba.astype(numpy.uint8), "RGBA"), return_numpy=True)


def scaled_gray(samples, visible=None):
    """(value - darkest) * 255 / (brightest - darkest) over what is visible, halves up; a flat file: of 65535."""
    seen = samples if visible is None else samples[visible]
    low, high = (int(seen.min()), int(seen.max())) if seen.size and seen.min() < seen.max() else (0, 65535)
    wide = numpy.clip(samples.astype(numpy.int64), low, high) - low
    return ((wide * 255 + (high - low) // 2) // (high - low)).astype(numpy.uint8)


def top_bits(samples):
    return (samples >> max(0, int(samples.max()).bit_length() - 8)).astype(numpy.uint8)


def kinds():
    """name -> (bytes, traits, pixels that are right or None: the reference's)"""
    rgb = Image.fromarray(scene())
    gray = rgb.convert("L")
    plain = saved(rgb, "JPEG", quality=90)
    files = {"plain.jpg": (plain, [], None), "plain_gray.jpg": (saved(gray, "JPEG"), [], None), "plain.png": (saved(rgb, "PNG"), [], None),
             "plain_gray.png": (saved(gray, "PNG"), [], None), "plain.webp": (saved(rgb, "WEBP", quality=90), [], None),
             "plain_lossless.webp": (saved(rgb, "WEBP", lossless=True), [], None)}
    for o in range(1, 9):
        turned = ["turned"] if o > 1 else []
        files[f"exif_{o}.jpg"] = (saved(rgb, "JPEG", quality=90, exif=b"Exif\0\0" + exif_block(o, "<>"[o % 2], extra=o)), turned, None)
        files[f"exif_{o}.png"] = (saved(rgb, "PNG", exif=exif_block(o, "><"[o % 2], extra=o % 3)), turned, None)
        files[f"exif_{o}.webp"] = (saved(rgb, "WEBP", lossless=o % 2 == 0, exif=exif_block(o, "<>"[o % 2])), turned, None)
    # Where the orientation may stand, and what does not count.
    files["exif_long.jpg"] = (with_segment(plain, b"Exif\0\0" + exif_block(6, kind=4)), ["turned"], None)
    files["exif_byte.jpg"] = (with_segment(plain, b"Exif\0\0" + exif_block(6, kind=1)), [], None)
    files["exif_nine.jpg"] = (with_segment(plain, b"Exif\0\0" + exif_block(9)), [], None)
    files["exif_gray.jpg"] = (saved(gray, "JPEG", exif=b"Exif\0\0" + exif_block(8)), ["turned"], None)
    files["exif_after_data.png"] = (saved(rgb, "PNG")[:-12] + chunk(b"eXIf", exif_block(5)) + chunk(b"IEND", b""), ["turned"], None)
    files["exif_marked.png"] = (put_before_data(saved(rgb, "PNG"), chunk(b"eXIf", b"Exif\0\0" + exif_block(3))), ["turned"], None)
    block = b"Exif\0\0" + exif_block(7)
    profile = "\nexif\n%8d\n" % len(block) + "\n".join(block.hex()[i : i + 72] for i in range(0, 2 * len(block), 72)) + "\n"
    for packed, name in ((False, "exif_text.png"), (True, "exif_packed_text.png")):
        text = PngImagePlugin.PngInfo()
        text.add_text("Raw profile type exif", profile, zip=packed)
        files[name] = (saved(rgb, "PNG", pnginfo=text), ["turned"], None)
    files["xmp.jpg"] = (with_segment(plain, b"http://ns.adobe.com/xap/1.0/\0" + xmp(6)), ["turned"], None)
    files["xmp_and_exif.jpg"] = (with_segment(with_segment(plain, b"http://ns.adobe.com/xap/1.0/\0" + xmp(6)), b"Exif\0\0" + exif_block(3)), ["turned"], None)
    for packed, name in ((False, "xmp.png"), (True, "xmp_packed.png")):
        text = PngImagePlugin.PngInfo()
        text.add_itxt("XML:com.adobe.xmp", xmp(8).decode(), zip=packed)
        files[name] = (saved(rgb, "PNG", pnginfo=text), ["turned"], None)
    files["xmp.webp"] = (saved(rgb, "WEBP", lossless=True, xmp=xmp(4)), ["turned"], None)
    # Transparency.
    alpha = numpy.arange(HEIGHT * WIDTH, dtype=numpy.uint8).reshape(HEIGHT, WIDTH)
    alpha[5:8] = 0
    rgba = Image.fromarray(numpy.dstack([scene(), alpha]), "RGBA")
    la = Image.merge("LA", [gray, Image.fromarray(alpha)])
    files["rgba.png"] = (saved(rgba, "PNG"), ["transparency"], None)
    files["rgba_turned.png"] = (saved(rgba, "PNG", exif=exif_block(6)), ["turned", "transparency"], None)
    files["la.png"] = (saved(la, "PNG"), ["transparency"], None)
    files["rgba.webp"] = (saved(rgba, "WEBP", quality=80), ["transparency"], None)
    files["rgba_lossless.webp"] = (saved(rgba, "WEBP", lossless=True, exact=True), ["transparency"], None)
    files["rgba_turned.webp"] = (saved(rgba, "WEBP", lossless=True, exact=True, exif=exif_block(5)), ["turned", "transparency"], None)
    files["rgb_key.png"] = (saved(rgb, "PNG", transparency=(250, 250, 250)), ["transparency"], None)
    files["gray_key.png"] = (saved(gray, "PNG", transparency=250), ["transparency"], None)
    files["one_bit.png"] = (saved(rgb.convert("1"), "PNG"), ["under 8 bits"], None)
    files["one_bit_key.png"] = (saved(rgb.convert("1"), "PNG", transparency=0), ["transparency", "under 8 bits"], None)
    files["gray_2_bits.png"] = (png(numpy.asarray(gray) >> 6, 2, 0), ["under 8 bits"], None)
    files["gray_4_bits.png"] = (png(numpy.asarray(gray) >> 4, 4, 0), ["under 8 bits"], None)
    # A colour key counts at the file's own depth (PNG specification); Pillow compares it with 8-bit values.
    four = numpy.asarray(gray) >> 4
    files["gray_4_bits_key.png"] = (png(four, 4, 0, before=chunk(b"tRNS", struct.pack(">H", int(four[0, 0])))), ["transparency", "under 8 bits"],
                                    over_white(four * 17, numpy.where(four == four[0, 0], 0, 255)))
    palette = rgb.quantize(16)
    files["palette.png"] = (saved(palette, "PNG"), ["palette"], None)
    files["palette_one_bit.png"] = (saved(rgb.quantize(2), "PNG"), ["palette"], None)
    files["palette_entry.png"] = (saved(palette, "PNG", transparency=3), ["transparency", "palette"], None)
    files["palette_alphas.png"] = (saved(palette, "PNG", transparency=bytes(range(0, 256, 17))), ["transparency", "palette"], None)
    files["palette_opaque.png"] = (saved(palette, "PNG", transparency=b"\xff" * 16), ["palette"], None)
    # CMYK, with Adobe's marker and without.
    cmyk = Image.merge("CMYK", [*Image.fromarray(255 - scene()).split(), gray.point(lambda v: v // 3)])
    with_marker = saved(cmyk, "JPEG", quality=95)
    at = with_marker.index(b"Adobe") - 4
    files["cmyk.jpg"] = (with_marker, ["CMYK"], None)
    files["cmyk_no_marker.jpg"] = (with_marker[:at] + with_marker[at + 16 :], ["CMYK"], None)
    ycck = bytearray(with_marker)
    ycck[at + 4 + 11] = 2  # the marker's transform: YCCK
    files["ycck.jpg"] = (bytes(ycck), ["CMYK"], None)
    files["cmyk_turned.jpg"] = (with_segment(with_marker, b"Exif\0\0" + exif_block(6)), ["turned", "CMYK"], None)
    # 16 bits.
    wide = numpy.asarray(gray).astype(numpy.uint16)
    three = lambda a: numpy.dstack([a] * 3)
    files["gray_16_full.png"] = (png(wide * 257, 16, 0), ["16-bit grey"], three(scaled_gray(wide * 257)))
    files["gray_16_of_12.png"] = (png(wide * 16 + 5, 16, 0), ["16-bit grey"], three(scaled_gray(wide * 16 + 5)))
    files["gray_16_offset.png"] = (png(wide + 31900, 16, 0), ["16-bit grey"], three(scaled_gray(wide + 31900)))
    files["gray_16_flat.png"] = (png(wide * 0 + 25700, 16, 0), ["16-bit grey"], three(wide * 0 + 100))
    key = numpy.where(numpy.asarray(alpha) == 0, 65535, wide)
    hidden = key == 65535
    files["gray_16_key.png"] = (png(key, 16, 0, before=chunk(b"tRNS", b"\xff\xff")), ["transparency", "16-bit grey"],
                                numpy.where(hidden[..., None], 255, three(scaled_gray(key, ~hidden))))
    files["gray_16_alpha.png"] = (png(numpy.dstack([wide * 100, alpha.astype(numpy.uint16) * 256 + 77]), 16, 4), ["transparency", "16-bit grey"],
                                  over_white(scaled_gray(wide * 100, alpha > 0), alpha))
    files["gray_16_turned.png"] = (png(wide * 16, 16, 0, before=chunk(b"eXIf", exif_block(6))), ["turned", "16-bit grey"],
                                   numpy.rot90(three(scaled_gray(wide * 16)), -1))
    deep = scene().astype(numpy.uint16)
    files["rgb_16.png"] = (png(deep * 256 + 99, 16, 2), ["16-bit colour"], None)
    files["rgb_16_of_12.png"] = (png(deep * 16 + 7, 16, 2), ["16-bit colour"], top_bits(deep * 16 + 7))
    files["rgba_16.png"] = (png(numpy.dstack([deep * 257, alpha.astype(numpy.uint16) * 257]), 16, 6), ["transparency", "16-bit colour"], None)
    corner = deep * 257
    files["rgb_16_key.png"] = (png(corner, 16, 2, before=chunk(b"tRNS", corner[0, 0].astype(">u2").tobytes())), ["transparency", "16-bit colour"],
                               over_white(scene(), numpy.where((corner == corner[0, 0]).all(-1), 0, 255)))
    files.update(tiff_kinds(rgb, gray, rgba, la, cmyk, palette, wide, alpha))
    files.update(bmp_and_gif_kinds(rgb, gray, palette, rgba))
    return files


def tiff_kinds(rgb, gray, rgba, la, cmyk, palette, wide, alpha):
    three = lambda a: numpy.dstack([a] * 3)
    files = {}
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd"):
        files[f"plain_{compression}.tif"] = (saved(rgb, "TIFF", compression=compression), [], None)
    files["predictor.tif"] = (saved(rgb, "TIFF", compression="tiff_lzw", tiffinfo={317: 2}), [], None)
    files["big.tif"] = (saved(rgb, "TIFF", big_tiff=True), [], None)
    files["gray.tif"] = (saved(gray, "TIFF"), [], None)
    files["palette.tif"] = (saved(palette, "TIFF"), ["palette"], None)
    files["one_bit.tif"] = (saved(rgb.convert("1"), "TIFF", compression="group4"), ["under 8 bits"], None)
    files["rgba.tif"] = (saved(rgba, "TIFF"), ["transparency"], None)
    files["la.tif"] = (saved(la, "TIFF"), ["transparency"], None)
    files["cmyk.tif"] = (saved(cmyk, "TIFF"), ["CMYK"], None)
    for o in (3, 6, 7):
        files[f"turned_{o}.tif"] = (saved(rgb, "TIFF", tiffinfo={274: o}), ["turned"], None)
    files["pages.tif"] = (saved(rgb, "TIFF", save_all=True, append_images=[gray]), ["several frames"], None)
    rows = scene()
    files["tiles.tif"] = (tiff(rows, 8, 2, tile=16), [], None)
    files["planes.tif"] = (tiff(rows, 8, 2, planes=True), [], None)
    files["big_endian.tif"] = (tiff(rows, 8, 2, order=">"), [], None)
    files["white_is_zero.tif"] = (tiff(rows[..., :1], 8, 0), [], None)
    files["unspecified_fourth.tif"] = (tiff(numpy.dstack([rows, alpha]), 8, 2, tags=[(338, 3, [0])]), [], None)
    multiplied = (rows.astype(int) * alpha[..., None] // 255).astype(numpy.uint8)
    files["multiplied_alpha.tif"] = (tiff(numpy.dstack([multiplied, alpha]), 8, 2, tags=[(338, 3, [1])]), ["transparency"], None)
    # 16 bits by our own rule.
    for name, order in (("gray_16.tif", "<"), ("gray_16_big_endian.tif", ">")):
        files[name] = (tiff((wide * 100 + 7)[..., None], 16, 1, order), ["16-bit grey"], three(scaled_gray(wide * 100 + 7)))
    signed = wide.astype(numpy.int64) * 100 - 9000
    files["gray_16_signed.tif"] = (tiff((signed & 0xFFFF)[..., None], 16, 1, tags=[(339, 3, [2])]), ["16-bit grey"], three(scaled_gray(signed + 32768)))
    deep = scene().astype(numpy.uint16) * 257
    files["rgb_16.tif"] = (tiff(deep, 16, 2), ["16-bit colour"], top_bits(deep))
    files["rgb_16_planes.tif"] = (tiff(deep, 16, 2, planes=True, tile=16), ["16-bit colour"], top_bits(deep))
    return files


def bmp_and_gif_kinds(rgb, gray, palette, rgba):
    files = {"plain.bmp": (saved(rgb, "BMP"), [], None), "gray.bmp": (saved(gray, "BMP"), ["palette"], None),
             "palette.bmp": (saved(palette, "BMP"), ["palette"], None), "one_bit.bmp": (saved(rgb.convert("1"), "BMP"), ["palette"], None)}
    rows = scene().astype(numpy.uint32)
    red, green, blue = rows[..., 0], rows[..., 1], rows[..., 2]
    values_32 = red << 16 | green << 8 | blue | 0x7F000000
    files["fourth_byte.bmp"] = (bmp(bottom_up(values_32, "<u4"), 32), [], None)
    files["top_down.bmp"] = (bmp(bottom_up(values_32[::-1], "<u4"), 32, top_down=True), [], None)
    masks = struct.pack("<LLL", 0xFF0000, 0xFF00, 0xFF)
    files["fields.bmp"] = (bmp(bottom_up(values_32, "<u4"), 32, 3, masks=masks), [], None)
    alpha = (numpy.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) % 256).astype(numpy.uint32)
    with_alpha = values_32 & 0xFFFFFF | alpha << 24
    files["alpha.bmp"] = (bmp(bottom_up(with_alpha, "<u4"), 32, 3, header=108, masks=masks + struct.pack("<L", 0xFF000000)), ["transparency"], None)
    files["fields_555.bmp"] = (bmp(bottom_up(red >> 3 << 10 | green >> 3 << 5 | blue >> 3, "<u2"), 16), [], None)
    masks_565 = struct.pack("<LLL", 0xF800, 0x07E0, 0x001F)
    files["fields_565.bmp"] = (bmp(bottom_up(red >> 3 << 11 | green >> 2 << 5 | blue >> 3, "<u2"), 16, 3, masks=masks_565), [], None)
    entries = numpy.asarray(palette)
    colours = numpy.asarray(palette.getpalette()[:48], numpy.uint8).reshape(16, 3)[:, ::-1]
    quads = b"".join(bytes(c) + b"\0" for c in colours)
    files["run_lengths_8.bmp"] = (bmp(run_lengths(entries, False), 8, 1, palette=quads, colours=16), ["palette"], None)
    files["run_lengths_4.bmp"] = (bmp(run_lengths(entries, True), 4, 2, palette=quads, colours=16), ["palette"], None)
    nibbles = entries[:, 0::2] << 4 | entries[:, 1::2]
    files["four_bits.bmp"] = (bmp(bottom_up(nibbles, "u1"), 4, palette=quads), ["palette"], None)
    files["old_header.bmp"] = (bmp(bottom_up(numpy.asarray(scene()[..., ::-1]).reshape(HEIGHT, -1), "u1"), 24, header=12), [], None)
    # GIF and animations.
    files["plain.gif"] = (saved(palette, "GIF", interlace=0), ["palette"], None)
    files["interlaced.gif"] = (saved(palette, "GIF", interlace=1), ["palette"], None)
    files["many_colours.gif"] = (saved(rgb.quantize(200), "GIF"), ["palette"], None)
    files["transparent.gif"] = (saved(palette, "GIF", transparency=3), ["transparency", "palette"], None)
    files["gray.gif"] = (saved(gray, "GIF"), ["palette"], None)
    other = rgb.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    files["animated.gif"] = (saved(rgb, "GIF", save_all=True, append_images=[other], duration=50), ["palette", "several frames"], None)
    large = bytearray(saved(palette, "GIF", interlace=0))  # a canvas of 21 x 15, the frame at 3, 2
    large[6:10] = struct.pack("<HH", 21, 15)
    at = large.index(struct.pack("<BHHHH", 0x2C, 0, 0, WIDTH, HEIGHT))
    large[at + 1 : at + 5] = struct.pack("<HH", 3, 2)
    files["small_frame.gif"] = (bytes(large), ["palette"], None)
    files["animated.webp"] = (saved(rgb, "WEBP", save_all=True, append_images=[other], lossless=True), ["several frames"], None)
    files["animated_alpha.webp"] = (saved(rgba, "WEBP", save_all=True, append_images=[other.convert("RGBA")], lossless=True),
                                    ["transparency", "several frames"], None)
    return files


def main():
    os.makedirs(OUT, exist_ok=True)
    golden = {}
    for name, (file, traits, right) in kinds().items():
        with open(os.path.join(OUT, name), "wb") as out:
            out.write(file)
        pixels = reference(file) if right is None else right
        pixels = numpy.ascontiguousarray(pixels.astype(numpy.uint8))
        golden[name] = dict(traits=traits, height=pixels.shape[0], width=pixels.shape[1], sha256=hashlib.sha256(pixels.tobytes()).hexdigest(),
                            rule="own" if right is not None else "transformers")
    # Every value under every alpha, as rows of values.
    value, alpha = numpy.meshgrid(range(256), range(256), indexing="ij")
    blended = numpy.ascontiguousarray(over_white(value, alpha)[..., 0])
    origin = f"tools/golden/image_files.py, pillow {PIL.__version__}, transformers {transformers.__version__}"
    with open(os.path.join(OUT, "golden.json"), "w") as out:
        json.dump(dict(origin=origin, over_white_sha256=hashlib.sha256(blended.tobytes()).hexdigest(), files=golden), out, indent=1)


if __name__ == "__main__":
    main()
