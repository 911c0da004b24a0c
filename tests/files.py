"""Files as people send them, made by hand: good ones of every kind, and hostile ones."""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping

from django.core.files.base import ContentFile
from openpyxl import Workbook
from PIL import Image

from core import uploads

OOXML = "application/vnd.openxmlformats-officedocument"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PAGE = {
    1: b"<</Type/Catalog/Pages 2 0 R>>",
    2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>",
}


def refusal(name: str, content: bytes) -> str:
    """The sentence that the file is refused with; "" when it is taken in."""
    try:
        uploads.examine(ContentFile(content, name))
    except uploads.Refused as problem:
        return problem.sentence
    return ""


# --- PDF ------------------------------------------------------------------------------------------


def pdf(trailer: bytes = b"", **objects: bytes) -> bytes:
    """A PDF of one page; `catalog` adds to object 1, `more` is object 4, `info` object 5."""
    bodies = dict(PAGE)
    bodies[1] = b"<</Type/Catalog/Pages 2 0 R %s>>" % objects.get("catalog", b"")
    bodies[4] = objects.get("more", b"null")
    bodies[5] = objects.get("info", b"<<>>")
    return _with_table(bodies, b"/Info 5 0 R" + trailer)


def _with_table(bodies: Mapping[int, bytes], trailer: bytes = b"") -> bytes:
    """The objects, numbered from 1 without a gap, with the table that tells where they are."""
    written, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, content in sorted(bodies.items()):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(bodies) + 1
    end = b"trailer\n<</Size %d/Root 1 0 R%s>>\n" % (size, trailer)
    start = b"startxref\n%d\n%%%%EOF\n" % len(written)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % size
    return bytes(written) + head + table + end + start


def pdf_of(*pages: str) -> bytes:
    """A PDF whose pages say this, line for line."""
    return pdf_drawn(*map(_drawn, pages))


def _drawn(text: str) -> bytes:
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    lines = (b"(%s)Tj T*" % line.encode("cp1252") for line in escaped.splitlines())
    return b"BT /F 10 Tf 12 TL 50 800 Td %s ET" % b" ".join(lines)


def pdf_drawn(*drawings: bytes) -> bytes:
    """A PDF with a page for each of these instructions."""
    pages = {5 + 2 * place: drawing for place, drawing in enumerate(drawings)}
    kids = b" ".join(b"%d 0 R" % (number - 1) for number in pages)
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    bodies = {
        1: PAGE[1],
        2: b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, len(drawings)),
        3: b"<</Font<</F %s>>>>" % font,
    }
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources 3 0 R/Contents %d 0 R>>"
    for number, drawing in pages.items():
        bodies[number - 1] = page % number
        bodies[number] = b"<</Length %d>>stream\n%s\nendstream" % (len(drawing), drawing)
    return _with_table(bodies)


PICTURE_ALONE = b"q 500 0 0 500 50 50 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x80 EI Q"


def pdf_with_packed_script() -> bytes:
    """The catalogue and its script lie in a compressed object stream."""
    catalog = b"<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>> "
    packed_objects = catalog + b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
    head = b"1 0 4 %d " % len(catalog)
    packed = zlib.compress(head + packed_objects)
    stream = b"<</Type/ObjStm/N 2/First %d/Length %d/Filter/FlateDecode>>stream\n%s\nendstream"
    bodies = {2: PAGE[2], 3: PAGE[3], 5: stream % (len(head), len(packed), packed)}
    written, places = b"%PDF-1.7\n", {}
    for number, content in bodies.items():
        places[number] = len(written)
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(written)
    rows = [(0, 0, 65535), (2, 5, 0), (1, places[2], 0), (1, places[3], 0), (2, 5, 1)]
    rows += [(1, places[5], 0), (1, start, 0)]
    table = zlib.compress(
        b"".join(bytes([a]) + b.to_bytes(4, "big") + c.to_bytes(2, "big") for a, b, c in rows)
    )
    head = (
        b"6 0 obj\n<</Type/XRef/Size 7/W[1 4 2]/Root 1 0 R/Length %d/Filter/FlateDecode>>stream\n"
    )
    end = b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start
    return written + head % len(table) + table + end


_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def _rc4(key: bytes, content: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in content:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def locked_pdf(password: bytes) -> bytes:
    """Locked with RC4 of 40 bits (PDF 1.7, 7.6.3); without a password anybody can open it."""
    owner, number = bytes(range(32)), b"0123456789abcdef"
    padded = (password + _PADDING)[:32]
    key = hashlib.md5(padded + owner + (-4).to_bytes(4, "little", signed=True) + number).digest()
    user = _rc4(key[:5], _PADDING)
    names = (owner.hex().encode(), user.hex().encode(), number.hex().encode())
    lock = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>" % names[:2]
    return pdf(lock + b"/ID[<%s><%s>]" % (names[2], names[2]))


# --- Zip files ------------------------------------------------------------------------------------


def packed(parts: Mapping[str, bytes]) -> bytes:
    """A zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def content_types(main: str, part: str, more: str = "") -> bytes:
    """The list of what the parts of an office file are; `more` is further XML."""
    content_type = f"{OOXML}.{main}.main+xml"
    return (
        f'<Types><Override PartName="/{part}" ContentType="{content_type}"/>{more}</Types>'.encode()
    )


def office(main: str, part: str, **more: bytes) -> bytes:
    """An office file with those parts; `more` are further ones."""
    return packed({"[Content_Types].xml": content_types(main, part), part: b"<x/>", **more})


def docx(parts: Mapping[str, bytes] | None = None) -> bytes:
    """A Word document with further parts."""
    return office("wordprocessingml.document", "word/document.xml", **(parts or {}))


def docx_of_types(more: str, encoding: str = "utf-8") -> bytes:
    """A Word document with more in its list of content types."""
    types = content_types("wordprocessingml.document", "word/document.xml", more)
    return docx({"[Content_Types].xml": types.decode().encode(encoding)})


def related(kind: str, target: str, mode: str = ' TargetMode="External"') -> bytes:
    """A Word document with a relation of that kind."""
    kind = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"
    relation = f'<r:Relationship Id="r1" Type="{kind}" Target="{target}"{mode}/>'
    namespace = "http://schemas.openxmlformats.org/package/2006/relationships"
    relations = f'<r:Relationships xmlns:r="{namespace}">{relation}</r:Relationships>'
    return docx({"word/_rels/settings.xml.rels": relations.encode()})


def with_field(*runs: str, encoding: str = "utf-8") -> bytes:
    """A Word document with a field whose words are split over those runs."""
    words = "".join(f"<w:r><w:instrText>{run}</w:instrText></w:r>" for run in runs)
    begin, end = (f'<w:fldChar w:fldCharType="{kind}"/>' for kind in ("begin", "end"))
    text = f'<w:document xmlns:w="w"><w:t>DDE</w:t>{begin}{words}{end}</w:document>'
    return docx({"word/document.xml": text.encode(encoding)})


def embedding(name: str, content: bytes) -> bytes:
    """A Word document with that file inside."""
    return docx({f"word/embeddings/{name}": content})


def xlsx() -> bytes:
    """A workbook as openpyxl writes it."""
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


def odt(manifest: bytes = b"<manifest/>", parts: Mapping[str, bytes] | None = None) -> bytes:
    """An OpenDocument text."""
    mimetype = {"mimetype": b"application/vnd.oasis.opendocument.text"}
    rest = {"content.xml": b"<x/>", "META-INF/manifest.xml": manifest}
    return packed(mimetype | rest | dict(parts or {}))


def locked_zip() -> bytes:
    """A Word document whose parts are marked as encrypted."""
    content = bytearray(docx())
    content[6] |= 1
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


def zip_bomb() -> bytes:
    """200 MB of nought in 200 kB."""
    return docx({"word/media/bomb": bytes(200 * 1024**2)})


# --- Pictures and sound ---------------------------------------------------------------------------


def picture(kind: str, size: tuple[int, int] = (8, 8)) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


def large_picture() -> bytes:
    """A PNG that says it is a hundred thousand points wide and high."""
    content = bytearray(picture("PNG"))
    content[16:24] = (100_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


def mp3() -> bytes:
    """A tag and three silent frames of 128 kbit/s at 44.1 kHz, 417 bytes each."""
    return b"ID3\x03\0\0\0\0\0\x0a" + bytes(10) + (b"\xff\xfb\x90\0" + bytes(413)) * 3


def m4a() -> bytes:
    """The boxes that a sound file has."""
    boxes = ((b"ftyp", b"M4A \0\0\0\0"), (b"moov", bytes(8)), (b"mdat", bytes(32)))
    return b"".join((len(body) + 8).to_bytes(4, "big") + name + body for name, body in boxes)


def ogg(codec: bytes = b"OpusHead") -> bytes:
    """Two pages."""
    first = b"OggS\0\x02" + bytes(20) + b"\x01" + bytes([19]) + codec + bytes(19 - len(codec))
    return first + b"OggS\0\x04" + bytes(20) + b"\x01\x05" + bytes(5)


GOOD = {
    "rapport.pdf": pdf,
    "rapport.docx": docx,
    "bilder.pptx": lambda: office("presentationml.presentation", "ppt/presentation.xml"),
    "siffror.xlsx": xlsx,
    "text.odt": odt,
    "siffror.csv": lambda: "namn;antal\nÅsö;3\n".encode("cp1252"),
    "text.txt": lambda: "Åsö\r\n\tmed indrag\n".encode(),
    "bild.png": lambda: picture("PNG"),
    "bild.jpg": lambda: picture("JPEG"),
    "bild.jpeg": lambda: picture("JPEG"),
    "bild.webp": lambda: picture("WEBP"),
    "ljud.mp3": mp3,
    "ljud.m4a": m4a,
    "ljud.ogg": ogg,
}
