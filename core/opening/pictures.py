"""Pictures: whole, of the kind that they say, and not larger than memory."""

import io
import struct
import sys
import warnings
from typing import BinaryIO

from PIL import Image, ImageOps

from core.opening import Unfit, Verdict

MOST_PIXELS = 60_000_000


def open_png(file: BinaryIO) -> None:
    """Raise Unfit unless it is a whole PNG."""
    _open(file, "PNG")


def open_jpeg(file: BinaryIO) -> None:
    """Raise Unfit unless it is a whole JPEG."""
    _open(file, "JPEG")


def open_webp(file: BinaryIO) -> None:
    """Raise Unfit unless it is a whole WEBP."""
    _open(file, "WEBP")


def print_bare(file: BinaryIO) -> None:
    """Write the picture without what a camera or a program has put beside it, such as the place.

    Writes nothing where nothing is beside it: the file is then left as it came. Colours stay, and
    the picture is turned as its camera said. One that moves is left alone.
    """
    with Image.open(file, formats=["PNG", "JPEG", "WEBP"]) as picture:
        beside = set(picture.info) & BESIDE or bool(picture.getexif())
        texts = getattr(picture, "text", None)
        if not (beside or texts) or getattr(picture, "n_frames", 1) > 1:
            return
        kind, colours = picture.format, picture.info.get("icc_profile")
        turned = ImageOps.exif_transpose(picture)
        bare = Image.new(turned.mode, turned.size)
        if turned.mode == "P" and (palette := turned.getpalette("RGBA")):
            bare.putpalette(palette, "RGBA")
        bare.paste(turned)
        written = io.BytesIO()
        bare.save(written, kind, quality=90, icc_profile=colours)
        sys.stdout.buffer.write(written.getvalue())


# What Pillow calls it, of the kinds that are taken in.
BESIDE = frozenset({"exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment", "mp"})


def _open(file: BinaryIO, kind: str) -> None:
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(file, formats=[kind]) as picture:
            picture.verify()
        file.seek(0)
        with Image.open(file, formats=[kind]) as picture:  # verify() leaves nothing to read
            picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as problem:
        raise Unfit(Verdict.TOO_HEAVY) from problem
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error) as problem:
        raise Unfit(Verdict.BROKEN) from problem
