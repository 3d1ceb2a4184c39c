#!/usr/bin/env python3
"""DICOM files of every kind, small and made up, with the pixels that pydicom and its handlers read; and what they read in
pydicom's own test files, which are not kept here.

Stored values are pydicom's. How they become eight bits is written down here once more, in numpy and apart from the
program, and held against pydicom's apply_modality_lut, apply_windowing, apply_voi and apply_color_lut.

Writes tests/golden/dicom/. Run: python tools/golden/dicom.py [FOLDER of pydicom's test files]
(numpy, pydicom, pylibjpeg, pylibjpeg-libjpeg, pylibjpeg-openjpeg, pylibjpeg-rle, python-gdcm, pyjpegls)
"""
import glob
import hashlib
import json
import logging
import os
import struct
import sys
import warnings

import libjpeg
import numpy
import openjpeg
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi, apply_windowing, pixel_array
from pydicom.sequence import Sequence
from pydicom import uid

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "golden", "dicom")
ROWS, COLUMNS = 34, 38
# Lossy codecs may round differently; of these files some samples are kept instead of a hash.
LOSSY = {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.91"}
SAMPLES = 256
# Nothing of it may come out of the program.
IDENTITY = {"PatientName": "Doe^Jane^Sentinel", "PatientID": "SENTINEL-4711", "PatientBirthDate": "19470311",
            "InstitutionName": "Sentinel Hospital", "ReferringPhysicianName": "Sentinel^Ref", "StudyDate": "20200229"}


def scene(high):
    """No symmetry, from 0 to `high`."""
    y, x = numpy.meshgrid(range(ROWS), range(COLUMNS), indexing="ij")
    values = (37 * x + 91 * y + x * y * y) % 701
    return (values * high // 700).astype(numpy.int64)


def base(modality="CT", syntax=uid.ExplicitVRLittleEndian):
    set_ = Dataset()
    set_.file_meta = FileMetaDataset()
    set_.file_meta.TransferSyntaxUID = syntax
    set_.file_meta.MediaStorageSOPClassUID = uid.CTImageStorage
    set_.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4711"
    set_.SOPClassUID = uid.CTImageStorage
    set_.SOPInstanceUID = "1.2.3.4711"
    set_.Modality = modality
    for name, value in IDENTITY.items():
        setattr(set_, name, value)
    set_.add_new((0x0009, 0x0010), "LO", "SENTINEL PRIVATE")
    set_.add_new((0x0009, 0x1001), "UN", b"Sentinel bytes")
    set_.Rows, set_.Columns = ROWS, COLUMNS
    return set_


def grey(values, stored=16, allocated=16, signed=False, photometric="MONOCHROME2", **more):
    set_ = base()
    set_.SamplesPerPixel = 1
    set_.PhotometricInterpretation = photometric
    set_.BitsAllocated, set_.BitsStored, set_.HighBit = allocated, stored, stored - 1
    set_.PixelRepresentation = int(signed)
    set_.PixelData = values.astype(f"<{'i' if signed else 'u'}{allocated // 8}").tobytes()
    for name, value in more.items():
        setattr(set_, name, value)
    return set_


def colour(values, photometric="RGB", planar=0, bits=8):
    set_ = base("OT")
    set_.SamplesPerPixel = 3
    set_.PhotometricInterpretation = photometric
    set_.PlanarConfiguration = planar
    set_.BitsAllocated, set_.BitsStored, set_.HighBit = bits, bits, bits - 1
    set_.PixelRepresentation = 0
    stored = values if planar == 0 else numpy.moveaxis(values, -1, 0)
    set_.PixelData = numpy.ascontiguousarray(stored.astype(f"<u{bits // 8}")).tobytes()
    return set_


def rgb_scene(high=255):
    return numpy.stack([scene(high), scene(high)[::-1], scene(high)[:, ::-1]], -1)


def lookup(descriptor, entries, explanation=None, signed=False):
    item = Dataset()
    item.add_new("LUTDescriptor", "SS" if signed else "US", descriptor)
    if explanation:
        item.LUTExplanation = explanation
    item.add_new("LUTData", "OW", numpy.asarray(entries, "<u2").tobytes())
    return item


def palette(set_, tables, descriptor, segmented=False):
    for name, table in zip(("Red", "Green", "Blue"), tables):
        set_.add_new(f"{name}PaletteColorLookupTableDescriptor", "US", descriptor)
        keyword = f"Segmented{name}PaletteColorLookupTableData" if segmented else f"{name}PaletteColorLookupTableData"
        set_.add_new(keyword, "OW", table)
    return set_


def lossless_jpeg(planes, precision, predictor, shift=0, restart_rows=0):
    """ITU-T T.81 annex H, with one Huffman table of 17 codes of 5 bits; planes [channels, rows, columns]."""
    channels, rows, columns = planes.shape
    bits = []
    out = bytearray()

    def put(value, size):
        for i in reversed(range(size)):
            bits.append(value >> i & 1)

    def flush():
        while len(bits) % 8:
            bits.append(1)
        for i in range(0, len(bits), 8):
            byte = int("".join(map(str, bits[i : i + 8])), 2)
            out.append(byte)
            if byte == 0xFF:
                out.append(0)
        bits.clear()

    coded = planes >> shift
    for y in range(rows):
        first = y % restart_rows == 0 if restart_rows else y == 0
        if first and y:
            flush()
            out.extend([0xFF, 0xD0 + (y // restart_rows - 1) % 8])
        for x in range(columns):
            for c in range(channels):
                a = int(coded[c, y, x - 1]) if x else 0
                b = int(coded[c, y - 1, x]) if y else 0
                d = int(coded[c, y - 1, x - 1]) if x and y else 0
                if first:
                    guess = a if x else 1 << (precision - shift - 1)
                elif x == 0:
                    guess = b
                else:
                    guess = [a, b, d, a + b - d, a + ((b - d) >> 1), b + ((a - d) >> 1), (a + b) >> 1][predictor - 1]
                difference = (int(coded[c, y, x]) - guess) & 0xFFFF
                difference = difference - 65536 if difference > 32768 else difference
                size = abs(difference).bit_length()
                put(size, 5)
                if 0 < size < 16:
                    put(difference if difference > 0 else difference + (1 << size) - 1, size)
    flush()
    frame = bytes([precision]) + struct.pack(">HHB", rows, columns, channels)
    frame += b"".join(bytes([c + 1, 0x11, 0]) for c in range(channels))
    table = bytes([0] + [0, 0, 0, 0, 17] + [0] * 11) + bytes(range(17))
    scan = bytes([channels]) + b"".join(bytes([c + 1, 0]) for c in range(channels)) + bytes([predictor, 0, shift])
    segments = [(0xC3, frame), (0xC4, table)]
    if restart_rows:
        segments.append((0xDD, struct.pack(">H", restart_rows * columns)))
    segments.append((0xDA, scan))
    head = b"".join(struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body for marker, body in segments)
    return b"\xff\xd8" + head + bytes(out) + b"\xff\xd9"


def encapsulated(set_, frames, syntax):
    set_.file_meta.TransferSyntaxUID = syntax
    set_.PixelData = encapsulate(frames)
    set_["PixelData"].VR = "OB"
    set_["PixelData"].is_undefined_length = True
    return set_


def with_frames(set_, count):
    one = set_.PixelData
    arrays = [bytes(one[i:] + one[:i]) for i in range(0, 2 * count, 2)]
    set_.NumberOfFrames = count
    set_.PixelData = b"".join(arrays)
    return set_


def enhanced():
    """Two frames, each with a window and a rescale of its own; a third takes those of all."""
    set_ = with_frames(grey(scene(1000)), 3)

    def groups(center, width, slope, intercept):
        view = Dataset()
        view.WindowCenter, view.WindowWidth = center, width
        values = Dataset()
        values.RescaleSlope, values.RescaleIntercept = slope, intercept
        item = Dataset()
        item.FrameVOILUTSequence = Sequence([view])
        item.PixelValueTransformationSequence = Sequence([values])
        return item

    set_.SharedFunctionalGroupsSequence = Sequence([groups(300, 500, 1, -100)])
    set_.PerFrameFunctionalGroupsSequence = Sequence([groups(500, 900, 2, -500), groups(10, 200, 0.5, -10), Dataset()])
    return set_


def files():
    """name -> dataset"""
    wide = scene(4095)
    made = {
        "mono2_range.dcm": grey(scene(3000) - 500, signed=True),
        "mono1_window.dcm": grey(wide, stored=12, photometric="MONOCHROME1", WindowCenter=2000, WindowWidth=2500),
        "mono2_eight.dcm": grey(scene(200), stored=8, allocated=8),
        "two_windows.dcm": grey(wide, stored=12, RescaleSlope="2", RescaleIntercept="-1024", WindowCenter=["40", "-600.5"],
                                WindowWidth=["400", "1500"], WindowCenterWidthExplanation=["SOFT TISSUE", "LUNG"]),
        "sigmoid.dcm": grey(wide, stored=12, WindowCenter=1500, WindowWidth=800, VOILUTFunction="SIGMOID"),
        "linear_exact.dcm": grey(wide, stored=12, WindowCenter=1500, WindowWidth=0.5, VOILUTFunction="LINEAR_EXACT"),
        "width_one.dcm": grey(wide, stored=12, WindowCenter=1500, WindowWidth=1),
        "rescale_falling.dcm": grey(wide, stored=12, RescaleSlope="-0.5", RescaleIntercept="100", WindowCenter=-500, WindowWidth=900),
        "padding.dcm": grey(scene(3000) - 500, signed=True, photometric="MONOCHROME1", PixelPaddingValue=-500, PixelPaddingRangeLimit=-300),
        "high_bit.dcm": grey(wide << 4, stored=12, HighBit=15),
        "view_table.dcm": grey(scene(900) - 300, signed=True, WindowCenter=100, WindowWidth=300),
        "modality_table.dcm": grey(scene(300), stored=12, WindowCenter=500, WindowWidth=700),
        "thirty_two.dcm": grey(scene(700) * 5_000_000, stored=32, allocated=32),
        "palette_8.dcm": grey(scene(255), stored=8, allocated=8, photometric="PALETTE COLOR"),
        "palette_16.dcm": grey(scene(300) + 20, photometric="PALETTE COLOR"),
        "palette_segments.dcm": grey(scene(255), stored=8, allocated=8, photometric="PALETTE COLOR"),
        "rgb.dcm": colour(rgb_scene()),
        "rgb_planar.dcm": colour(rgb_scene(), planar=1),
        "rgb_16.dcm": colour(rgb_scene(65535), bits=16),
        "ybr_full.dcm": colour(rgb_scene(), "YBR_FULL"),
        "ybr_full_planar.dcm": colour(rgb_scene(), "YBR_FULL", planar=1),
        "enhanced.dcm": enhanced(),
        "burned_in.dcm": grey(scene(200), stored=8, allocated=8, BurnedInAnnotation="YES"),
        "not_burned_in.dcm": grey(scene(200), stored=8, allocated=8, BurnedInAnnotation="NO"),
        "screen_save.dcm": grey(scene(200), stored=8, allocated=8, ImageType=["DERIVED", "SECONDARY", "SCREEN SAVE"]),
    }
    made["not_burned_in.dcm"].Modality = "US"
    made["view_table.dcm"].VOILUTSequence = Sequence([lookup([500, -200 & 0xFFFF, 12], [(i * i) // 61 % 4096 for i in range(500)], "BENT"),
                                                      lookup([2, 0, 8], [10, 250], "TWO")])
    for item in made["view_table.dcm"].VOILUTSequence:
        item["LUTDescriptor"].VR = "US"
    made["modality_table.dcm"].ModalityLUTSequence = Sequence([lookup([200, 50, 16], [1000 - 4 * i for i in range(200)])])
    ramp = numpy.arange(256)
    palette(made["palette_8.dcm"], [bytes((ramp * k % 256).astype(numpy.uint8)) for k in (1, 3, 7)], [256, 0, 8])
    palette(made["palette_16.dcm"], [(numpy.arange(250) * k % 65536).astype("<u2").tobytes() for k in (260, 777, 5001)], [250, 40, 16])
    segments = [struct.pack("<9H", 0, 2, 100, 9000, 1, 100, 65000, 1, 154) + struct.pack("<H", 300)] * 3
    palette(made["palette_segments.dcm"], segments, [256, 0, 16], segmented=True)
    shared = rgb_scene()
    pairs = numpy.stack([shared[:, 0::2, 0], shared[:, 1::2, 0], shared[:, 0::2, 1], shared[:, 0::2, 2]], -1)
    made["ybr_422.dcm"] = colour(shared, "YBR_FULL_422")
    made["ybr_422.dcm"].PixelData = pairs.astype(numpy.uint8).tobytes()
    bits = grey(scene(1), stored=8, allocated=8, photometric="MONOCHROME2")
    bits.BitsAllocated = bits.BitsStored = 1
    bits.HighBit = 0
    bits.NumberOfFrames = 3
    pattern = numpy.concatenate([scene(700).ravel() % (k + 2) == 0 for k in range(3)])
    bits.PixelData = numpy.packbits(pattern, bitorder="little").tobytes() + (b"\0" if (len(pattern) + 7) // 8 % 2 else b"")
    made["one_bit.dcm"] = bits
    frames = with_frames(grey(wide, stored=12, WindowCenter=2000, WindowWidth=2500), 4)
    frames.add_new((0x0028, 0x6010), "US", 3)
    made["four_frames.dcm"] = frames
    # The other forms of one file.
    for name, syntax in (("implicit.dcm", uid.ImplicitVRLittleEndian), ("deflated.dcm", uid.DeflatedExplicitVRLittleEndian)):
        made[name] = grey(wide, stored=12, WindowCenter=2000, WindowWidth=2500)
        made[name].file_meta.TransferSyntaxUID = syntax
    swapped = grey(wide, stored=12, WindowCenter=2000, WindowWidth=2500)
    swapped.file_meta.TransferSyntaxUID = uid.ExplicitVRBigEndian
    swapped.PixelData = wide.astype(">u2").tobytes()
    made["big_endian.dcm"] = swapped
    swapped = grey(scene(255), stored=8, allocated=8)
    swapped.file_meta.TransferSyntaxUID = uid.ExplicitVRBigEndian
    swapped.PixelData = scene(255).astype("<u1").view("<u2").byteswap().tobytes()
    swapped["PixelData"].VR = "OW"
    made["big_endian_words.dcm"] = swapped
    # Encodings.
    for name, syntax, values, stored, signed in (
        ("rle_16.dcm", uid.RLELossless, scene(3000) - 500, 16, True),
        ("jpeg_2000.dcm", uid.JPEG2000Lossless, wide, 12, False),
        ("jpeg_2000_signed.dcm", uid.JPEG2000Lossless, scene(3000) - 500, 16, True),
        ("jpeg_ls.dcm", uid.JPEGLSLossless, wide, 12, False),
    ):
        made[name] = grey(values, stored=stored, signed=signed)
        made[name].compress(syntax, generate_instance_uid=False)
    for name, syntax in (("rle_rgb.dcm", uid.RLELossless), ("jpeg_2000_rgb.dcm", uid.JPEG2000Lossless), ("jpeg_ls_rgb.dcm", uid.JPEGLSLossless)):
        made[name] = colour(rgb_scene())
        made[name].compress(syntax, generate_instance_uid=False)
    for predictor in range(1, 8):
        made[f"lossless_{predictor}.dcm"] = encapsulated(grey(wide, stored=12), [lossless_jpeg(wide[None], 12, predictor)], uid.JPEGLossless)
    full = scene(65535)
    made["lossless_16.dcm"] = encapsulated(grey(full), [lossless_jpeg(full[None], 16, 1)], uid.JPEGLosslessSV1)
    made["lossless_restarts.dcm"] = encapsulated(grey(wide, stored=12), [lossless_jpeg(wide[None], 12, 4, restart_rows=3)], uid.JPEGLossless)
    made["lossless_shift.dcm"] = encapsulated(grey(wide & ~3, stored=12), [lossless_jpeg(wide[None], 12, 5, shift=2)], uid.JPEGLossless)
    made["lossless_rgb.dcm"] = encapsulated(colour(rgb_scene()), [lossless_jpeg(numpy.moveaxis(rgb_scene(), -1, 0), 8, 1)], uid.JPEGLosslessSV1)
    two = [lossless_jpeg(numpy.roll(wide, k, 1)[None], 12, 1) for k in range(2)]
    made["lossless_frames.dcm"] = encapsulated(grey(wide, stored=12), two, uid.JPEGLosslessSV1)
    made["lossless_frames.dcm"].NumberOfFrames = 2
    return made


def write(set_, path):
    syntax = set_.file_meta.TransferSyntaxUID
    if "PixelData" in set_ and len(set_.PixelData) % 2:
        set_.PixelData += b"\0"
    pydicom.dcmwrite(path, set_, enforce_file_format=True,
                     implicit_vr=syntax == uid.ImplicitVRLittleEndian, little_endian=syntax != uid.ExplicitVRBigEndian)


def eight(share):
    return numpy.floor(numpy.clip(share, 0, 1) * 255 + 0.5).astype(numpy.uint8)


def level(set_, frame, group):
    """The dataset in which a frame's own elements stand."""
    for groups, index in ((set_.get("PerFrameFunctionalGroupsSequence"), frame), (set_.get("SharedFunctionalGroupsSequence"), 0)):
        if groups and index < len(groups) and group in groups[index]:
            return groups[index][group][0]
    return set_


def one(value):
    return float(value[0] if isinstance(value, pydicom.multival.MultiValue) else value)


def shown_grey(set_, stored, frame):
    """Eight bits by the file's own window, and the window's name."""
    values = level(set_, frame, "PixelValueTransformationSequence")
    view = level(set_, frame, "FrameVOILUTSequence")
    numbers = stored.astype(numpy.float64)
    table = set_.get("ModalityLUTSequence")
    if table:
        numbers = apply_modality_lut(stored, set_).astype(numpy.float64)
    elif "RescaleSlope" in values and "RescaleIntercept" in values:
        numbers = numbers * float(values.RescaleSlope) + float(values.RescaleIntercept)
        if values is set_:
            assert numpy.allclose(numbers, apply_modality_lut(stored, set_))
    padded = numpy.zeros(stored.shape, bool)
    if "PixelPaddingValue" in set_:
        ends = sorted([int(set_.PixelPaddingValue), int(set_.get("PixelPaddingRangeLimit", set_.PixelPaddingValue))])
        padded = (stored >= ends[0]) & (stored <= ends[1])
    if view.get("VOILUTSequence"):
        item = view.VOILUTSequence[0]
        looked_up = apply_voi(numbers.astype(numpy.int64), view)
        grey_ = eight(looked_up / (2 ** item.LUTDescriptor[2] - 1))
        window = item.get("LUTExplanation", "1")
    elif "WindowCenter" in view and one(view.WindowWidth) >= (1 if view.get("VOILUTFunction", "LINEAR") == "LINEAR" else 1e-9):
        center, width = one(view.WindowCenter), one(view.WindowWidth)
        function = view.get("VOILUTFunction", "LINEAR")
        if function == "SIGMOID":
            share = 1 / (1 + numpy.exp(-4 * (numbers - center) / width))
        else:
            c, w = (center - 0.5, width - 1) if function == "LINEAR" else (center, width)
            with numpy.errstate(divide="ignore", invalid="ignore"):
                share = numpy.where(numbers <= c - w / 2, 0, numpy.where(numbers > c + w / 2, 1, (numbers - c) / w + 0.5))
        grey_ = eight(share)
        window = f"{center:.15g},{width:.15g}" + {"SIGMOID": " sigmoid", "LINEAR_EXACT": " exact"}.get(function, "")
        if view is set_ and not padded.any():
            there = apply_windowing(apply_modality_lut(stored, set_), set_)
            slope, intercept = float(set_.get("RescaleSlope", 1)), float(set_.get("RescaleIntercept", 0))
            ends = [2**set_.BitsStored - 1, 0] if set_.PixelRepresentation == 0 else [2 ** (set_.BitsStored - 1) - 1, -(2 ** (set_.BitsStored - 1))]
            if table:
                ends, slope, intercept = [2 ** table[0].LUTDescriptor[2] - 1, 0], 1, 0
            high, low = ends[0] * slope + intercept, ends[1] * slope + intercept
            assert numpy.abs((there - low) / (high - low) * 255 - grey_).max() <= 0.5 + 1e-6
    else:
        window = "full"
        if set_.BitsStored <= 8 and set_.PixelRepresentation == 0 and not table:
            low, high = 0, 2**set_.BitsStored - 1
            slope = float(values.get("RescaleSlope", 1))
            low, high = sorted([low * slope + float(values.get("RescaleIntercept", 0)), high * slope + float(values.get("RescaleIntercept", 0))])
        elif table:
            entries = numpy.frombuffer(table[0].LUTData, "<u2")
            low, high = float(entries.min()), float(entries.max())
        else:
            low, high = float(numbers[~padded].min()), float(numbers[~padded].max())
        grey_ = eight((numbers - low) / (high - low)) if high > low else numpy.zeros(stored.shape, numpy.uint8)
    if set_.PhotometricInterpretation == "MONOCHROME1":
        grey_ = 255 - grey_
    return numpy.where(padded, 0, grey_).astype(numpy.uint8), window


def to_eight_bits(values, bits):
    values = values.astype(numpy.int64)
    return (values >> (bits - 8) if bits >= 8 else values * 255 // (2**bits - 1)).astype(numpy.uint8)


def kept(array, lossy):
    flat = numpy.ascontiguousarray(array.reshape(-1))
    if not lossy:
        return dict(sha256=hashlib.sha256(flat.tobytes()).hexdigest())
    step = max(1, len(flat) // SAMPLES)
    return dict(step=step, samples=[int(v) for v in flat[::step][:SAMPLES]])


def frame_golden(set_, frame):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        array = pixel_array(set_, index=frame)
    array = array.astype(array.dtype.newbyteorder("="))
    if set_.HighBit + 1 > set_.BitsStored and "NumberOfFrames" not in set_:
        # pydicom takes the lowest bits, whatever the file says.
        array = numpy.frombuffer(set_.PixelData, "<u2").reshape(array.shape) >> (set_.HighBit + 1 - set_.BitsStored)
    lossy = set_.file_meta.TransferSyntaxUID in LOSSY
    golden = dict(height=array.shape[0], width=array.shape[1])
    if set_.PhotometricInterpretation.startswith("MONOCHROME"):
        golden["stored"] = kept(array.astype("<i8"), lossy)
        rgb, golden["window"] = shown_grey(set_, array, frame)
        rgb = numpy.stack([rgb] * 3, -1)
    elif set_.PhotometricInterpretation == "PALETTE COLOR":
        golden["stored"] = kept(array.astype("<i8"), lossy)
        rgb = apply_color_lut(array, set_)
        rgb = (rgb >> 8 if rgb.dtype == numpy.uint16 else rgb).astype(numpy.uint8)
    else:
        rgb = to_eight_bits(array, set_.BitsStored)
    # Of a lossy file two bits of stored values may be many of the shown ones: these are not compared.
    if not lossy or "stored" not in golden:
        golden["shown"] = kept(rgb, lossy)
    return golden


def golden_of(set_):
    count = int(set_.get("NumberOfFrames", 1) or 1)
    own = int(set_.get((0x0028, 0x6010)).value) if (0x0028, 0x6010) in set_ else 1
    frames = {str(n): frame_golden(set_, n - 1) for n in sorted({1, own, count})}
    return dict(frames=count, own_frame=own, modality=str(set_.get("Modality", "")), shown=frames)


def read_all(folder):
    golden = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.dcm"))):
        name = os.path.basename(path)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                set_ = pydicom.dcmread(path, force=True)
                if "Rows" not in set_ or "PixelData" not in set_:
                    golden[name] = dict(problem="no pixels")
                    continue
                golden[name] = golden_of(set_)
        except Exception as error:
            golden[name] = dict(problem=f"{type(error).__name__}: pydicom does not read it")
    return golden


def main():
    logging.disable(logging.CRITICAL)
    os.makedirs(OUT, exist_ok=True)
    for name, set_ in files().items():
        write(set_, os.path.join(OUT, name))
    import gdcm  # after pydicom's other handlers: else it crashes as the interpreter ends

    versions = f"pydicom {pydicom.__version__}, libjpeg {libjpeg.__version__}, openjpeg {openjpeg.__version__}, gdcm {gdcm.Version.GetVersion()}, numpy {numpy.__version__}"
    golden = dict(origin=f"tools/golden/dicom.py, {versions}", made=read_all(OUT))
    if len(sys.argv) > 1:
        golden["pydicom_test_files"] = read_all(sys.argv[1])
    else:
        with open(os.path.join(OUT, "golden.json")) as before:
            golden["pydicom_test_files"] = json.load(before)["pydicom_test_files"]
    with open(os.path.join(OUT, "golden.json"), "w") as out:
        json.dump(golden, out, indent=1)
    for name, one_ in {**golden["made"], **golden["pydicom_test_files"]}.items():
        if "problem" in one_:
            print(name, one_["problem"])


if __name__ == "__main__":
    main()
