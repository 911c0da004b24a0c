"""Office files: what they may not carry, start or fetch, however it is written."""

from functools import partial
from random import Random

import pytest

from core.uploads.checks import SENTENCES, Verdict
from tests import files
from tests.files import refusal

MACRO = '<Default Extension="x" ContentType="application/vnd.{}"/>'
MACRO_TYPES = {
    "after a megabyte": (f"<!--{'x' * 1_100_000}-->" + MACRO.format("a.macroEnabled.12"),),
    "in small letters": (MACRO.format("ms-word.document.macroenabled.main+xml"),),
    "escaped": (MACRO.format("ms-word.document.macro&#69;nabled.main+xml"),),
    "in UTF-16": (MACRO.format("ms-word.document.macroEnabled.main+xml"), "utf-16"),
    "project": (MACRO.format("ms-office.vbaProject"),),
    "sheet": (MACRO.format("ms-excel.macrosheet+xml"),),
    "control": (MACRO.format("ms-office.activeX+xml"),),
}
ELSEWHERE = "https://example.org/a"
FETCHED = [
    *((kind, ELSEWHERE) for kind in ("attachedTemplate", "image", "externalLinkPath", "video")),
    *((kind, "file:///C:\\a.doc") for kind in ("oleObject", "frame", "subDocument", "package")),
    *(("attachedTemplate", f"{start}example.org\\a.dotx") for start in ("\\\\", "//", "%5C%5C")),
    *(("image", f"file:{slashes}example.org/a.png") for slashes in ("//", "////", "///\\\\")),
]
DDE = {
    "plain": (r"DDEAUTO c:\\windows\\system32\\cmd.exe",),
    "in small letters": (" dde  excel a",),
    "split": ("D", "DE", "AUTO c:", "a"),
    "escaped": ("&#68;DE a",),
    "after spaces": (" " * 300, "DDE a"),
}
EMBEDDED = [
    ("a.exe", b"MZ\x90", "FILES_INSIDE"),
    ("oleObject1.bin", files.OLE + bytes(100), "FILES_INSIDE"),
    ("a.js", b"alert(1)", "FILES_INSIDE"),
    ("a.zip", files.packed({"a.txt": b"x"}), "FILES_INSIDE"),
    ("a.docx", files.embedding("b.xlsx", files.xlsx()), "FILES_INSIDE"),
    ("a.xlsm", files.xlsx(), "MACROS"),
    ("a.docx", files.docx({"word/vbaProject.bin": b"x"}), "MACROS"),
    ("a.docx", files.docx_of_types(MACRO.format("ms-office.vbaProject")), "MACROS"),
    ("a.docx", files.related("attachedTemplate", ELSEWHERE), "FETCHES"),
    ("a.docx", files.docx()[:-30], "BROKEN"),
]


def noise(length: int) -> str:
    """Letters that do not pack so well that they are a bomb."""
    return Random(1).randbytes(length // 2).hex()


HOSTILE = {
    **{
        f"macros by content type: {name}": ("a.docx", partial(files.docx_of_types, *how), "MACROS")
        for name, how in MACRO_TYPES.items()
    },
    "macros by relation": (
        "a.docx",
        lambda: files.related("xlMacrosheet", "sheets/a.xml", ""),
        "MACROS",
    ),
    "control": ("a.docx", lambda: files.related("control", "x/a.xml", ""), "MACROS"),
    "endless content types": (
        "a.docx",
        lambda: files.docx_of_types(f"<!--{noise(5_000_000)}-->"),
        "TOO_HEAVY",
    ),
    "broken content types": ("a.docx", lambda: files.docx_of_types("<"), "BROKEN"),
    "growing XML in UTF-16": (
        "a.docx",
        lambda: files.docx({"a.xml": '<!ENTITY a "b">'.encode("utf-16")}),
        "TOO_HEAVY",
    ),
    "document type in UTF-16": (
        "a.docx",
        lambda: files.docx({"a.xml": "<!DOCTYPE a><a/>".encode("utf-16")}),
        "TOO_HEAVY",
    ),
    "document type across blocks": (
        "a.docx",
        lambda: files.docx({"a.xml": b"-" * (256 * 1024 - 8) + b"<!DOCTYPE"}),
        "TOO_HEAVY",
    ),
    "growing drawing": (
        "a.docx",
        lambda: files.docx({"word/media/a.svg": b'<!DOCTYPE svg [<!ENTITY a "b">]>'}),
        "TOO_HEAVY",
    ),
    "growing OpenDocument": (
        "a.odt",
        lambda: files.odt(parts={"a.xml": '<!ENTITY a "b">'.encode("utf-16")}),
        "TOO_HEAVY",
    ),
    **{
        f"fetches: {kind} {target}": ("a.docx", partial(files.related, kind, target), "FETCHES")
        for kind, target in FETCHED
    },
    "fetches though it says it is inside": (
        "a.docx",
        lambda: files.related("image", "https://example.org/a.png", ""),
        "FETCHES",
    ),
    **{
        f"field: {name}": ("a.docx", partial(files.with_field, *runs), "FETCHES")
        for name, runs in DDE.items()
    },
    "field in UTF-16": (
        "a.docx",
        lambda: files.with_field("DDEAUTO c:\\a", encoding="utf-16"),
        "FETCHES",
    ),
    "short field": (
        "a.docx",
        lambda: files.docx({"word/a.xml": b'<w:fldSimple xmlns:w="w" w:instr=" dde x y"/>'}),
        "FETCHES",
    ),
    "link to a program in Excel": (
        "a.docx",
        lambda: files.docx({"xl/a.xml": b'<x:ddeLink ddeService="cmd"/>'}),
        "FETCHES",
    ),
    **{
        f"file within: {name}": ("a.docx", partial(files.embedding, name, content), verdict)
        for name, content, verdict in EMBEDDED
    },
    "OLE anywhere": ("a.docx", lambda: files.docx({"word/a.b": files.OLE}), "FILES_INSIDE"),
    "program anywhere": ("a.docx", lambda: files.docx({"word/media/a.png": b"MZ"}), "FILES_INSIDE"),
    "OLE in OpenDocument": ("a.odt", lambda: files.odt(parts={"a": files.OLE}), "FILES_INSIDE"),
    "page that Word puts in": (
        "a.docx",
        lambda: files.related("aFChunk", "a.html", ""),
        "FILES_INSIDE",
    ),
    "file within by relation": (
        "a.docx",
        lambda: files.related("package", "embeddings/../media/a.js", ""),
        "FILES_INSIDE",
    ),
    "one part twice": ("a.docx", lambda: files.docx({"[content_types].XML": b"<x/>"}), "BROKEN"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_office_file_is_refused_with_its_own_sentence(name):
    shown, make, verdict = HOSTILE[name]
    assert refusal(shown, make()) == SENTENCES[Verdict[verdict]]


@pytest.mark.parametrize(
    "content",
    [
        files.related("hyperlink", "https://example.org/"),
        files.related("hyperlink", "\\\\example.org\\rapport.docx"),
        files.related("attachedTemplate", "file:///C:\\Mallar\\Rapport.dotx"),
        files.related("attachedTemplate", "Rapport%20liten.dotx"),
        files.related("image", "C:/Temp/clip_image001.png"),
        files.related("externalLinkPath", "Siffror/2015.xlsx"),
        files.related("image", "media/image1.png", ""),
        files.related("package", "../embeddings/Microsoft_Excel_Sheet1.xlsx", ""),
        files.embedding("Microsoft_Excel_Sheet1.xlsx", files.xlsx()),
        files.embedding("image1.png", files.picture("PNG")),
        files.docx({"word/embeddings/": b""}),
        files.docx({"word/media/a.svg": b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"><svg/>'}),
        files.docx({"ppt/printerSettings/a.bin": b"<?xml version='1.0'?><!DOCTYPE plist><plist/>"}),
        files.docx({"word/media/a.bin": b"-" * (256 * 1024 - 8) + b"<!DOCTYP."}),
        files.with_field(" HYPERLINK ", "https://example.org/dde "),
        files.with_field("DDELIGHT x"),
    ],
)
def test_a_document_that_only_points_somewhere_or_carries_a_workbook_is_taken_in(content):
    assert refusal("rapport.docx", content) == ""
