"""Writing the catalogue: each change in one transaction, under one new edition."""

import datetime
from collections.abc import Iterable, Iterator

import pytest
from django.db import IntegrityError, transaction

from core.models import Edition
from search import catalogue
from search.catalogue import Document
from search.models import Entry, EntryFacet, FacetLabel

pytestmark = pytest.mark.django_db

KIND = "prov"
MOMENT = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def document(number: int = 1, **fields) -> Document:
    named = {"title": "Ångest", "summary": "Kort.", "audience": "alla", "published_at": MOMENT}
    return Document(kind=KIND, object_id=number, address=f"/{number}/", **named | fields)


def facets_of(number: int) -> list[tuple[str, str]]:
    rows = EntryFacet.objects.filter(entry__object_id=number).order_by("facet", "value")
    return list(rows.values_list("facet", "value"))


@pytest.fixture
def source(monkeypatch) -> dict[int, Document]:
    """What the owner of the kind says is published."""
    published: dict[int, Document] = {}

    def documents(object_ids: Iterable[int]) -> Iterator[Document]:
        return (published[number] for number in object_ids if number in published)

    monkeypatch.setitem(
        catalogue.sources,
        KIND,
        catalogue.Source(documents, lambda: published, "Prov", "Prov", list),
    )
    return published


def test_a_document_becomes_an_entry_with_its_facets_words_and_edition():
    catalogue.put([document(words=["BROMMA"], facets={"tema": ["unga", "boende", "unga"]})])

    entry = Entry.objects.get()
    assert (entry.title, entry.title_key) == ("Ångest", "{ngest")
    passage = entry.passages.get()
    assert (passage.title, passage.lead, passage.stale) == ("Ångest", "Kort.\nBROMMA", True)
    assert passage.facet_keys == "slag=prov tema=boende tema=unga"
    assert entry.edition == Edition.current() == 1
    assert facets_of(1) == [("tema", "boende"), ("tema", "unga")]


def test_a_document_that_is_put_again_is_written_over():
    catalogue.put([document(facets={"tema": ["boende"]}), document(2)])
    before = Entry.objects.get(object_id=1)

    catalogue.put([document(title="Oro", facets={"tema": ["unga"]})])

    entry = Entry.objects.get(object_id=1)
    assert (entry.pk, entry.title, entry.edition) == (before.pk, "Oro", 2)
    assert facets_of(1) == [("tema", "unga")]
    assert Entry.objects.get(object_id=2).edition == 1


def test_nothing_put_raises_no_edition():
    catalogue.put([])
    assert Edition.current() == 0


def test_what_is_removed_leaves_a_blank_row_that_tells_of_it():
    catalogue.put([document(card={"who": "Bromma"}, facets={"tema": ["boende"]}), document(2)])

    catalogue.remove(KIND, [1])

    entry = Entry.objects.get(object_id=1)
    assert (entry.title, entry.summary, entry.address, entry.title_key) == ("",) * 4
    assert (entry.audience, entry.card) == ("", {})
    assert (entry.edition, facets_of(1), list(entry.passages.all())) == (2, [], [])
    assert Entry.objects.get(object_id=2).title == "Ångest"


def test_refreshing_writes_what_is_published_and_removes_what_is_not(source):
    catalogue.put([document(1), document(2)])
    source[1] = document(1, title="Oro")
    source[3] = document(3, title="Nytt")

    catalogue.refresh(KIND, [1, 2, 3])

    assert list(Entry.objects.order_by("object_id").values_list("title", flat=True)) == [
        *("Oro", "", "Nytt"),
    ]


def test_refreshing_by_value_writes_what_carries_it_and_leaves_the_rest(source):
    catalogue.put(
        [
            document(1, facets={"tema": ["boende", "unga"]}),
            document(2, facets={"tema": ["unga"]}),
            document(3, facets={"stadsdel": ["boende"]}),
        ]
    )
    for number in (1, 2, 3):
        source[number] = document(number, title="Nytt")

    catalogue.refresh_with("tema", ["boende", "okand"])

    assert list(Entry.objects.order_by("object_id").values_list("title", flat=True)) == [
        *("Nytt", "Ångest", "Ångest"),
    ]


def test_a_name_is_given_its_place_in_swedish_order_and_can_be_given_anew():
    catalogue.label("tema", {"a": "Ålder"})
    catalogue.label("tema", {"a": "Ärlighet"}, {"a": "00"})
    assert list(FacetLabel.objects.values_list("label", "position")) == [("Ärlighet", "00")]
    assert Edition.current() == 2


def test_a_name_is_forgotten_in_its_own_facet_only():
    catalogue.label("tema", {"a": "A", "b": "B"})
    catalogue.label("insats", {"a": "A"})

    catalogue.unlabel("tema", "a")

    assert sorted(FacetLabel.objects.values_list("facet", "value")) == [
        ("insats", "a"),
        ("tema", "b"),
    ]


def test_an_entry_has_each_value_once():
    catalogue.put([document(facets={"tema": ["boende"]})])
    with pytest.raises(IntegrityError), transaction.atomic():
        EntryFacet.objects.create(entry=Entry.objects.get(), facet="tema", value="boende")


def test_a_thing_has_one_entry():
    catalogue.put([document()])
    entry = Entry.objects.get()
    entry.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "write",
    [
        lambda: catalogue.put([document()]),
        lambda: catalogue.remove(KIND, [1]),
        lambda: catalogue.label("tema", {"a": "A"}),
    ],
    ids=["put", "remove", "label"],
)
def test_the_catalogue_is_written_in_a_transaction_or_not_at_all(write):
    with pytest.raises(transaction.TransactionManagementError):
        write()
    assert (Entry.objects.count(), FacetLabel.objects.count(), Edition.current()) == (0, 0, 0)
