"""Vocabularies, methods, instruments and sources."""

import pytest
from django.db import IntegrityError

from library.actions import term_changed
from library.models import Instrument, Method, Source, Theme
from search.models import FacetLabel
from tests.factories import make_instrument, make_source, make_term

pytestmark = pytest.mark.django_db


def test_words_stand_in_swedish_order():
    for name in ("Öppenvård", "Ångest", "Ärenden", "Boende", "boendestöd", "Zon"):
        make_term(Theme, name)
    assert [str(theme) for theme in Theme.objects.all()] == [
        *("Boende", "boendestöd", "Zon", "Ångest", "Ärenden", "Öppenvård"),
    ]


def test_a_word_that_changes_moves_to_its_new_place():
    make_term(Theme, "Boende")
    theme = make_term(Theme, "Arbete")
    theme.name = "Öppenvård"
    theme.save()
    assert [str(theme) for theme in Theme.objects.all()] == ["Boende", "Öppenvård"]


@pytest.mark.parametrize("field", ["name", "slug"])
def test_a_word_is_there_once(field):
    first = make_term(Theme, "Boende")
    with pytest.raises(IntegrityError):
        Theme.objects.create(**{"name": "Annat", "slug": "annat", field: getattr(first, field)})


def test_the_same_word_may_stand_in_two_vocabularies():
    make_term(Theme, "Samverkan")
    make_term(Method, "Samverkan")
    assert sorted(FacetLabel.objects.values_list("facet", "label")) == [
        ("metod", "Samverkan"),
        ("tema", "Samverkan"),
    ]


def test_a_filter_names_a_word_by_its_new_address_only():
    theme = make_term(Theme, "Boende")
    theme.slug = "bostad"
    theme.save()
    term_changed(term=theme, old_slug="boende")
    assert list(FacetLabel.objects.values_list("value", "label")) == [("bostad", "Boende")]


@pytest.mark.parametrize(
    ("abbreviation", "called"), [("MI", "Motiverande samtal (MI)"), ("", "Motiverande samtal")]
)
def test_methods_and_instruments_are_called_with_their_abbreviation(abbreviation, called):
    named = {"name": "Motiverande samtal", "abbreviation": abbreviation}
    assert [str(Method(**named)), str(Instrument(**named))] == [called, called]


@pytest.mark.parametrize("year", [1899, 2101])
def test_a_source_is_of_a_year_that_can_be_meant(year):
    with pytest.raises(IntegrityError, match="source_year"):
        make_source(year=year)


def test_sources_stand_with_the_newest_first():
    for title, year in [("B", 2006), ("A", 2016), ("A", 2006)]:
        make_source(title, year)
    assert [str(source) for source in Source.objects.all()] == ["A (2016)", "A (2006)", "B (2006)"]


def test_the_publisher_of_a_source_is_not_deleted():
    with pytest.raises(IntegrityError):
        make_source().publisher.delete()


def test_an_instrument_is_there_once():
    make_instrument("Kasam")
    with pytest.raises(IntegrityError):
        make_instrument("Kasam")
