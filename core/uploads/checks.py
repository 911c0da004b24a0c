"""May this file be taken in? From the cheapest question to the dearest.

Name, emptiness, size, first bytes, viruses (where ClamAV is set up), and last the opening itself.
Every refusal is a sentence that says what to do.
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.core.files import File

from core.opening import Unfit, Verdict
from core.uploads import child, clamav
from core.uploads.kinds import (
    HEAD,
    IMAGES,
    KINDS,
    Kind,
    extension_of,
    extensions,
    kind_of,
    megabytes,
)
from core.uploads.names import BadName, clean_name

log = logging.getLogger(__name__)

# What to do instead, for kinds that people do send.
INSTEAD = {
    **dict.fromkeys(
        (".svg", ".svgz"),
        "SVG-bilder kan innehålla program och tas inte emot. Spara bilden som PNG och försök igen.",
    ),
    **dict.fromkeys(
        (".docm", ".dotm", ".xlsm", ".xltm", ".pptm", ".potm", ".ppsm"),
        "Filer med makron tas inte emot. Spara filen utan makron, till exempel som .docx, och"
        " försök igen.",
    ),
    ".doc": "Spara filen i Words nyare format (.docx) eller som PDF och försök igen.",
    ".xls": "Spara filen i Excels nyare format (.xlsx) och försök igen.",
    ".ppt": "Spara filen i PowerPoints nyare format (.pptx) eller som PDF och försök igen.",
    **dict.fromkeys(
        (".heic", ".heif", ".tif", ".tiff", ".gif", ".bmp"),
        "Spara bilden som JPEG eller PNG och försök igen.",
    ),
    **dict.fromkeys(
        (".zip", ".7z", ".rar", ".gz", ".tar"),
        "Packade filer tas inte emot. Packa upp och ladda upp filerna en i taget.",
    ),
    ".wav": "Spara ljudet som MP3 eller M4A och försök igen.",
}

SENTENCES = {
    Verdict.BROKEN: "Filen går inte att öppna. Den kan vara skadad: öppna den hos dig, spara om"
    " den och försök igen.",
    Verdict.LOCKED: "Filen är låst med lösenord. Spara en kopia utan lösenord och försök igen.",
    Verdict.SCRIPT: "PDF-filen innehåller program (script), eller ett formulär som kan köra program"
    " eller skicka uppgifter vidare. Skriv ut den till en ny PDF och ladda upp den i stället.",
    Verdict.FILES_INSIDE: "Filen har andra filer inuti. Ta bort dem, eller skriv ut filen till en"
    " ny PDF, och ladda upp de andra filerna för sig.",
    Verdict.FETCHES: "Filen hämtar innehåll från en annan plats när den öppnas, till exempel en"
    " mall, en bild eller en arbetsbok. Bryt länkarna eller spara filen som PDF, och försök igen.",
    Verdict.MACROS: "Filen innehåller makron. Spara en kopia utan makron och försök igen.",
    Verdict.TOO_HEAVY: "Filen växer till orimlig storlek när den öppnas. Spara om den i mindre"
    " format och försök igen.",
    Verdict.OLD_FORMAT: "Filen är sparad i ett äldre format. Spara om den i programmets nyare"
    " format (.docx, .xlsx eller .pptx) och försök igen.",
    Verdict.NOT_TEXT: "Filen är inte ren text. Spara om den som text och försök igen.",
    Verdict.NOT_UTF8: "Texten är sparad med en teckenkodning som inte tas emot. Spara om den som"
    " UTF-8 och försök igen.",
}
NOT_NOW = "Filen kan inte kontrolleras just nu. Försök igen om en stund."
MANY = "Många filer kontrolleras just nu. Försök igen om en stund."
TOO_LONG = (
    "Filen tog för lång tid att öppna. Spara om den i enklare form, till exempel som en ny PDF, och"
    " försök igen."
)
CRASHED = (
    "Filen gick inte att kontrollera: den får programmet som öppnar den att sluta fungera. Spara"
    " om den och försök igen."
)
NOT_BARE = (
    "Bilden har uppgifter från kameran, till exempel om platsen, som inte gick att ta bort. Spara"
    " om den i ett bildprogram och försök igen."
)
INFECTED = (
    "Filen innehåller skadlig kod och togs inte emot. Ladda inte upp den igen. Kontakta ditt"
    " it-stöd."
)


class Refused(Exception):
    """The file is not taken in. `sentence` says why, and what to do, to who sent it."""

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(code)
        self.sentence, self.code = sentence, code


def examine(file: File, kinds: tuple[Kind, ...] = KINDS) -> Kind:
    """The file's kind, when it may be taken in; raises Refused. Each file is opened once.

    Leaves the file at its beginning. Takes at most three quarters of a minute: not for a
    transaction that others wait for (`examine_all` does it before).
    """
    kind = _kind_by_name(file.name or "", kinds)
    found: Kind | Refused | None = getattr(file, "examined", None)
    if found is None:
        try:
            found = _examined(file, kind)
        except Refused as problem:
            found = problem
            log.info("An uploaded %s of %s bytes was refused: %s", kind.key, file.size, problem)
        file.examined = found  # type: ignore[attr-defined]
    if isinstance(found, Refused):
        raise found
    return found


def examine_all(files: Mapping[str, Any]) -> None:
    """Examine what a request brought, so that forms find the answers ready."""
    for file in files.values():
        with suppress(Refused):
            examine(file)


def _kind_by_name(name: str, kinds: tuple[Kind, ...]) -> Kind:
    try:
        name = clean_name(name)
    except BadName as problem:
        raise Refused(str(problem), "name") from problem
    kind = kind_of(name)
    if kind is None or kind not in kinds:
        extension = extension_of(name)
        listed = ", ".join(extensions(kinds))
        otherwise = f"Spara om filen som någon av de här och försök igen: {listed}."
        instead = None if kind else INSTEAD.get(extension)
        raise Refused(
            instead or f"Filer som slutar på {extension} tas inte emot här. {otherwise}", "kind"
        )
    return kind


def _examined(file: File, kind: Kind) -> Kind:
    if not file.size:
        raise Refused("Filen är tom. Kontrollera att du valde rätt fil och försök igen.", "empty")
    if file.size > kind.max_bytes:
        raise Refused(
            f"Filen är {megabytes(file.size)}. En {kind.label} får vara högst"
            f" {megabytes(kind.max_bytes)}. Dela upp den eller spara den mindre.",
            "size",
        )
    if getattr(file, "left_out", False):
        raise Refused("Filerna är för stora tillsammans. Ladda upp dem en i taget.", "size")
    try:
        file.seek(0)
        if not kind.begins(file.read(HEAD)):
            raise Refused(_other_kind(kind), "content")
        _scan(file)
        _open(file, kind)
        if kind in IMAGES:
            file.bare = _bare(file, kind)  # type: ignore[attr-defined]
    finally:
        file.seek(0)
    return kind


def _other_kind(kind: Kind) -> str:
    return (
        f"Filen heter {kind.extensions[0]} men innehåller något annat. Öppna den i sitt program,"
        f" spara den som {kind.label} och försök igen."
    )


def _scan(file: File) -> None:
    try:
        virus = clamav.scan(file)
    except clamav.NoAnswer as problem:
        log.error("ClamAV does not answer, an upload was refused: %s", problem)
        raise Refused(NOT_NOW, "scan") from problem
    if virus:
        log.warning("ClamAV found %s in an upload", virus)
        raise Refused(INFECTED, "virus")


def _open(file: File, kind: Kind) -> None:
    try:
        verdict = child.open_file(file, kind.key)
    except child.TooManyAtOnce as problem:
        raise Refused(MANY, "busy") from problem
    except child.TookTooLong as problem:
        raise Refused(TOO_LONG, "time") from problem
    except child.Crashed as problem:
        raise Refused(CRASHED, "crash") from problem
    if verdict == Verdict.OTHER_KIND:
        raise Refused(_other_kind(kind), "content")
    if verdict != Verdict.FINE:
        raise Refused(SENTENCES[verdict], verdict.name.lower())


def _bare(file: File, kind: Kind) -> bytes:
    """The picture without the place and the like; refused where they cannot be taken away."""
    try:
        return child.bare_picture(file, kind.max_bytes)
    except child.TooManyAtOnce as problem:
        raise Refused(MANY, "busy") from problem
    except (child.TookTooLong, child.Crashed, Unfit) as problem:
        raise Refused(NOT_BARE, "metadata") from problem
