"""What is taken in of what people send, and what each refusal says."""

import io
from functools import partial
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core import uploads
from core.forms import UploadField
from core.uploads import child
from core.uploads.checks import INSTEAD, SENTENCES, Verdict
from core.uploads.names import BadName, RandomName, clean_name
from tests import files
from tests.files import refusal

# --- What is taken in -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", files.GOOD)
def test_a_good_file_of_each_kind_is_taken_in_and_left_at_its_beginning(name):
    file = ContentFile(files.GOOD[name](), name)
    kind = uploads.examine(file)
    assert (Path(name).suffix in kind.extensions, file.tell()) == (True, 0)


def test_every_extension_has_a_good_file():
    tried = {Path(name).suffix for name in files.GOOD}
    told = {extension for kind in uploads.KINDS for extension in kind.extensions}
    assert told - tried == {".oga", ".opus"}  # as .ogg


def test_a_pdf_that_only_speaks_of_scripts_is_taken_in():
    told = b"<</Title(How /JS \\(and /EF\\) work)>>"
    stream = b"<</Length 12>>stream\n/JS /EF 1234\nendstream"
    assert refusal("rapport.pdf", files.pdf(catalog=b"/X 4 0 R", info=told, more=stream)) == ""


# --- Names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Rapport.pdf", "Rapport.pdf"),
        (" Årsrapport 2015 v1.2.PDF ", "Årsrapport 2015 v1.2.PDF"),
        ("A\u030astorp.pdf", "Åstorp.pdf"),  # as macOS writes it
        ('Vad "hände"?.pdf', "Vad _hände__.pdf"),
    ],
)
def test_a_name_is_kept_cleaned(name, kept):
    assert clean_name(name) == kept


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("../../etc/passwd.pdf", "Filnamnet innehåller en sökväg."),
        ("..\\..\\rapport.pdf", "Filnamnet innehåller en sökväg."),
        ("rapport\0.pdf", "Filnamnet innehåller osynliga tecken."),
        ("rapport\r\nSet-Cookie: a=b.pdf", "Filnamnet innehåller osynliga tecken."),
        ("rapport\u202efdp.pdf", "Filnamnet innehåller osynliga tecken."),
        ("x" * 150 + ".pdf", "Filnamnet är för långt."),
        ("rapport", "Filnamnet saknar ändelse."),
        ("..", "Filnamnet innehåller en sökväg."),
        ("faktura.exe.pdf", "Filnamnet har två ändelser, .exe och .pdf."),
        ("bild.SVG.png", "Filnamnet har två ändelser, .svg och .png."),
    ],
)
def test_a_name_that_hides_something_is_refused(name, sentence):
    with pytest.raises(BadName) as problem:
        clean_name(name)
    assert str(problem.value).startswith(sentence)
    assert str(problem.value).endswith("försök igen.")


def test_a_stored_name_tells_nothing_and_is_never_the_same():
    upload_to = RandomName("projekt")
    first, second = (upload_to(None, "Anna på Åsö.pdf") for _ in range(2))
    folder, year, name = first.split("/")
    assert (folder, year.isdecimal(), len(name), name[-4:]) == ("projekt", True, 36, ".pdf")
    assert first != second
    assert upload_to(None, "sida.html")[-4:] == ".bin"


# --- What is refused before it is opened ----------------------------------------------------------


@pytest.fixture
def unopened(monkeypatch):
    """Nothing gets as far as being opened."""
    monkeypatch.setattr(child, "open_file", lambda file, key: pytest.fail("opened"))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("bild.svg", b"<svg onload='alert(1)'/>", INSTEAD[".svg"]),
        ("rapport.docm", b"PK\3\4", INSTEAD[".docm"]),
        ("rapport.doc", files.OLE, INSTEAD[".doc"]),
        ("allt.zip", b"PK\3\4", INSTEAD[".zip"]),
        (
            "program.exe",
            b"MZ",
            "Filer som slutar på .exe tas inte emot här. Spara om filen som någon av de här och"
            " försök igen: .pdf, .docx, .pptx, .xlsx, .odt, .csv, .txt, .png, .jpg, .jpeg, .webp,"
            " .mp3, .m4a, .ogg, .oga, .opus.",
        ),
        (
            "rapport.pdf",
            b"",
            "Filen är tom. Kontrollera att du valde rätt fil och försök igen.",
        ),
        (
            "rapport.pdf",
            b"MZ\x90\0" * 50,
            "Filen heter .pdf men innehåller något annat. Öppna den i sitt program, spara den som"
            " PDF och försök igen.",
        ),
        (
            "bild.png",
            files.picture("JPEG"),
            "Filen heter .png men innehåller något annat. Öppna den i sitt program, spara den som"
            " PNG-bild och försök igen.",
        ),
        (
            "ljud.mp3",
            b"\xff",
            "Filen heter .mp3 men innehåller något annat. Öppna den i sitt program, spara den som"
            " MP3-fil och försök igen.",
        ),
    ],
)
def test_a_file_of_another_kind_is_refused_without_being_opened(unopened, name, content, sentence):
    assert refusal(name, content) == sentence


def test_a_file_that_is_too_large_is_told_how_large(unopened, settings):
    settings.UPLOAD_MAX_BYTES = {**settings.UPLOAD_MAX_BYTES, "document": 1024**2}
    assert refusal("rapport.pdf", b"%PDF-" + bytes(1536 * 1024)) == (
        "Filen är 1,5 MB. En PDF får vara högst 1 MB. Dela upp den eller spara den mindre."
    )


def test_200_megabytes_are_a_recording_but_no_document():
    assert {kind.label: kind.max_bytes // 1024**2 for kind in uploads.KINDS} == {
        **dict.fromkeys(("PDF", "Word-fil", "PowerPoint-fil", "Excel-fil"), 50),
        **dict.fromkeys(("OpenDocument-fil", "CSV-fil", "textfil"), 50),
        **dict.fromkeys(("PNG-bild", "JPEG-bild", "WEBP-bild"), 20),
        **dict.fromkeys(("MP3-fil", "M4A-fil", "OGG-fil"), 200),
    }


# --- What is refused when it is opened ------------------------------------------------------------

SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
OTHER_DOCX = (
    "Filen heter .docx men innehåller något annat. Öppna den i sitt program, spara den som"
    " Word-fil och försök igen."
)
HOSTILE = {
    "script": ("a.pdf", lambda: files.pdf(catalog=b"/OpenAction 4 0 R", more=SCRIPT), "SCRIPT"),
    "script packed away": ("a.pdf", files.pdf_with_packed_script, "SCRIPT"),
    "script by another spelling": (
        "a.pdf",
        lambda: files.pdf(catalog=b"/AA<</WC 4 0 R>>", more=b"<</S/J#61vaScript/J#53(x)>>"),
        "SCRIPT",
    ),
    "script after a text that pretends to be a stream": (
        "a.pdf",
        lambda: files.pdf(catalog=b"/X(>>stream\n)/OpenAction<</JS(x)>>"),
        "SCRIPT",
    ),
    "script after a stream that pretends to end": (
        "a.pdf",
        lambda: files.pdf(
            catalog=b"/X 4 0 R",
            more=b"<</Length 22>>stream\nendstream endobj (    \nendstream",
            info=b"<</JS(x)>>",
        ),
        "SCRIPT",
    ),
    "starts a program": (
        "a.pdf",
        lambda: files.pdf(catalog=b"/OpenAction<</S/Launch/F(cmd.exe)>>"),
        "SCRIPT",
    ),
    **{
        f"{action.decode()} by {trigger[:3].decode()}": (
            "a.pdf",
            partial(files.pdf, catalog=trigger % b"4 0 R", more=b"<</S/%s/F(x)>>" % action),
            verdict,
        )
        for trigger in (b"/OpenAction %s", b"/AA<</WC %s>>")
        for action, verdict in (
            *((b"SubmitForm", "SCRIPT"), (b"ImportData", "SCRIPT"), (b"GoToE", "FILES_INSIDE")),
            *((b"Submit#46orm", "SCRIPT"), (b"#47oToE", "FILES_INSIDE")),
        )
    },
    "scripted form": ("a.pdf", lambda: files.pdf(catalog=b"/AcroForm<</XFA[]>>"), "SCRIPT"),
    "file within": (
        "a.pdf",
        lambda: files.pdf(catalog=b"/X 4 0 R", more=b"<</EF<<>>>>"),
        "FILES_INSIDE",
    ),
    "locked PDF": ("a.pdf", lambda: files.locked_pdf(b"hemlig"), "LOCKED"),
    "PDF that is locked for changes": ("a.pdf", lambda: files.locked_pdf(b""), "LOCKED"),
    "broken PDF": ("a.pdf", lambda: b"%PDF-1.7\nand no more", "BROKEN"),
    "PDF without pages": (
        "a.pdf",
        lambda: files.pdf().replace(b"/Kids[3 0 R]/Count 1", b"/Kids[     ]/Count 0"),
        "BROKEN",
    ),
    "zip bomb": ("a.docx", files.zip_bomb, "TOO_HEAVY"),
    "growing XML": ("a.docx", lambda: files.docx({"a.xml": b'<!ENTITY a "b">'}), "TOO_HEAVY"),
    "many parts": (
        "a.docx",
        lambda: files.docx({str(number): b"" for number in range(10_001)}),
        "TOO_HEAVY",
    ),
    "macros": ("a.docx", lambda: files.docx({"word/vbaProject.bin": b"x"}), "MACROS"),
    "macros in OpenDocument": ("a.odt", lambda: files.odt(parts={"Basic/a": b""}), "MACROS"),
    "locked Word": ("a.docx", lambda: files.OLE + "EncryptedPackage".encode("utf-16-le"), "LOCKED"),
    "locked zip": ("a.docx", files.locked_zip, "LOCKED"),
    "locked OpenDocument": ("a.odt", lambda: files.odt(b"<encryption-data/>"), "LOCKED"),
    "old Word": ("a.docx", lambda: files.OLE + bytes(100), "OLD_FORMAT"),
    "path in the zip": ("a.docx", lambda: files.docx({"../../etc/passwd": b"x"}), "BROKEN"),
    "cut zip": ("a.docx", lambda: files.docx()[:-30], "BROKEN"),
    "damaged zip": (
        "a.docx",
        lambda: files.docx().replace(b"word/document.xml", b"word/document.xmk", 1),
        "BROKEN",
    ),
    "cut picture": ("a.png", lambda: files.picture("PNG", (90, 90))[:-40], "BROKEN"),
    "cut photo": ("a.jpg", lambda: files.picture("JPEG", (90, 90))[:-200], "BROKEN"),
    "picture that fills memory": ("a.png", files.large_picture, "TOO_HEAVY"),
    "program as text": ("a.txt", lambda: b"\x7fELF\x02\x01", "NOT_TEXT"),
    "text in UTF-16": ("a.csv", lambda: "a;b".encode("utf-16"), "NOT_UTF8"),
    "cut MP3": ("a.mp3", lambda: files.mp3()[:300], "BROKEN"),
    "cut M4A": ("a.m4a", lambda: files.m4a()[:-1], "BROKEN"),
    "cut OGG": ("a.ogg", lambda: files.ogg()[:-1], "BROKEN"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_its_own_sentence(name):
    shown, make, verdict = HOSTILE[name]
    assert refusal(shown, make()) == SENTENCES[Verdict[verdict]]


@pytest.mark.parametrize(
    "content",
    [
        files.packed({"bild.png": b"x"}),  # some other zip
        files.office("spreadsheetml.sheet", "xl/workbook.xml"),
        files.odt(),
    ],
)
def test_a_zip_that_is_no_document_is_refused(content):
    assert refusal("rapport.docx", content) == OTHER_DOCX


def test_a_page_that_calls_itself_text_is_refused():
    for content in (b"<!DOCTYPE html><p>", b"\n <svg onload='a()'/>", b"<?xml version='1.0'?>"):
        assert refusal("text.txt", content).startswith("Filen heter .txt men innehåller")
    assert refusal("film.ogg", files.ogg(b"\x80theora")).startswith("Filen heter .ogg men")


def test_every_verdict_has_a_sentence_that_says_what_to_do():
    told = set(Verdict) - {Verdict.FINE, Verdict.OTHER_KIND}
    assert set(SENTENCES) == told
    silent = [
        verdict.name
        for verdict, sentence in SENTENCES.items()
        if not sentence.endswith(("försök igen.", "ladda upp den i stället.", "filerna för sig."))
    ]
    assert silent == []


# --- In a form ----------------------------------------------------------------------------------


def test_a_field_takes_the_kinds_that_it_is_made_for():
    field = UploadField(kinds=uploads.IMAGES)
    assert field.help_text == "Filer av de här slagen: png, jpg, jpeg, webp (högst 20 MB)."
    assert field.widget_attrs(field.widget)["accept"] == ".png,.jpg,.jpeg,.webp"
    picture = ContentFile(files.picture("PNG"), " Bild?.png ")
    picture.size = len(files.picture("PNG"))
    assert field.clean(picture).name == "Bild_.png"
    with pytest.raises(uploads.Refused) as refused:
        uploads.examine(ContentFile(files.pdf(), "rapport.pdf"), uploads.IMAGES)
    assert refused.value.sentence == (
        "Filer som slutar på .pdf tas inte emot här. Spara om filen som någon av de här och försök"
        " igen: .png, .jpg, .jpeg, .webp."
    )


# --- Photographs ----------------------------------------------------------------------------------


def photograph(kind: str = "JPEG", **beside: object) -> bytes:
    """A picture, wider than high, with the place where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter
    exif[0x010F] = "Kameran"
    exif.get_ifd(0x8825)[2] = (59.0, 19.0, 0.0)
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(out, kind, **{"exif": exif} | beside)
    return out.getvalue()


def as_kept(name: str, content: bytes) -> bytes:
    """What a form's field hands on of the file."""
    return UploadField().clean(SimpleUploadedFile(name, content)).read()


@pytest.mark.parametrize(
    ("name", "kind"), [("b.jpg", "JPEG"), ("b.png", "PNG"), ("b.webp", "WEBP")]
)
def test_a_photograph_is_kept_without_its_place_and_stands_upright(name, kind):
    sent = photograph(kind)
    assert b"Kameran" in sent
    kept = as_kept(name, sent)
    with Image.open(io.BytesIO(kept)) as picture:
        assert (picture.format, picture.size, dict(picture.getexif())) == (kind, (20, 40), {})
    assert b"Kameran" not in kept


def test_a_picture_with_nothing_beside_it_is_kept_byte_for_byte():
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(out, "PNG")
    assert as_kept("b.png", out.getvalue()) == out.getvalue()
