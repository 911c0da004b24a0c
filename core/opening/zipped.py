"""Zip files: a list of contents that can be trusted, unpacked a block at a time."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from core.opening import Unfit, Verdict

MOST_MEMBERS = 10_000
MOST_UNPACKED = 250 * 1024**2
MOST_RATIO = 100  # of more than SMALL: XML packs well, and a real one stays below 30
SMALL = 10 * 1024**2
BLOCK = 256 * 1024


@contextmanager
def opened(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """The file as a zip file; what is broken, also further in, raises Unfit."""
    try:
        with zipfile.ZipFile(file) as archive:
            _look_at(archive.infolist(), size=file.seek(0, 2))
            yield archive
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
    ) as problem:
        raise Unfit(Verdict.BROKEN) from problem


def _look_at(members: list[zipfile.ZipInfo], size: int) -> None:
    """What the list of contents tells, before anything is unpacked."""
    if any(member.flag_bits & 1 for member in members):
        raise Unfit(Verdict.LOCKED)
    unpacked = sum(member.file_size for member in members)
    too_packed = unpacked > SMALL and unpacked > size * MOST_RATIO
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED or too_packed:
        raise Unfit(Verdict.TOO_HEAVY)
    # Office does not tell capitals from small letters in the name of a part.
    names = [member.filename.lower() for member in members]
    if len(set(names)) < len(names) or any(_leads_out(name) for name in names):
        raise Unfit(Verdict.BROKEN)


def _leads_out(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/")


def blocks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """One part, unpacked piece by piece; its checksum is tried at the end."""
    with archive.open(member) as part:
        while block := part.read(BLOCK):
            yield block


def whole(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    """All of one part, which may not be larger than that."""
    if member.file_size > most:
        raise Unfit(Verdict.TOO_HEAVY)
    return b"".join(blocks(archive, member))  # no more than the list of contents says
