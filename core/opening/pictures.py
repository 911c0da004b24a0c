"""Pictures: whole, of the kind that they say, and not larger than memory."""

import struct
import warnings
from typing import BinaryIO

from PIL import Image

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
