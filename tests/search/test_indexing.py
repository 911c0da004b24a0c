"""Texts are read once, go on where they were left, and are never taken for older ones."""

import io
import threading

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from core.models import Edition
from search import catalogue, indexing
from search.models import Entry, Passage, Term, Word
from search.passages import put_pages, rejoined
from tests.search.writing import KIND, document, find, publish, titles

pytestmark = pytest.mark.django_db


def put(*documents: catalogue.Document) -> None:
    with transaction.atomic():
        catalogue.put(documents)


def counted() -> dict[str, int]:
    """Key → passages, without those that are gone."""
    return dict(Term.objects.exclude(passages=0).values_list("key", "passages"))


def test_what_is_read_is_found_and_the_edition_tells_of_it():
    put(document(1, "Ångest"))
    before = Edition.current()
    assert titles("ångest") == []
    assert indexing.index() == 1
    assert (titles("ångest"), Edition.current()) == (["Ångest"], before + 1)
    assert (indexing.index(), Edition.current()) == (0, before + 1)


def test_reading_that_was_cut_short_goes_on_where_it_was(monkeypatch):
    put(*(document(number, "Ångest") for number in range(1, 6)))

    def stop(count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        indexing.index(stop, at_once=2)
    assert (len(titles("ångest")), indexing.waiting()) == (2, 3)
    assert indexing.index(at_once=2) == 3
    assert len(titles("ångest")) == 5


def test_a_text_that_is_written_while_it_is_read_is_read_again(monkeypatch):
    put(document(1, "Ångest"))
    learn = indexing.learn

    def meanwhile(forms, rules):
        known = learn(forms, rules)
        monkeypatch.setattr(indexing, "learn", learn)
        put(document(1, "Oro"))
        return known

    monkeypatch.setattr(indexing, "learn", meanwhile)
    indexing.index()
    assert (titles("ångest"), indexing.waiting()) == ([], 1)
    indexing.index()
    assert titles("oro") == ["Oro"]


def test_an_unchanged_text_is_not_read_again_when_its_facets_change():
    publish(document(1, "Ångest", facets={"tema": ["unga"]}))
    put(document(1, "Ångest", facets={"tema": ["boende"]}))
    assert indexing.waiting() == 0
    assert titles("ångest", chosen={"tema": ["boende"]}) == ["Ångest"]


def test_terms_are_counted_once_a_passage_and_follow_changes():
    publish(document(1, "Ångest", text="Ångest och oro."), document(2, "Oro"))
    assert counted() == {Term.ALL: 2, "ångest": 1, "oro": 2, "^ångest": 1, "^oro": 1}
    publish(document(1, "Glädje"))
    assert counted() == {Term.ALL: 2, "glädj": 1, "oro": 1, "^glädj": 1, "^oro": 1}


def test_what_is_removed_is_counted_out_once_a_day():
    publish(document(1, "Ångest"), document(2, "Oro"))
    with transaction.atomic():
        catalogue.remove(KIND, [1])
    assert counted()["ångest"] == 1
    indexing.recount()
    assert counted() == {Term.ALL: 1, "oro": 1, "^oro": 1}


def test_everything_is_read_anew_on_demand(monkeypatch):
    monkeypatch.setattr(catalogue, "sources", {})
    publish(document(1, "Ångest"))
    Passage.objects.update(title_keys="fel")
    assert titles("ångest") == []
    call_command("reindex", all=True, verbosity=0, stdout=io.StringIO())
    assert titles("ångest") == ["Ångest"]
    assert Word.objects.filter(form="ångest").exists()


def test_what_the_catalogue_lacks_is_fetched_from_who_publishes_it(monkeypatch):
    source = catalogue.Source(
        lambda numbers: [document(number, "Ångest") for number in numbers],
        lambda: [1, 2],
        "Prov",
        "Prov",
        lambda numbers: None,
    )
    monkeypatch.setattr(catalogue, "sources", {KIND: source})
    publish(document(1, "Ångest"))
    Passage.objects.all().delete()
    out = io.StringIO()
    call_command("reindex", stdout=out)
    assert "2 textstycken lästa" in out.getvalue()
    assert len(titles("ångest")) == 2
    assert list(indexing.fetch_missing()) == []


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("Om ång-\nest.", "Om ångest."),
        ("Om ång\u00ad\nest.", "Om ångest."),
        ("SKR-\nrapporten", "SKR- rapporten"),
        ("Järva-\nStockholm", "Järva- Stockholm"),
        ("två\n\nrader", "två rader"),
    ],
)
def test_words_parted_at_the_end_of_a_line_are_put_together(page, text):
    assert rejoined(page) == text


def test_pages_that_are_sent_again_replace_those_before():
    publish(document(1, "Rapporten"))
    for texts in (["Ångest.", "Oro."], ["Oro."]):
        put_pages(KIND, 1, file="a", title="Fil", address="/fil/", pages=texts)
        indexing.index()
    assert find("ångest").entries == []
    assert titles("oro") == ["Rapporten"]


def test_pages_of_what_is_not_published_are_not_written():
    assert put_pages(KIND, 4711, file="a", title="Fil", address="/fil/", pages=["Ångest."]) == 0
    assert not Passage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_read_at_once_count_once():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite låter en skriva åt gången")
    put(*(document(number, "Ångest") for number in range(1, 21)))
    together = threading.Barrier(2)

    def work() -> None:
        together.wait()
        indexing.index(at_once=5)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (counted()["ångest"], counted()[Term.ALL], indexing.waiting()) == (20, 20, 0)


@pytest.mark.django_db(transaction=True)
def test_erased_words_leave_the_file_of_the_database_once_a_day(tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("gäller SQLites fil; PostgreSQL städar själv")
    put(*(document(number, f"Något {number}") for number in range(1, 50)))
    put(document(99, "Kvastskaftet"))
    indexing.index()
    with transaction.atomic():
        catalogue.remove(KIND, [99])
    Word.objects.filter(form="kvastskaftet").delete()
    indexing.recount()
    copy = tmp_path / "kopia.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(copy)])
    assert b"kvastskaft" not in copy.read_bytes().lower()
    assert Entry.objects.count() == 50
