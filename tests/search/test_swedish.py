"""Words: what they are reduced to and made of."""

import pytest

from search import swedish


@pytest.mark.parametrize(
    "forms",
    [
        "sysselsättning sysselsättningen sysselsättningar sysselsättningarna",
        "boendestöd boendestödet",
        "boendestödjare boendestödjaren boendestödjarna",
        "bok böcker böckerna",
        "ohälsa ohälsan",
        "anhörig anhöriga anhörigas",
        "gå går gick gått",
        "barn barnen barnens",
        "utvärdering utvärderingar utvärderingens",
        "Farsta farstas",
    ],
)
def test_forms_of_a_word_have_one_key(forms):
    assert len({swedish.key(form.casefold()) for form in forms.split()}) == 1


@pytest.mark.parametrize(("one", "other"), [("höra", "hora"), ("å", "a"), ("lön", "lon")])
def test_letters_are_letters(one, other):
    assert swedish.key(one) != swedish.key(other)


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("boendestöd", ("boende", "stöd")),
        ("missbruksvård", ("missbruks", "vård")),
        ("ungdomsmottagning", ("ungdoms", "mottagning")),
        ("sysselsättning", ()),
        ("lägenhet", ()),
        ("bok", ()),
        ("asi2", ()),
    ],
)
def test_a_compound_is_parted_as_it_stands(word, parts):
    assert swedish.compound(word) == parts


@pytest.mark.parametrize(
    ("part", "base"),
    [
        ("bistånds", "bistånd"),
        ("samlar", "samlare"),
        ("skol", "skola"),
        ("föräldra", "förälder"),
        ("mötes", "möte"),
        ("vardags", "vardag"),
    ],
)
def test_the_first_part_of_a_compound_has_its_base_form(part, base):
    assert swedish.first_part(part) == base


def test_words_are_told_apart_at_all_that_is_no_letter_or_figure():
    assert swedish.forms("ASI-intervju, SoL:s år 2015/16 – e\u0301n_ÅNGEST!") == [
        *("asi", "intervju", "sol", "år", "2015", "16", "én", "ångest"),
    ]


def test_stop_words_and_single_letters_are_left_out_unless_every_word_counts():
    assert swedish.forms("Det är a och o att gå ut") == ["ut"]
    assert swedish.forms("gå ut", every=True) == ["gå", "ut"]


def test_a_string_longer_than_any_word_is_none():
    assert swedish.forms("a" * 61) == []
    assert swedish.forms("a" * 60) == ["a" * 60]
