"""Plain text and CSV: text through and through, and no page or program in disguise."""

import re
from typing import BinaryIO

from core.opening import Unfit, Verdict

_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKUP = ("<!doctype", "<html", "<svg", "<?xml", "<?php", "<script", "#!")


def open_text(file: BinaryIO) -> None:
    """Raise Unfit unless it is text, in UTF-8 or as older Swedish programs write it."""
    content = file.read()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unfit(Verdict.NOT_UTF8)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if _CONTROL.search(text):
        raise Unfit(Verdict.NOT_TEXT)
    if text.lstrip()[:20].lower().startswith(_MARKUP):
        raise Unfit(Verdict.OTHER_KIND)
