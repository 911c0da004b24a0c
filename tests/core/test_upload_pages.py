"""The pages of stored PDF files: what is read, where it ends, and what gives nothing."""

import io
import logging
from types import SimpleNamespace
from typing import Any

import pytest
import weasyprint
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from django.db.models.fields.files import FieldFile
from PIL import Image

from core import uploads
from core.opening import MOST_LETTERS, MOST_PAGES, Unfit, Verdict, pages
from core.uploads import child
from search.passages import rejoined
from tests import files


def read(content: bytes) -> list[str]:
    return child.read_pages(ContentFile(content))


def stored(name: str, content: bytes | None) -> FieldFile:
    """A file as a model has it; None for one that the storage has lost."""
    storage = InMemoryStorage()
    if content is not None:
        storage.save(name, ContentFile(content))
    return FieldFile(SimpleNamespace(), SimpleNamespace(name="file", storage=storage), name)


# --- What is read ---------------------------------------------------------------------------------


def test_each_page_gives_its_text_also_one_without_any():
    content = files.pdf_of("Åtta öar (och fler)", "", "Sista\nsidan")
    assert read(content) == ["Åtta öar (och fler)", "", "Sista\r\nsidan"]


def test_words_that_are_parted_at_the_ends_of_lines_can_be_put_together():
    (page,) = read(files.pdf_of("Vi prövade sam-\nordning på två en-\nheter."))
    assert rejoined(page) == "Vi prövade samordning på två enheter."


def test_so_can_those_that_a_typesetter_has_parted():
    words = "Samordningsansvaret behöver förtydligas i överenskommelserna. " * 9
    style = "<style>p{width:4cm;hyphens:auto}</style>"
    html = f"<html lang=sv>{style}<p>{words}</p>"
    (page,) = read(weasyprint.HTML(string=html).write_pdf())
    assert "-\n" in page.replace("\r", "")
    assert rejoined(page) == words.strip()


def test_pages_and_letters_beyond_the_bounds_are_not_read():
    found = read(files.pdf_of("x" * (MOST_LETTERS + 9), *["ord"] * MOST_PAGES))
    assert (len(found), found[0], found[-1]) == (MOST_PAGES, "x" * MOST_LETTERS, "ord")


def test_nor_is_what_is_beyond_the_bound_of_a_whole_file(monkeypatch, capsysbinary):
    monkeypatch.setattr(pages, "MOST_LETTERS_IN_ALL", 9)
    pages.print_pages(io.BytesIO(files.pdf_of("sextal", "sextal", "sextal")))
    assert capsysbinary.readouterr().out == b"sextal\fsex\f"


def test_more_text_than_a_pipe_holds_is_read():
    dense = "\n".join("Samverkan kring boende och arbete " * 3 for _ in range(30))
    assert [page.count("boende") for page in read(files.pdf_of(*[dense] * 100))] == [90] * 100


def test_a_page_that_is_broken_leaves_the_others():
    content = files.pdf_of("Första", "Andra", "Tredje").replace(
        b"4 0 obj\n<</Type/Page/", b"4 0 obj\n<</Type/Pag_/"
    )
    assert read(content)[1:] == ["Andra", "Tredje"]


@pytest.mark.parametrize("content", [files.pdf(), files.pdf_drawn(files.PICTURE_ALONE)])
def test_pages_without_text_are_empty(content):
    assert read(content) == [""]


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (b"%PDF-1.7 and no more", Verdict.BROKEN),
        (files.pdf_of("Ett")[:300], Verdict.BROKEN),
        (files.pdf_of(), Verdict.BROKEN),  # without a page
        (files.locked_pdf(b"hemlig"), Verdict.LOCKED),
        (files.locked_pdf(b""), Verdict.LOCKED),
    ],
)
def test_a_broken_or_locked_file_is_not_read(content, verdict):
    with pytest.raises(Unfit) as told:
        read(content)
    assert told.value.verdict == verdict


# --- The child is not believed --------------------------------------------------------------------


def test_what_no_database_or_page_takes_is_left_out(run_instead):
    run_instead(r"printf 'a\000b\001\033\302\205\357\277\276\377c\n\014d\ndrafts'")
    assert read(files.pdf()) == ["abc\n"]


def test_a_child_that_says_more_than_it_should_is_stopped(run_instead, monkeypatch):
    folder = run_instead("echo x >> {folder}/tried; exec yes")
    monkeypatch.setattr(child, "MOST_BYTES", 200_000)
    with pytest.raises(child.Crashed):
        read(files.pdf())
    assert (folder / "tried").read_text() == "x\n"


def test_its_pages_and_letters_are_counted_once_more(run_instead, monkeypatch):
    monkeypatch.setattr(child, "MOST_PAGES", 2)
    monkeypatch.setattr(child, "MOST_LETTERS", 3)
    run_instead(r"printf 'abcd\014åäöa\014c\014'")
    assert read(files.pdf()) == ["abc", "åäö"]


def test_what_was_said_before_a_crash_is_forgotten(run_instead):
    run_instead(
        r"test -e {folder}/tried && exec printf 'ny\014';"
        r" touch {folder}/tried; printf 'gammal\014'; kill -9 $$"
    )
    assert read(files.pdf()) == ["ny"]


@pytest.mark.parametrize("script", ["sleep 600", "exec 1>&-; sleep 600", "sleep 600 & exit 0"])
def test_a_child_that_never_ends_is_ended(run_instead, monkeypatch, script):
    run_instead(script)
    monkeypatch.setattr(child, "SECONDS_TO_READ", 0.5)
    with pytest.raises(child.TookTooLong):
        read(files.pdf())


# --- Stored files ---------------------------------------------------------------------------------


def test_a_stored_pdf_gives_its_pages():
    assert uploads.pages_of(stored("projekt/2026/ab.pdf", files.pdf_of("Ett", "Två"))) == [
        *("Ett", "Två"),
    ]


@pytest.mark.parametrize("name", ["a.docx", "a.txt", "a.png", "a", ""])
def test_other_kinds_have_no_pages(name):
    assert not uploads.has_pages(name)
    assert uploads.pages_of(stored(name, None)) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "FileNotFoundError"),
        (b"%PDF-1.7", "BROKEN"),
        (files.locked_pdf(b"hemlig"), "LOCKED"),
    ],
)
def test_a_file_that_cannot_be_read_gives_none_and_one_line_in_the_log(caplog, content, told):
    with caplog.at_level(logging.WARNING):
        assert uploads.pages_of(stored("projekt/2026/ab.pdf", content)) == []
    (line,) = caplog.messages
    assert "projekt/2026/ab.pdf" in line
    assert told in line


@pytest.mark.parametrize("script", ["kill -9 $$", "kill -XCPU $$"])
def test_so_does_one_that_ends_who_reads_it(run_instead, caplog, script):
    run_instead(script)
    assert uploads.pages_of(stored("a.pdf", files.pdf())) == []
    assert "No pages of a.pdf can be read" in caplog.messages[-1]


def test_a_storage_that_does_not_answer_is_asked_again_later(monkeypatch):
    def refuse(*arguments: Any) -> None:
        raise ConnectionError

    file = stored("a.pdf", files.pdf())
    monkeypatch.setattr(file.storage, "open", refuse)
    with pytest.raises(ConnectionError):
        uploads.pages_of(file)


# --- The first page, drawn ------------------------------------------------------------------------


def sized(width: int, height: int) -> bytes:
    """A page of that size."""
    return files.pdf().replace(b"[0 0 100 100]", b"[0 0 %d %d]" % (width, height))


@pytest.mark.parametrize(
    ("width", "height", "drawn"),
    [(595, 842, (636, 900)), (842, 595, (640, 453)), (10, 10, (640, 640)), (9000, 90, (640, 7))],
)
def test_the_first_page_is_drawn_small_however_large_it_is(width, height, drawn):
    count, picture = child.draw_front(ContentFile(sized(width, height)))
    with Image.open(io.BytesIO(picture)) as found:
        assert (count, found.format, found.size) == (1, "JPEG", drawn)


def test_pages_are_counted_beyond_those_whose_text_is_read():
    content = files.pdf_of(*[""] * (MOST_PAGES + 1))
    read_whole = uploads.read(stored("a.pdf", content))
    assert (read_whole.count, len(read_whole.pages)) == (MOST_PAGES + 1, MOST_PAGES)


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (b"%PDF-1.7 trasig", uploads.Trouble.BROKEN),
        (files.locked_pdf(b"hemligt"), uploads.Trouble.LOCKED),
        (None, uploads.Trouble.LOST),
    ],
)
def test_why_a_stored_file_cannot_be_read(content, trouble):
    assert uploads.read(stored("a.pdf", content)) == uploads.Read([], trouble=trouble)


@pytest.mark.parametrize(
    "said", [b"", b"x", b"1\nGIF89a", b"-1\n\xff\xd8\xff", b"99999999\n\xff\xd8\xff"]
)
def test_a_child_that_says_something_else_is_not_believed(monkeypatch, said):
    monkeypatch.setattr(child, "_opened", lambda *args, **kwargs: (Verdict.FINE, said))
    with pytest.raises(child.Crashed):
        child.draw_front(ContentFile(b""))
