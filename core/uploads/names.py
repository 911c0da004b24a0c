"""A file's two names: the one that is shown, cleaned, and the one that nobody guesses."""

import re
import secrets
import unicodedata
from typing import Any

from django.utils import timezone
from django.utils.deconstruct import deconstructible

from core.uploads.kinds import extension_of, kind_of

MOST_CHARACTERS = 150
# What a file pretends not to be when another extension follows: faktura.exe.pdf.
RUNNABLE = frozenset(
    (
        *("bat", "cmd", "cpl", "dll", "docm", "exe", "hta", "htm", "html", "jar", "js", "jse"),
        *("lnk", "msi", "php", "pif", "pptm", "ps1", "py", "reg", "scr", "sh", "svg", "vbe"),
        *("vbs", "wsf", "xhtml", "xlsm"),
    )
)
_AWKWARD = re.compile(r'[<>:"|?*]')  # some systems refuse them


class BadName(ValueError):
    """Not a name that a file can be shown under; the text is the sentence for who sent it."""


def clean_name(name: str) -> str:
    """The name as it is kept and shown. Raises BadName for one that hides something."""
    name = unicodedata.normalize("NFC", name).strip()
    if "/" in name or "\\" in name or name in {".", ".."}:
        raise BadName(
            "Filnamnet innehåller en sökväg. Byt namn på filen, utan snedstreck, och försök igen."
        )
    if not name.isprintable():
        raise BadName(
            "Filnamnet innehåller osynliga tecken. Skriv om namnet på filen och försök igen."
        )
    if len(name) > MOST_CHARACTERS:
        raise BadName(
            f"Filnamnet är för långt. Korta det till högst {MOST_CHARACTERS} tecken och försök"
            " igen."
        )
    if not extension_of(name):
        raise BadName(
            "Filnamnet saknar ändelse. Spara om filen, så att namnet slutar på till exempel .pdf,"
            " och försök igen."
        )
    hidden = [part for part in name.lower().split(".")[1:-1] if part.strip() in RUNNABLE]
    if hidden:
        raise BadName(
            f"Filnamnet har två ändelser, .{hidden[0]} och {extension_of(name)}. Byt namn på"
            " filen så att bara den rätta är kvar och försök igen."
        )
    return _AWKWARD.sub("_", name)


@deconstructible
class RandomName:
    """`upload_to` of a file field: a folder, the year and 192 random bits.

    Of the name that was sent only the extension of a known kind is left, since the type that the
    file is handed out as comes from it.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __call__(self, instance: Any, name: str) -> str:
        """The name to store under."""
        extension = extension_of(name) if kind_of(name) else ".bin"
        year = timezone.localdate().year
        return f"{self.folder}/{year}/{secrets.token_urlsafe(24)}{extension}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RandomName) and self.folder == other.folder

    def __hash__(self) -> int:
        return hash(self.folder)
