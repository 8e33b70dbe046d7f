#!/usr/bin/python3
"""make-pictures.py - small JPEG and PNG files of every kind, and what Pillow reads from them.

Writes pictures/* and pictures.npz beside itself.  An array NAME holds the pixels of pictures/NAME as convert("RGB") gives
them; NAME-RESIZE-CROP those after torchvision's Resize(RESIZE) and CenterCrop(CROP), which are spelled out here: on
images of Pillow they are its resize() and crop().
"""
import os
import struct
import zlib

import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "pictures")
rng = np.random.default_rng(1)


def smooth(h, w, channels):
    """What survives JPEG: waves, a hard edge."""
    y, x, c = np.mgrid[0:h, 0:w, 0:channels]
    v = 128 + 90 * np.sin(x / (4 + c)) * np.cos(y / (6 - c)) + 40 * (x > y)
    return np.clip(v, 0, 255).astype(np.uint8).squeeze()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name, colour, pixels, extra=b""):
    """A PNG of 16 bits, which Pillow does not write."""
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 16, colour, 0, 0, 0)
    with open(os.path.join(OUT, name), "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def save(name, image, **how):
    image.save(os.path.join(OUT, name), **how)


def write_pictures():
    rgb, grey = Image.fromarray(smooth(21, 34, 3)), Image.fromarray(smooth(19, 23, 1))
    noise = Image.fromarray(rng.integers(0, 256, (37, 53, 3), np.uint8))
    save("420.jpg", rgb, quality=85)
    save("422_progressive.jpg", rgb, quality=75, subsampling=1, progressive=True)
    save("444.jpg", rgb, quality=95, subsampling=0)
    save("grey.jpg", grey)
    save("cmyk.jpg", Image.fromarray(smooth(18, 25, 4), "CMYK"))
    exif = Image.Exif()
    exif[0x0112] = 6                                    # rotated, which torchvision ignores as well
    save("rotated.jpg", rgb, exif=exif)
    save("noise.png", noise)
    save("tall.png", noise.crop((0, 0, 5, 37)))
    save("grey.png", grey)
    save("bits1.png", grey.convert("1"))
    for bits in (2, 4):
        save("palette%d.png" % bits, rgb.quantize(1 << bits), bits=bits)
    save("palette8.png", rgb.quantize(64), transparency=3)
    save("transparent.png", rgb, transparency=rgb.getpixel((0, 0)))
    rgba = rgb.copy()
    rgba.putalpha(Image.fromarray(smooth(21, 34, 1)))
    save("alpha.png", rgba)
    save("grey_alpha.png", rgba.convert("LA"))
    png("rgb16.png", 2, rng.integers(0, 65536, (6, 7, 3)), chunk(b"gAMA", struct.pack(">I", 100000)))


def fit(image, resize, crop):
    w, h = image.size
    shorter, longer = min(w, h), max(w, h)
    if resize and shorter != resize:
        longer = int(resize * longer / shorter)
        image = image.resize((resize, longer) if w <= h else (longer, resize), Image.Resampling.BILINEAR)
    w, h = image.size
    top, left = (h - crop) // 2, (w - crop) // 2    # torchvision rounds a half to even, most others down
    return image.crop((left, top, left + crop, top + crop)) if crop else image


def main():
    os.makedirs(OUT, exist_ok=True)
    write_pictures()
    arrays = {}
    for name in sorted(os.listdir(OUT)):
        arrays[name] = np.asarray(Image.open(os.path.join(OUT, name)).convert("RGB"))
    cases = [("noise.png", 20, 16), ("noise.png", 37, 32), ("noise.png", 36, 33), ("noise.png", 61, 40), ("noise.png", 9, 0),
             ("noise.png", 0, 30), ("noise.png", 1, 1), ("tall.png", 4, 4), ("tall.png", 11, 8), ("420.jpg", 16, 14)]
    for name, resize, crop in cases:
        image = Image.open(os.path.join(OUT, name)).convert("RGB")
        arrays["%s-%d-%d" % (name, resize, crop)] = np.asarray(fit(image, resize, crop))
    np.savez_compressed(os.path.join(HERE, "pictures.npz"), **arrays)


main()
