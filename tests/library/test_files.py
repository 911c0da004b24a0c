"""Files of drafts and items: uploaded, read by a worker, shown as a picture, found, told of."""

import io
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from core import uploads
from core.drafting import NotAllowedMove, OldVersion
from core.models import Edition
from core.uploads import child
from library import actions
from library.draft_answers import Answers
from library.models import Draft, ItemFile
from people.models import User
from search import indexing
from search.finding import Search
from search.models import Entry, Passage
from tests import files
from tests.core.test_tasks import work_off
from tests.factories import make_curator, make_user
from tests.library_factories import make_item, make_library_draft, make_revision
from tests.reading import body, page, text_of

pytestmark = pytest.mark.django_db

REPORT = files.pdf_of("Slutrapport", "Deltagarna kokade tranbärssylt.", "Tack")
FACTS = {"title": "Rapporten", "visibility": "alla", "accessible": "okand", "transcript": ""}


@pytest.fixture
def curator(client: Client) -> User:
    user = make_curator()
    client.force_login(user)
    return user


def way(draft: Draft, rest: str = "") -> str:
    return f"/redaktion/bibliotek/{draft.pk}/filer/{rest}"


def upload(client: Client, draft: Draft, content: bytes = REPORT, **more: Any) -> Any:
    name = more.pop("name", "rapport.pdf")
    return client.post(way(draft), FACTS | {"file": SimpleUploadedFile(name, content)} | more)


def publish(draft: Draft, by: User) -> Any:
    draft.refresh_from_db()  # its files raise its version
    clean = Answers.of(draft).clean()
    return actions.publish_draft(draft=draft, clean=clean, names=[], changes={}, by=by)


def found(word: str = "tranbärssylt") -> list[tuple[int, int]]:
    """The item and the page of each hit."""
    indexing.index()
    search = Search(word, frozenset({"alla"}), Edition.current(), literally=True)
    entries = Entry.objects.in_bulk([hit.entry for hit in search.find().hits])
    return [(entries[hit.entry].object_id, hit.page) for hit in search.find().hits]


def test_a_file_of_a_draft_is_read_and_drawn_and_nobody_else_sees_it(client, curator):
    draft = make_library_draft(url=[])
    assert upload(client, draft).status_code == 302
    work_off()
    file = ItemFile.objects.get()
    assert (file.draft, file.item, file.size, file.pages, file.reading) == (
        *(draft, None, len(REPORT), 3, "last"),
    )
    picture = client.get(file.picture_address)
    assert picture["Content-Type"] == "image/jpeg"
    with Image.open(io.BytesIO(body(picture))) as drawn:
        assert (drawn.format, drawn.size) == ("JPEG", (636, 900))
    assert body(client.get(file.get_absolute_url())) == REPORT
    assert f'src="{file.picture_address}"' in page(client, way(draft))
    assert not Passage.objects.exclude(file="").exists()
    other = Client()
    other.force_login(make_user())
    for address in (file.get_absolute_url(), file.picture_address, way(draft, f"{file.pk}/andra/")):
        assert (Client().get(address).status_code, other.get(address).status_code) == (302, 404)
        assert client.get(f"/bibliotek/{draft.pk}/filer/{file.pk}/").status_code == 404


def test_a_file_that_is_sent_twice_is_kept_once(client, curator):
    draft = make_library_draft()
    for title in ("Rapporten", "Rapporten", "Bilagan"):
        assert upload(client, draft, title=title).status_code == 302
    assert [file.title for file in draft.files.all()] == ["Rapporten", "Bilagan"]


def test_published_it_is_the_items_and_its_pages_are_found(client, curator):
    draft = make_library_draft(url=[])
    upload(client, draft)
    item = publish(draft, curator)
    work_off()
    file = ItemFile.objects.get()
    assert (file.item, file.draft) == (item, None)
    assert file.get_absolute_url() == f"/bibliotek/{item.pk}/filer/{file.pk}/"
    assert body(Client().get(file.get_absolute_url())) == REPORT
    assert Client().get(file.picture_address)["Content-Type"] == "image/jpeg"
    assert found() == [(item.pk, 2)]
    assert client.get(way(draft)).status_code == 404


def test_a_file_for_staff_is_no_visitors_and_its_pages_are_not_found(client, curator):
    draft = make_library_draft()
    upload(client, draft, visibility="personal")
    publish(draft, curator)
    work_off()
    file = ItemFile.objects.get()
    assert (file.reading, file.picture != "") == ("last", True)
    staff = Client()
    staff.force_login(make_user())
    for address in (file.get_absolute_url(), file.picture_address):
        assert Client().get(address).status_code == 404
        assert staff.get(address).status_code == 200
    assert found() == []


def test_a_revision_adds_a_file_to_what_is_published(client, curator):
    item = make_item(themes=["Boende"])
    draft = make_revision(item)
    upload(client, draft)
    assert item.files.count() == 0
    draft.refresh_from_db()
    actions.publish_draft(
        draft=draft, clean=actions.Clean({}, {}), names=[], changes={}, by=curator
    )
    work_off()
    assert [file.title for file in item.files.all()] == ["Rapporten"]
    assert found() == [(item.pk, 2)]


def test_nobody_publishes_files_that_she_has_not_seen(client, curator):
    draft = make_library_draft()
    read = Draft.objects.get()
    upload(client, draft)
    with pytest.raises(OldVersion):
        actions.publish_draft(
            draft=read, clean=Answers.of(read).clean(), names=[], changes={}, by=curator
        )
    file = ItemFile.objects.get()
    client.post(way(draft, f"{file.pk}/andra/"), FACTS | {"title": "Bilagan"})
    client.post(way(draft, f"{file.pk}/andra/"), {"ta-bort": "1"})
    assert Draft.objects.get().version == read.version + 3


def test_files_of_a_draft_that_was_published_meanwhile_stay_as_they_are(client, curator):
    draft = make_library_draft()
    upload(client, draft)
    stale = ItemFile.objects.select_related("draft").get()
    item = publish(draft, curator)
    for act in (actions.change_draft_file, actions.delete_draft_file):
        with pytest.raises(NotAllowedMove):
            act(file=stale, by=curator)
    late = ItemFile(title="För sent", name="a.txt")
    late.file.save("a.txt", ContentFile(b"Text"), save=False)
    with pytest.raises(NotAllowedMove):
        actions.add_draft_file(draft=draft, file=late, by=curator)
    assert [(file.title, file.draft) for file in item.files.all()] == [("Rapporten", None)]
    assert ItemFile.objects.count() == 1


def test_who_uploads_to_a_draft_that_closes_meanwhile_is_told(client, curator, monkeypatch):
    draft = make_library_draft()

    def closes(_: object) -> None:
        actions.discard_draft(draft=draft, by=curator)

    monkeypatch.setattr("library.draft_file_views.uploads.examine_all", closes)
    response = client.post(
        way(draft), FACTS | {"file": SimpleUploadedFile("a.pdf", REPORT)}, follow=True
    )
    assert "Utkastet har publicerats eller kastats." in response.content.decode()
    assert ItemFile.objects.count() == 0


def test_files_of_a_discarded_draft_are_shown_to_nobody(client, curator):
    draft = make_library_draft()
    upload(client, draft)
    address = ItemFile.objects.get().get_absolute_url()
    assert client.get(address).status_code == 200
    draft.refresh_from_db()
    actions.discard_draft(draft=draft, by=curator)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "more", "told"),
    [
        ("rapport.pdf", b"%PDF-1.7 trasig", {}, "Filen går inte att öppna."),
        ("rapport.pdf", files.locked_pdf(b"hemligt"), {}, "Filen är låst med lösenord."),
        ("rapport.pdf", b"", {}, "Filen är tom."),
        ("bild.svg", b"<svg/>", {}, "SVG-bilder kan innehålla program"),
        ("rapport.pdf", REPORT, {"title": ""}, "Skriv vad filen är."),
        ("rapport.pdf", REPORT, {"title": "19811218-9876"}, "personnummer"),
        ("rapport.pdf", REPORT, {"visibility": "ingen"}, "giltigt"),
    ],
)
def test_what_is_refused_is_told_at_the_field_and_nothing_typed_is_lost(
    client, curator, name, content, more, told
):
    draft = make_library_draft()
    response = upload(client, draft, content, name=name, transcript="Det som sägs.", **more)
    said = text_of(response.content.decode())
    assert (response.status_code, ItemFile.objects.count()) == (422, 0)
    assert told in said
    assert "Det som sägs." in said
    assert client.post(way(draft), FACTS).status_code == 422


def test_what_is_heard_can_be_read(client, curator):
    draft, sound = make_library_draft(), files.mp3()
    response = upload(client, draft, sound, name="samtal.mp3")
    assert "Skriv det som sägs" in response.content.decode()
    assert upload(client, draft, sound, name="samtal.mp3", transcript="Hej.").status_code == 302
    file = ItemFile.objects.get()
    emptied = client.post(way(draft, f"{file.pk}/andra/"), FACTS)
    assert (emptied.status_code, ItemFile.objects.get().transcript) == (422, "Hej.")


def test_what_is_said_of_a_file_is_changed_and_a_file_deleted(
    client, curator, django_capture_on_commit_callbacks
):
    draft = make_library_draft()
    upload(client, draft)
    work_off()
    file = ItemFile.objects.get()
    client.post(way(draft, f"{file.pk}/andra/"), FACTS | {"title": "Ny", "visibility": "personal"})
    file.refresh_from_db()
    assert (file.title, file.visibility) == ("Ny", "personal")
    stored, name = file.file.storage, file.file.name
    with django_capture_on_commit_callbacks(execute=True):
        client.post(way(draft, f"{file.pk}/andra/"), {"ta-bort": "1"})
    assert (ItemFile.objects.count(), stored.exists(name)) == (0, False)


@pytest.mark.parametrize(
    ("problem", "trouble", "told"),
    [
        (child.TookTooLong(), "for-stor", "Filen är för stor för att läsas."),
        (child.Crashed(), "skadad", "Filen går inte att öppna."),
    ],
)
def test_what_cannot_be_read_is_kept_and_told_of(
    client, curator, monkeypatch, problem, trouble, told
):
    def fails(file: Any) -> Any:
        raise problem

    monkeypatch.setattr(child, "read_pages", fails)
    monkeypatch.setattr(child, "draw_front", fails)
    draft = make_library_draft()
    upload(client, draft)
    work_off()
    file = ItemFile.objects.get()
    assert (file.reading, file.trouble, file.pages, str(file.picture)) == (
        *("gick-inte", trouble, None, ""),
    )
    assert told in page(client, way(draft))
    assert told in text_of(page(client, "/redaktion/bibliotek/att-gora/"))
    assert body(client.get(file.get_absolute_url())) == REPORT


def test_a_scanned_file_has_a_picture_and_says_that_it_has_no_text(client, curator):
    draft = make_library_draft()
    upload(client, draft, files.pdf_drawn(files.PICTURE_ALONE))
    work_off()
    file = ItemFile.objects.get()
    assert (file.reading, file.pages, bool(file.picture)) == ("utan-text", 1, True)
    assert "Det finns ingen text i filen" in page(client, way(draft))


def test_read_twice_it_has_one_picture(client, curator, django_capture_on_commit_callbacks):
    draft = make_library_draft()
    upload(client, draft)
    work_off()
    first = ItemFile.objects.get().picture
    file = ItemFile.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        actions.put_reading(file=file, read=uploads.read(file.file))
    again = ItemFile.objects.get().picture
    assert (again.name != first.name, first.storage.exists(first.name)) == (True, False)


def test_a_file_that_went_while_it_was_read_stays_gone(client, curator):
    draft = make_library_draft()
    upload(client, draft)
    file = ItemFile.objects.get()
    read = uploads.read(file.file)
    actions.delete_draft_file(file=ItemFile.objects.get(), by=curator)
    actions.put_reading(file=file, read=read)
    assert not ItemFile.objects.exists()


def test_a_story_that_is_taken_back_leaves_neither_draft_nor_file(
    client, curator, django_capture_on_commit_callbacks
):
    draft = make_library_draft(kind=["erfarenhet"])
    upload(client, draft)
    item = publish(draft, curator)
    revision = make_revision(item)
    upload(client, revision)
    stored = [(file.file.storage, file.file.name) for file in ItemFile.objects.all()]
    with django_capture_on_commit_callbacks(execute=True):
        actions.take_back(item=item, by=curator)
    assert (Draft.objects.count(), ItemFile.objects.count()) == (0, 0)
    assert [storage.exists(name) for storage, name in stored] == [False, False]
