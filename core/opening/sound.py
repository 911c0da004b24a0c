"""Sound: the frame of the file holds from its beginning to its end."""

import os
from typing import BinaryIO

from core.opening import Unfit, Verdict

# Kilobits a second of layer III by index: MPEG 1, and MPEG 2 and 2.5 (ISO 11172-3, 13818-3).
BIT_RATES = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
SAMPLE_RATES = (44_100, 48_000, 32_000)  # of MPEG 1; half of it for 2, a quarter for 2.5
SEARCHED = 64 * 1024  # bytes of padding after the tag in which the first frame is looked for
MOST_BOXES = 1_000

OGG_CODECS = (b"OpusHead", b"\x01vorbis", b"\x7fFLAC", b"Speex   ")


def open_mp3(file: BinaryIO) -> None:
    """Raise Unfit unless two frames follow each other after the tag."""
    head = file.read(10)
    start = 0
    if head[:3] == b"ID3" and len(head) == 10:
        size = sum(
            (byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True)
        )
        start = 10 + size
    file.seek(start)
    sound = file.read(SEARCHED)
    for at in range(len(sound) - 4):
        length = _frame_length(sound[at : at + 4])
        if length and _frame_length(sound[at + length : at + length + 4]):
            return
    raise Unfit(Verdict.BROKEN)


def _frame_length(head: bytes) -> int:
    """The length of a layer III frame; 0 for what is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, rate, frequency = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or rate in (0, 15) or frequency == 3:
        return 0
    first = version == 3
    samples = SAMPLE_RATES[frequency] // {3: 1, 2: 2, 0: 4}[version]
    bits = BIT_RATES[0 if first else 1][rate] * 1000
    return (144 if first else 72) * bits // samples + (head[2] >> 1 & 1)


def open_m4a(file: BinaryIO) -> None:
    """Raise Unfit unless its boxes fill the file and hold an index and sound."""
    end = file.seek(0, os.SEEK_END)
    at = 0
    found: list[bytes] = []
    while at < end:
        file.seek(at)
        head = file.read(16)
        size = int.from_bytes(head[:4], "big")
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        elif size == 0:
            size = end - at
        if size < 8 or at + size > end or len(found) == MOST_BOXES:
            raise Unfit(Verdict.BROKEN)
        found.append(head[4:8])
        at += size
    if found[:1] != [b"ftyp"] or not {b"moov", b"mdat"} <= set(found):
        raise Unfit(Verdict.BROKEN)


def open_ogg(file: BinaryIO) -> None:
    """Raise Unfit unless its pages fill the file and the first names a codec for sound."""
    end = file.seek(0, os.SEEK_END)
    at = 0
    while at < end:
        file.seek(at)
        head = file.read(27)
        if len(head) < 27 or head[:5] != b"OggS\0":
            raise Unfit(Verdict.BROKEN)
        lengths = file.read(head[26])
        if at == 0 and not file.read(8).startswith(OGG_CODECS):
            raise Unfit(Verdict.OTHER_KIND)
        at += 27 + len(lengths) + sum(lengths)
    if at != end:
        raise Unfit(Verdict.BROKEN)
