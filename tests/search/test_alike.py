"""What is like something: a text, or an entry."""

import io
import tomllib
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction

from core.models import Edition
from inventory.search import KIND as PROJECT
from search import catalogue, indexing
from search.alike import alike, like_entry, likenesses
from search.models import Entry
from tests.search.writing import KIND, PUBLIC, STAFF, document, leads, publish, titled

pytestmark = pytest.mark.django_db

OTHERS = [document(number, "Cykelvägar och broar") for number in range(90, 96)]


def like(text: str, audiences: frozenset[str] = PUBLIC, **how) -> list[str]:
    return titled(alike(text, audiences, Edition.current(), **how))


def like_number(number: int, audiences: frozenset[str] = PUBLIC) -> list[str]:
    pk = Entry.objects.get(object_id=number).pk
    return titled(like_entry(pk, audiences, Edition.current(), ["tema"]))


def test_a_text_is_like_what_shares_its_rare_words_and_their_synonyms():
    leads("skräp", to=["samlarsyndrom"])
    publish(
        document(1, "Samlarsyndrom hos äldre"),
        document(2, "Äldre och fritid"),
        *OTHERS,
    )
    assert like("En lägenhet full av skräp hos äldre") == [
        *("Samlarsyndrom hos äldre", "Äldre och fritid"),
    ]


def test_how_alike_is_told_in_words_and_as_a_share_that_long_entries_have_less_of():
    publish(
        document(1, "Samlarsyndrom hos äldre"),
        document(2, "Äldre och fritid"),
        document(3, "Samlarsyndrom hos äldre", text="Cykel och bro. " * 300),
        *OTHERS,
    )
    found = likenesses("Äldre med samlarsyndrom", PUBLIC, Edition.current())
    shares = {Entry.objects.get(pk=each.entry).object_id: each for each in found}
    assert {number: each.words for number, each in shares.items()} == {1: 2, 2: 1, 3: 2}
    assert shares[1].share == pytest.approx(1)
    assert 0.4 < shares[2].share < 0.6
    assert 0.3 < shares[3].share < 0.9


def test_words_that_nothing_else_says_make_what_is_alike_less_so():
    publish(document(1, "Samlarsyndrom hos äldre"), *OTHERS)
    texts = ("Samlarsyndrom", "Samlarsyndrom och laddstolpar till tjänstebilar")
    alone, among = (likenesses(text, PUBLIC, Edition.current())[0].share for text in texts)
    assert (alone, among < 0.4) == (pytest.approx(1), True)


def test_a_word_that_most_things_have_makes_nothing_alike():
    publish(*(document(number, "Boendestöd") for number in range(1, 5)), document(5, "Annat"))
    assert like("Boendestöd") == []


def test_an_entry_is_like_others_of_its_kind_and_never_itself():
    publish(
        document(1, "Ångest hos unga", facets={"tema": ["unga"]}),
        document(2, "Ångest på jobbet"),
        document(3, "Kurs", facets={"tema": ["unga"]}),
        *OTHERS,
    )
    assert like_number(1) == ["Ångest på jobbet", "Kurs"]


def test_rare_facets_in_common_come_before_common_ones():
    themes = {
        "Ett": ["boende", "unga", "samverkan"],
        "Två": ["boende"],
        "Tre": ["boende"],
        "Fyra": ["unga"],
        "Fem": ["boende", "unga"],
    }
    publish(
        *(
            document(number, title, facets={"tema": values})
            for number, (title, values) in enumerate(themes.items(), 1)
        ),
        *OTHERS,
    )
    assert like_number(1) == ["Fem", "Fyra", "Tre", "Två"]


def test_other_facets_than_those_asked_for_make_nothing_alike():
    shared = {"stadsdel": ["bromma"]}
    publish(document(1, "Ett", facets=shared), document(2, "Två", facets=shared), *OTHERS)
    assert like_number(1) == []


def test_nothing_hidden_is_like_anything_for_those_who_may_not_see_it():
    publish(
        document(1, "Ångest hos unga"),
        document(2, "Ångest hos unga inifrån", audience="personal"),
        document(3, "Ångest på jobbet"),
        *OTHERS,
    )
    assert like_number(1) == ["Ångest på jobbet"]
    assert sorted(like_number(1, STAFF)) == ["Ångest hos unga inifrån", "Ångest på jobbet"]
    with transaction.atomic():
        catalogue.remove(KIND, [3])
    assert like_number(1) == []


def test_nothing_is_like_what_is_not_there_or_says_nothing():
    publish(document(1, "Ångest"), *OTHERS)
    assert like_entry(4711, PUBLIC, 0, ["tema"]) == []
    assert like("och att det") == like("") == []


def test_a_rewording_finds_its_project_among_the_first_three():
    call_command("load_seed", stdout=io.StringIO())
    indexing.index()
    numbers = dict(Entry.objects.filter(kind=PROJECT).values_list("pk", "object_id"))
    told = tomllib.loads(Path(__file__).with_name("rewordings.toml").read_text(encoding="utf-8"))
    lost = []
    for row in told["rewording"]:
        text = f"{row['title']}\n{row['text']}"
        nearest = alike(text, PUBLIC, Edition.current(), kind=PROJECT)[:3]
        if row["project"] not in [numbers[pk] for pk in nearest]:
            lost.append(row["project"])
    assert (len(told["rewording"]), lost) == (33, [])
