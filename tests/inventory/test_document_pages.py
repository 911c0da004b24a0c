"""Pages of projects' PDF files: found by the search, by those who may see the project."""

import datetime
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import BackgroundTask, Edition
from core.uploads import child
from inventory import actions, tasks
from inventory.models import Document, Project
from search import indexing, swedish
from search.finding import Hit, Search
from search.models import Passage
from tests import files
from tests.core.test_tasks import work_off
from tests.factories import make_curator, make_project
from tests.inventory.test_admin import ADD, typed

pytestmark = pytest.mark.django_db

PUBLIC = frozenset({"alla"})
STAFF = frozenset({"alla", "personal"})

# A word that stands on the second of three pages, and nowhere else in a project.
WORD = "tranbärssylt"
REPORT = files.pdf_of("Slutrapport", f"Deltagarna kokade {WORD}.", "Tack")
OTHER = files.pdf_of("Rapport om hängmattor", "Tack")


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(make_curator())
    return client


@pytest.fixture(autouse=True)
def no_compounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """They do not matter here, and the dictionary that tells them takes long to load."""
    monkeypatch.setattr(swedish, "compound", lambda word: ())


@pytest.fixture
def document() -> Document:
    """A project's report, which has been read."""
    document = add_document(make_project())
    work_off()
    return document


def add_document(project: Project, content: bytes = REPORT, name: str = "rapport.pdf") -> Document:
    """A file saved as a form saves it."""
    document = Document(project=project, title="Slutrapport")
    document.file.save(name, ContentFile(content))
    actions.document_saved(document=document, new_file=True)
    return document


def replace_file(document: Document, content: bytes, name: str = "rapport.pdf") -> None:
    document.file.save(name, ContentFile(content))
    actions.document_saved(document=document, new_file=True)


def hits(word: str = WORD, audiences: frozenset[str] = PUBLIC) -> list[Hit]:
    """What somebody finds who asks for the word, once everything has been read."""
    indexing.index()
    return Search(word, audiences, Edition.current(), literally=True).find().hits


def pages() -> list[tuple[str, int, str, str]]:
    rows = Passage.objects.exclude(file="").order_by("file", "page")
    return list(rows.values_list("file", "page", "address", "text"))


def waiting() -> list[Any]:
    """The documents that a worker is to read."""
    enqueued = BackgroundTask.objects.filter(
        status="READY", task_path="inventory.tasks.read_document"
    )
    return [task.args_kwargs["args"][0] for task in enqueued]


def at_the_desk(document: Document | None = None, **fields: Any) -> dict[str, Any]:
    """A project's form with one row for a file."""
    rows: dict[str, Any] = {
        "documents-TOTAL_FORMS": 1,
        "documents-0-title": "Slutrapport",
        "documents-0-visibility": "alla",
    }
    rows |= fields
    if document:
        rows |= {
            "documents-INITIAL_FORMS": 1,
            "documents-0-id": document.pk,
            "documents-0-project": document.project_id,
        }
    return typed(**rows)


def address_of(project: Project) -> str:
    return reverse("admin:inventory_project_change", args=[project.pk])


# --- Saved, replaced, deleted ---------------------------------------------------------------------


def test_a_page_is_found_and_leads_to_itself(document):
    (hit,) = hits()
    found = Passage.objects.select_related("entry").get(pk=hit.passage)
    assert (hit.page, found.entry.object_id) == (2, document.project.public_id)
    assert found.address == f"/inventering/1/filer/{document.pk}/#page=2"
    assert (found.title, found.text) == ("Slutrapport", f"Deltagarna kokade {WORD}.")


@pytest.mark.parametrize("is_new", [True, False])
def test_a_file_that_is_added_at_the_desk_is_read_once(desk, is_new):
    address = ADD if is_new else address_of(make_project())
    sent = {"documents-0-file": SimpleUploadedFile("rapport.pdf", REPORT)}
    assert desk.post(address, at_the_desk(**sent)).status_code == 302
    assert waiting() == [Document.objects.get().pk]

    work_off()

    assert [hit.page for hit in hits()] == [2]


def test_a_file_that_is_replaced_at_the_desk_is_found_no_longer_and_the_new_one_is(desk, document):
    sent = {"documents-0-file": SimpleUploadedFile("ny.pdf", OTHER)}
    assert desk.post(address_of(document.project), at_the_desk(document, **sent)).status_code == 302
    assert (pages(), hits()) == ([], [])

    work_off()

    assert hits() == []
    assert [hit.page for hit in hits("hängmattor")] == [1]


def test_a_new_title_at_the_desk_is_that_of_the_pages_too(desk, document):
    renamed = {"documents-0-title": "Om sylt"}
    assert (
        desk.post(address_of(document.project), at_the_desk(document, **renamed)).status_code == 302
    )
    assert [hit.page for hit in hits()] == [2]

    work_off()

    assert set(Passage.objects.exclude(file="").values_list("title", flat=True)) == {"Om sylt"}
    assert [hit.page for hit in hits()] == [2]


def test_a_file_that_is_deleted_at_the_desk_is_found_no_longer(desk, document):
    deleted = {"documents-0-DELETE": "on"}
    assert (
        desk.post(address_of(document.project), at_the_desk(document, **deleted)).status_code == 302
    )
    assert (Document.objects.count(), pages(), hits()) == (0, [], [])


def test_a_file_that_is_for_staff_from_now_on_is_searched_by_nobody(desk, document):
    told = {"documents-0-visibility": "personal"}
    assert desk.post(address_of(document.project), at_the_desk(document, **told)).status_code == 302
    assert (pages(), waiting()) == ([], [])
    tasks.read_document.call(document.pk)  # one that was enqueued before
    assert (hits(), hits(audiences=STAFF), hits("slutrapport")) == ([], [], [])
    assert Client().get(document.get_absolute_url()).status_code == 404
    told = {"documents-0-visibility": "alla"}
    assert desk.post(address_of(document.project), at_the_desk(document, **told)).status_code == 302
    work_off()
    assert [hit.page for hit in hits()] == [2]


def test_what_is_not_changed_at_the_desk_is_not_read_again(desk, document):
    changed = at_the_desk(document, title="Nytt namn")
    assert desk.post(address_of(document.project), changed).status_code == 302
    assert waiting() == []
    assert [hit.page for hit in hits()] == [2]


@pytest.mark.django_db(transaction=True)
def test_pages_stay_when_the_deletion_comes_to_nothing(document):
    @transaction.atomic
    def half_done() -> None:
        actions.delete_document(document=document)
        raise ZeroDivisionError

    before = pages()
    with pytest.raises(ZeroDivisionError):
        half_done()
    assert (Document.objects.count(), pages()) == (1, before)


def test_other_files_of_the_project_keep_their_pages(document):
    other = add_document(document.project, OTHER)
    work_off()
    assert [file for file, *_ in pages()] == [
        *[document.search_file] * 3,
        *[other.search_file] * 2,
    ]
    actions.delete_document(document=document)
    assert [page for _, page, *_ in pages()] == [1, 2]


def test_a_pdf_that_becomes_another_kind_of_file_has_no_pages(document):
    replace_file(document, b"Text.", "rapport.txt")
    assert (pages(), waiting()) == ([], [])


# --- The task -------------------------------------------------------------------------------------


def test_twice_is_as_good_as_once(document):
    once = pages()
    tasks.read_document.call(document.pk)
    assert pages() == once
    assert [hit.page for hit in hits()] == [2]


@pytest.mark.parametrize(
    "content",
    [
        files.pdf_of(),
        files.pdf_drawn(files.PICTURE_ALONE),
        files.locked_pdf(b"hemlig"),
        files.locked_pdf(b""),
        b"%PDF-1.7 and no more",
    ],
    ids=["no pages", "a picture alone", "locked", "locked for changes", "broken"],
)
def test_a_file_without_text_to_read_gives_no_pages_and_the_task_ends_well(content):
    add_document(make_project(), content)
    work_off()
    assert pages() == []
    assert set(BackgroundTask.objects.values_list("status", flat=True)) == {"SUCCESSFUL"}


@pytest.mark.parametrize("limit", ["SECONDS_TO_READ", "MOST_BYTES"])
def test_so_does_one_whose_reading_is_ended(document, monkeypatch, limit):
    monkeypatch.setattr(child, limit, 0.001)
    tasks.read_document.call(document.pk)
    assert pages() == []


def test_a_file_that_the_storage_has_lost_gives_no_pages(document):
    document.file.storage.delete(document.file.name)
    tasks.read_document.call(document.pk)
    assert pages() == []


def test_a_file_that_is_gone_before_its_turn_is_nobodys_trouble(document):
    pk = document.pk
    actions.delete_document(document=document)
    tasks.read_document.call(pk)
    assert pages() == []


@pytest.mark.parametrize("change", ["replaced", "deleted", "withdrawn"])
def test_what_becomes_of_a_file_while_it_is_read_is_what_holds(document, monkeypatch, change):
    def read_pages(file: Any) -> list[str]:
        mine = Document.objects.get(pk=document.pk)
        if change == "replaced":
            replace_file(mine, OTHER)
        elif change == "deleted":
            actions.delete_document(document=mine)
        else:
            actions.withdraw(project=mine.project, reason="Dubblett.", by=make_curator())
        return [WORD]

    monkeypatch.setattr(child, "read_pages", read_pages)
    tasks.read_document.call(document.pk)
    assert pages() == []


# --- The project ----------------------------------------------------------------------------------


def test_pages_go_with_a_withdrawn_project_and_come_back_with_it(document):
    curator = make_curator()
    actions.withdraw(project=document.project, reason="Dubblett.", by=curator)
    assert (pages(), hits(audiences=STAFF)) == ([], [])
    tasks.read_document.call(document.pk)
    assert pages() == []

    actions.restore(project=document.project, by=curator)
    assert waiting() == [document.pk]
    work_off()

    assert [hit.page for hit in hits()] == [2]


def test_a_file_of_a_withdrawn_project_is_read_when_the_project_is_shown():
    project, curator = make_project(), make_curator()
    actions.withdraw(project=project, reason="Dubblett.", by=curator)
    document = add_document(project)
    assert waiting() == []

    actions.restore(project=project, by=curator)
    assert waiting() == [document.pk]


def test_pages_come_with_the_first_day_of_publication(document):
    project = document.project
    project.embargo_until = timezone.localdate() + datetime.timedelta(days=2)
    project.save()
    actions.record_change(project=project, by=None, changes={})
    assert (pages(), hits(audiences=STAFF)) == ([], [])

    with time_machine.travel(timezone.now() + datetime.timedelta(days=3)):
        actions.publish_due()
        work_off()
        assert [hit.page for hit in hits()] == [2]


def test_pages_are_for_those_who_may_see_the_project(document):
    project = document.project
    assert len(hits()) == len(hits(audiences=STAFF)) == 1
    project.visibility = "personal"
    project.save()
    actions.record_change(project=project, by=None, changes={})
    assert (hits(), [hit.page for hit in hits(audiences=STAFF)]) == ([], [2])

    tasks.read_document.call(document.pk)

    assert (hits(), [hit.page for hit in hits(audiences=STAFF)]) == ([], [2])


def test_a_change_of_the_project_leaves_the_pages_and_reads_nothing(document):
    before = pages()
    actions.record_change(project=document.project, by=None, changes={})
    assert (pages(), waiting()) == (before, [])


# --- The whole portal -----------------------------------------------------------------------------


def test_files_from_before_the_search_are_read_when_it_is_set_up(document):
    Passage.objects.all().delete()
    call_command("reindex", verbosity=0)
    assert waiting() == [document.pk]
    work_off()
    assert [hit.page for hit in hits()] == [2]


def test_everything_anew_is_files_as_well(document):
    call_command("reindex", verbosity=0)
    assert waiting() == []
    assert [hit.page for hit in hits()] == [2]

    call_command("reindex", all=True, verbosity=0)

    assert waiting() == [document.pk]
    assert [hit.page for hit in hits()] == [2]
