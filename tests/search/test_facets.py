"""Filtering, counting and ordering in memory, against plain Python that does it the slow way."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from core.models import Edition
from search import catalogue, facets
from search.catalogue import Document
from search.facets import Selection, Snapshot, entries_by_key, snapshot
from search.models import Entry

pytestmark = pytest.mark.django_db

KIND = "prov"
BEGINNING = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
FACETS = {"tema": ["boende", "unga", "samverkan"], "stadsdel": ["bromma", "farsta"], "ar": ["2014"]}
AUDIENCES = ["alla", "personal"]


@dataclass(frozen=True)
class Thing:
    """What is published, as plain values."""

    audience: str = "alla"
    title: str = "Boendestöd"
    hour: int = 0
    date: str = ""
    confirmed: datetime.date | None = None
    facets: dict[str, list[str]] = field(default_factory=dict)

    def document(self, number: int) -> Document:
        return Document(
            kind=KIND,
            object_id=number,
            title=self.title,
            summary="",
            address=f"/{number}/",
            audience=self.audience,
            published_at=BEGINNING + datetime.timedelta(hours=self.hour),
            date=self.date,
            confirmed_on=self.confirmed,
            facets=self.facets,
        )


# Few different values, so that many are alike.
things = st.builds(
    Thing,
    audience=st.sampled_from(AUDIENCES),
    title=st.sampled_from(["Alm", "Ängsö", "Ås", "Öland", "Zon"]),
    hour=st.integers(0, 3),
    date=st.sampled_from(["", "2014", "2014-09", "2015"]),
    confirmed=st.sampled_from([None, datetime.date(2025, 5, 1), datetime.date(2026, 1, 1)]),
    facets=st.fixed_dictionaries(
        {facet: st.lists(st.sampled_from(values), unique=True) for facet, values in FACETS.items()}
    ),
)
choices = st.fixed_dictionaries(
    {},
    optional={
        facet: st.lists(st.sampled_from([*values, "finns-inte"]), min_size=1, unique=True)
        for facet, values in FACETS.items()
    },
)
audiences = st.sets(st.sampled_from(AUDIENCES))
# A number is put (with a thing) or removed (None), a few at a time.
changes = st.lists(
    st.dictionaries(st.integers(1, 6), st.none() | things, min_size=1, max_size=4), max_size=5
)


def publish(batch: dict[int, Thing | None]) -> None:
    """One transaction that puts some things and removes others."""
    with transaction.atomic():
        catalogue.put([thing.document(number) for number, thing in batch.items() if thing])
        catalogue.remove(KIND, [number for number, thing in batch.items() if not thing])


def now() -> Snapshot:
    return snapshot(KIND, Edition.current())


def numbers(pks: Iterable[int]) -> list[int]:
    """The things' own numbers, in the same order."""
    return [entry.object_id for entry in entries_by_key(list(pks))]


class Reference:
    """The same questions, answered by going through everything."""

    def __init__(self, world: dict[int, Thing], audiences: set[str]) -> None:
        self.visible = {n: thing for n, thing in world.items() if thing.audience in audiences}

    def matching(self, chosen: dict[str, list[str]]) -> dict[int, Thing]:
        return {
            number: thing
            for number, thing in self.visible.items()
            if all(set(thing.facets.get(name, ())) & set(values) for name, values in chosen.items())
        }

    def counts(self, facet: str, chosen: dict[str, list[str]]) -> dict[str, int]:
        others = {name: values for name, values in chosen.items() if name != facet}
        found = [set(thing.facets.get(facet, ())) for thing in self.matching(others).values()]
        counted = {value: sum(value in values for values in found) for value in FACETS[facet]}
        return {value: count for value, count in counted.items() if count}

    def order(self, name: str, chosen: dict[str, list[str]], pks: dict[int, int]) -> list[int]:
        by = {
            "nyast": lambda thing: thing.hour,
            "start": lambda thing: thing.date,
            "bekraftad": lambda thing: str(thing.confirmed or ""),
            "namn": lambda thing: ["Alm", "Zon", "Ås", "Ängsö", "Öland"].index(thing.title),
        }[name]
        found = self.matching(chosen)
        return sorted(
            found, key=lambda number: (by(found[number]), pks[number]), reverse=name != "namn"
        )


def answers(selection: Selection) -> dict:
    """All that can be asked of a selection."""
    return {
        "length": len(selection),
        "counts": {facet: selection.counts(facet) for facet in FACETS},
        "orders": {order: numbers(selection.keys(order)) for order in facets.ORDERS},
    }


@given(st.dictionaries(st.integers(1, 12), things, max_size=12), audiences, choices)
def test_lengths_counts_and_orders_are_what_going_through_everything_gives(world, seen_by, chosen):
    with transaction.atomic():
        facets.forget()
        publish(dict(world))
        reference = Reference(world, seen_by)
        pks = dict(Entry.objects.values_list("object_id", "pk"))

        found = answers(Selection(now(), seen_by, chosen))

        assert found == {
            "length": len(reference.matching(chosen)),
            "counts": {facet: reference.counts(facet, chosen) for facet in FACETS},
            "orders": {order: reference.order(order, chosen, pks) for order in facets.ORDERS},
        }
        transaction.set_rollback(True)


@given(changes, changes, choices)
def test_catching_up_gives_what_reading_everything_gives(before, after, chosen):
    with transaction.atomic():
        facets.forget()
        for batch in before:
            publish(batch)
        old = now()
        told = answers(Selection(old, {"alla"}, chosen))
        for batch in after:
            publish(batch)

        caught_up = now()
        # A request that is still at work with the old facets is not disturbed.
        assert answers(Selection(old, {"alla"}, chosen)) == told
        facets.forget()
        read = now()

        assert caught_up.edition == read.edition
        assert set(caught_up.bits) == set(read.bits)
        assert {number: caught_up.facts(number) for number in range(1, 7)} == {
            number: read.facts(number) for number in range(1, 7)
        }
        for seen_by in ({"alla"}, {"alla", "personal"}, set()):
            assert answers(Selection(caught_up, seen_by, chosen)) == answers(
                Selection(read, seen_by, chosen)
            )
        transaction.set_rollback(True)


@given(st.dictionaries(st.integers(1, 8), things, min_size=2, max_size=8), audiences)
def test_crossed_counts_are_the_counts_of_choosing_both(world, seen_by):
    with transaction.atomic():
        facets.forget()
        publish(dict(world))
        crossed = Selection(now(), seen_by).cross("tema", "stadsdel")
        reference = Reference(world, seen_by)
        assert {
            theme: {place: count for place, count in row.items() if count}
            for theme, row in crossed.items()
        } == {
            theme: {
                place: count
                for place in FACETS["stadsdel"]
                if (count := len(reference.matching({"tema": [theme], "stadsdel": [place]})))
            }
            for theme in crossed
        }
        transaction.set_rollback(True)


# --- Small stories ------------------------------------------------------------------------------


def test_more_changes_than_are_worth_following_are_read_anew(monkeypatch):
    monkeypatch.setattr(facets, "MANY_CHANGES", 2)
    publish({1: Thing(title="Alm")})
    now()

    publish({number: Thing(title="Ås") for number in (1, 2, 3)})

    assert numbers(Selection(now(), ["alla"]).keys("namn")) == [1, 2, 3]


def test_as_many_changes_as_are_worth_following_cost_one_reading_of_each(
    monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(facets, "MANY_CHANGES", 3)
    publish({1: Thing()})
    now()
    publish({number: Thing() for number in (1, 2, 3)})
    edition = Edition.current()

    with django_assert_num_queries(3):  # changed entries, names, facets
        snapshot(KIND, edition)
    with django_assert_num_queries(0):
        snapshot(KIND, edition)


def test_a_request_that_began_earlier_gets_the_newer_facets_without_a_query(
    django_assert_num_queries,
):
    publish({1: Thing()})
    edition = Edition.current()
    publish({2: Thing()})
    now()

    with django_assert_num_queries(0):
        assert len(Selection(snapshot(KIND, edition), ["alla"])) == 2


def test_one_kind_knows_nothing_of_another():
    publish({1: Thing()})
    assert len(Selection(snapshot("annat", Edition.current()), ["alla"])) == 0


def test_a_thing_that_is_removed_and_published_again_is_there_once():
    publish({1: Thing(facets={"tema": ["boende"]})})
    now()
    publish({1: None})
    assert Selection(now(), ["alla"]).counts("tema") == {}

    publish({1: Thing(facets={"tema": ["unga"]})})

    assert Selection(now(), ["alla"]).counts("tema") == {"unga": 1}


def test_what_is_alike_stands_in_the_same_order_in_every_process():
    """Or a visitor whose pages come from two processes misses some and meets others twice."""
    now()
    for number in (1, 2, 3, 1):  # the first was written last
        publish({number: Thing()})
    caught_up = now()
    facets.forget()
    read = now()
    for order in facets.ORDERS:
        keys = [list(Selection(found, ["alla"]).keys(order)) for found in (caught_up, read)]
        assert keys[0] == keys[1]


def test_names_follow_when_they_change():
    with transaction.atomic():
        catalogue.label("tema", {"boende": "Boende", "unga": "Unga", "ak": "Åk"})
    first = now()
    with transaction.atomic():
        catalogue.label("tema", {"boende": "Ärligt boende"})

    second = now()

    assert list(first.labels["tema"].values()) == ["Boende", "Unga", "Åk"]
    assert list(second.labels["tema"].values()) == ["Unga", "Åk", "Ärligt boende"]
    assert (second.label("tema", "boende"), second.label("tema", "x")) == ("Ärligt boende", "x")


def test_facets_that_only_find_rows_are_not_held_in_memory(monkeypatch):
    monkeypatch.setattr(catalogue, "only_to_find", {"hor-ihop"})
    publish({1: Thing(facets={"tema": ["unga"], "hor-ihop": ["7"]})})
    assert set(now().bits) == {("tema", "unga"), (facets.AUDIENCE, "alla")}
    publish({1: Thing(facets={"tema": ["boende"], "hor-ihop": ["8"]})})
    assert set(now().bits) == {("tema", "boende"), (facets.AUDIENCE, "alla")}


def test_the_facts_of_a_thing_are_its_values_by_name():
    publish({1: Thing(facets={"tema": ["unga", "boende"]}), 2: Thing(facets={"tema": ["arbete"]})})
    with transaction.atomic():
        catalogue.label("tema", {"boende": "Boende"})
    assert now().facts(1)["tema"] == [("boende", "Boende"), ("unga", "unga")]
    assert now().facts(4711) == {}


def test_a_thing_is_visible_to_those_whom_it_is_for():
    publish({1: Thing(audience="personal"), 2: Thing()})
    publish({2: None})
    seen = {
        (number, audience): now().visible(number, [audience]) is not None
        for number in (1, 2, 4711)
        for audience in AUDIENCES
    }
    assert [found for found, visible in seen.items() if visible] == [(1, "personal")]


def test_names_stand_in_a_given_order():
    with transaction.atomic():
        catalogue.label("lage", {"pagar": "Pågår", "avslutades": "Avslutades"}, {"pagar": "1"})
    assert list(now().labels["lage"]) == ["pagar", "avslutades"]


def test_a_selection_among_some_entries_counts_those_only():
    publish({number: Thing(facets={"tema": ["boende"]}) for number in (1, 2, 3)})
    found = now()
    among = found.of_entries(
        Entry.objects.filter(object_id__in=[1, 3]).values_list("pk", flat=True)
    )
    selection = Selection(found, ["alla"], {"tema": ["boende"]}, lambda without: among)
    assert (len(selection), selection.counts("tema")) == (2, {"boende": 2})


def test_several_values_are_counted_together_once_each():
    publish(
        {
            1: Thing(facets={"tema": ["boende", "unga"]}),
            2: Thing(facets={"tema": ["unga"]}),
            3: Thing(facets={"tema": ["samverkan"]}),
        }
    )
    selection = Selection(now(), ["alla"], {"tema": ["samverkan"]})
    assert selection.count_of("tema", ["boende", "unga"]) == 2


def test_the_catalogue_is_read_before_a_server_forks(django_assert_num_queries):
    publish({1: Thing()})
    facets.warm()
    edition = Edition.current()
    with django_assert_num_queries(0):
        assert len(Selection(snapshot(KIND, edition), ["alla"])) == 1
