"""Golden for image/perceptual_hash_test.cpp: the hash by numpy and SciPy, from its description alone.

Areas are computed as a matrix of overlaps, the transform is scipy.fft.dctn; the images come from
a formula that the test repeats. Prints the lines of the test's table.
"""
import numpy
import scipy.fft


def image(width, height, a, b, c):
    y, x = numpy.mgrid[0:height, 0:width].astype(numpy.int64)
    red = (x * x * a // width + y * b) % 256
    green = (y * y * c // height + x * a) % 256
    blue = (x * y * b // height + 40) % 256
    return numpy.stack([red, green, blue], axis=-1)


def overlaps(size):
    edges = numpy.arange(33) * size / 32
    pixels = numpy.arange(size)
    low = numpy.maximum(edges[:-1, None], pixels[None, :])
    high = numpy.minimum(edges[1:, None], pixels[None, :] + 1)
    return numpy.clip(high - low, 0, None)


def perceptual_hash(rgb):
    gray = rgb @ numpy.array([0.299, 0.587, 0.114])
    height, width = gray.shape
    grid = overlaps(height) @ gray @ overlaps(width).T * (32 * 32 / (width * height))
    block = scipy.fft.dctn(grid, type=2)[1:9, 1:9]
    bits = (block > numpy.median(block)).flatten()
    margin = numpy.min(numpy.abs(block - numpy.median(block)))
    return int("".join("1" if bit else "0" for bit in bits), 2), margin


for case in [(320, 200, 3, 2, 1), (97, 131, 2, 3, 5), (32, 32, 1, 5, 2), (1000, 33, 1, 1, 4)]:
    value, margin = perceptual_hash(image(*case))
    print("{%s, 0x%016xULL}," % (", ".join(map(str, case)), value), " // margin", margin)
