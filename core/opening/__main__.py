"""The process itself: first its limits, then the file."""

import os
import resource
import sys
from typing import BinaryIO

from core.opening import Unfit, Verdict, front, office, pages, pdf, pictures, plain, sound

MEMORY = 1024**3
CPU_SECONDS = 10
CPU_SECONDS_TO_READ = 60  # every page, while nobody waits

OPENERS = {
    "pdf": pdf.open_pdf,
    "docx": office.open_docx,
    "pptx": office.open_pptx,
    "xlsx": office.open_xlsx,
    "odt": office.open_odt,
    "png": pictures.open_png,
    "jpeg": pictures.open_jpeg,
    "webp": pictures.open_webp,
    "text": plain.open_text,
    "mp3": sound.open_mp3,
    "m4a": sound.open_m4a,
    "ogg": sound.open_ogg,
    "pages": pages.print_pages,
    "front": front.print_front,
    "bare": pictures.print_bare,
}


def tighten(cpu_seconds: int = CPU_SECONDS) -> None:
    """Take little memory and time, write nothing, start nothing; it cannot be undone."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_NPROC, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (allowed, allowed))


def verdict_of(key: str, file: BinaryIO) -> Verdict:
    """Open the file as the kind of that key."""
    try:
        OPENERS[key](file)
    except Unfit as problem:
        return problem.verdict
    except MemoryError:
        return Verdict.TOO_HEAVY
    return Verdict.FINE


if __name__ == "__main__":
    key = sys.argv[1]
    tighten(CPU_SECONDS_TO_READ if key in {"pages", "front"} else CPU_SECONDS)
    with os.fdopen(0, "rb", closefd=False) as standard_input:
        sys.exit(verdict_of(key, standard_input))
