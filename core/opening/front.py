"""The first page of a PDF as a picture, and how many pages there are."""

import io
import sys
from typing import BinaryIO

import pypdfium2

from core.opening import FRONT_HEIGHT, FRONT_WIDTH, Unfit, Verdict, pdf


def print_front(file: BinaryIO) -> None:
    """Write the number of pages on a line, then a JPEG. Raises Unfit as pdf.opened does.

    However large the page says that it is, the picture is small: PDFium draws in that size.
    """
    with pdf.opened(file.read()) as document:
        page = document[0]
        try:
            width, height = page.get_size()
            if not (width > 0 and height > 0):
                raise Unfit(Verdict.BROKEN)
            scale = min(FRONT_WIDTH / width, FRONT_HEIGHT / height)
            if min(width, height) * scale < 1:  # a line
                raise Unfit(Verdict.BROKEN)
            picture = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
        except (pypdfium2.PdfiumError, ValueError) as problem:
            raise Unfit(Verdict.BROKEN) from problem
        finally:
            page.close()
        written = io.BytesIO()
        picture.save(written, "JPEG", quality=80, optimize=True)
        sys.stdout.buffer.write(b"%d\n" % len(document) + written.getvalue())
