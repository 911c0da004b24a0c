"""The library's first content: whole, cited, tied to its projects, loaded once."""

import io
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import transaction

from inventory.models import Project
from ksi.library_seeding import item_rows
from ksi.seeding import read
from library import actions
from library.models import Gap, Instrument, Item, Method, StageMove
from search.models import Entry, EntryFacet
from tests.conftest import forget_everything
from tests.factories import make_curator

LOCAL_PROJECTS_OF_2015 = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}


def load() -> None:
    call_command("load_seed", stdout=io.StringIO())


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The content, loaded once for all of these tests; each works in a transaction within."""
    with django_db_blocker.unblock(), transaction.atomic():
        load()
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def content(loaded, db) -> None:
    forget_everything()


def test_what_the_source_documents_are_name_or_report_is_in_the_catalogue():
    shown = Entry.objects.filter(kind="bibliotek", audience="alla")
    assert (Item.objects.count(), shown.count()) == (27, 27)


def test_every_source_document_stands_in_the_library_itself():
    assert set(Item.objects.exclude(is_source=None).values_list("is_source__slug", flat=True)) == {
        "rapport-kunskapscentrum-2006",
        "ansokan-kompetensfonden-2004",
        "fou-medel-2016",
        "preventionscentrum-2008",
        "stodstrukturer-vasternorrland-2011",
    }


def test_each_local_project_of_2015_has_its_account():
    accounts = Item.objects.filter(loaded_as__startswith="redovisning-")
    told = set(Project.objects.filter(reports__in=accounts).values_list("public_id", flat=True))
    assert accounts.count() == 11
    assert told & LOCAL_PROJECTS_OF_2015 == LOCAL_PROJECTS_OF_2015


def test_a_method_finds_what_tells_of_it():
    rows = EntryFacet.objects.filter(facet="metod", value="kasam-manual", entry__kind="bibliotek")
    assert [row.entry.title for row in rows.select_related("entry")] == [
        "Kasam på ungdomsmottagningen: redovisning av projektet 2015"
    ]


@pytest.mark.parametrize("row", item_rows(), ids=lambda row: row["loaded_as"])
def test_each_item_says_where_it_is_from_and_three_things_at_most(row):
    item = Item.objects.get(loaded_as=row["loaded_as"])
    assert item.source is not None
    assert item.source_section != ""
    assert item.plain_summary != ""
    assert 1 <= len(item.key_message_list) <= Item.MOST_KEY_MESSAGES


def test_the_loader_writes_no_voice_and_no_grade():
    voices = {(m.research_says, m.staff_say, m.experience_says) for m in Method.objects.all()}
    assert voices == {("", "", "")}
    assert Method.objects.exclude(grades=None).count() == 0


def test_each_method_stands_where_its_first_move_says():
    stands = dict(Method.objects.values_list("slug", "stage"))
    assert dict(StageMove.objects.values_list("method__slug", "to_stage")) == stands
    assert dict(StageMove.objects.values_list("method__slug", "date")) == {
        row["slug"]: row["stage_since"] for row in read("methods.toml")["method"]
    }


def test_each_gap_comes_from_a_source_and_is_open():
    gaps = Gap.objects.exclude(loaded_as="")
    assert (gaps.count(), set(gaps.values_list("state", flat=True))) == (9, {"oppen"})
    assert gaps.filter(source=None).count() == 0
    assert Entry.objects.filter(kind="kunskapslucka", audience="alla").count() == 9


@pytest.mark.parametrize("model", [Method, Instrument])
def test_each_method_and_instrument_is_told_in_plain_swedish(model):
    assert model.objects.filter(plain_summary="").count() == 0


def test_loading_again_undoes_nothing_that_curators_did():
    item = Item.objects.get(loaded_as="sou-2008-18")
    Item.objects.filter(pk=item.pk).update(title="Ändrad av en redaktör")
    actions.withdraw(item=item, reason="En nyare utredning finns.", by=make_curator())
    method = Method.objects.get(slug="klarsprak")
    actions.move_stage(method=method, to="utvarderas", reason="En studie har börjat.", by=None)

    load()

    item.refresh_from_db()
    assert (item.title, item.withdrawn_reason) == (
        "Ändrad av en redaktör",
        "En nyare utredning finns.",
    )
    assert Item.objects.count() == 27
    assert [move.to_stage for move in method.moves.all()] == ["provas", "utvarderas"]
