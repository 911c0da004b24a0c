"""Personnummer and samordningsnummer are found however they are written, and little else is."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from core.personnummer import control_digit, found_in, refuse_personnummer

# Made up by Skatteverket for tests: 811218-9876 is the example of SKV 704, 701063-2391 of SKV 707.
EXAMPLE, COORDINATION = "811218-9876", "701063-2391"
DATES = st.dates(datetime.date(1800, 1, 1), datetime.date(2099, 12, 31))
DASHES = [*"-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"]
SIGNS = [*DASHES, "", " ", " - ", "\u00a0", "  ", " \u00a0", "  \u2014 "]


@st.composite
def numbers(draw) -> tuple[str, str, str]:
    """Century, birthday (or that of a samordningsnummer) and the last four."""
    born = draw(DATES)
    day = born.day + draw(st.sampled_from([0, 60]))
    six = f"{born:%y%m}{day:02}"
    three = f"{draw(st.integers(0, 999)):03}"
    return str(born.year)[:2], six, f"{three}{control_digit(six + three)}"


@pytest.mark.parametrize(
    "written",
    [
        *(EXAMPLE, "8112189876", "811218 9876", "811218+9876", "19811218-9876", "198112189876"),
        *("18811218+9876", "1981-12-18-9876", "811218 - 9876", "811218–9876", COORDINATION),
        "197010632391",
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "Han (född {}) bor här.", "nr:{},", "År 2015 {}\n", "x{}y"]
)
def test_a_number_is_found_in_any_text(written, around):
    assert list(found_in(around.format(written))) == [written]


def test_every_number_of_a_text_is_found():
    assert list(found_in(f"{EXAMPLE},{COORDINATION} / {EXAMPLE}")) == [
        *(EXAMPLE, COORDINATION, EXAMPLE)
    ]


def test_invisible_signs_and_other_digits_hide_nothing():
    assert list(found_in("8112\u00ad18-98\u200b76")) == [EXAMPLE]
    fullwidth = "".join(chr(ord(sign) + 0xFEE0) for sign in "8112189876")
    assert list(found_in(fullwidth)) == [fullwidth]


def test_combining_signs_hide_nothing():
    assert list(found_in("8112\u033718-98\u030176")) == [EXAMPLE]
    assert list(found_in("8\ufe0f\u20e31121\u0338898\u033676")) == ["8112189876"]


def test_a_plus_of_any_width_is_a_hundred_years():
    assert list(found_in("811218\uff0b9876 811218\ufe629876")) == [
        *("811218\uff0b9876", "811218\ufe629876")
    ]
    assert list(found_in("000229\uff0b0005")) == []


@pytest.mark.parametrize(
    "text",
    [
        "811218-9875",  # another control digit
        *("811318-9870", "810230-9878", "000000-0000", "19990229-0009"),  # no such days
        *("750 000 000 000 kronor", "7 500 000 000", "1 981 121 898,76"),
        *("070-123 45 67", "08-508 00 000", "+46 8 508 00 000", "0046701234567"),
        *("Dnr 3.1-447/2016", "1.2.1-811218/2016", "556016-0680", "bankgiro 123-4567"),
        *("5123 4567 8901 2346", "8327-9,123 456 789-0", "811218\n9876", "2015-09-01 1430"),
        *("18112189876", "81121898761", "1-811218-9876", "811218-9876-1", "811218--9876"),
        *("1981-12-18 9876 kr", "1981-12-18 9876–10–31", "1981-12-18 – 9876"),
        "1981-12-18    9876",  # columns
        *("ISBN 978-91-7331-876-4", "8112-18-9876", "", "811218-987"),
    ],
)
def test_other_numbers_are_left_alone(text):
    assert list(found_in(text)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("000229-0005", True),  # 2000 was a leap year
        ("20000229-0005", True),
        ("000229+0005", False),  # and 1900, a hundred years before, was none
        ("19000229-0005", False),
        ("040229-0001", True),
        ("040229+0001", True),
    ],
)
def test_the_last_of_february_depends_on_the_year(text, found):
    assert bool(list(found_in(text))) is found


@given(numbers(), st.sampled_from(SIGNS), st.booleans())
def test_every_number_is_found_in_every_written_form(number, sign, with_century):
    century, six, last = number
    # Without a century the last of February is looked for in 1900 (with a +) or 2000.
    if not with_century and six[2:] in {"0229", "0289"}:
        century = "20"
    if six[:4] == "0002" and six[4:] in {"29", "89"} and century != "20":
        return
    written = f"{century if with_century else ''}{six}{sign}{last}"
    assert list(found_in(f"Text {written}.")) == [written]


@given(numbers(), st.sampled_from(DASHES), st.sampled_from([*DASHES, "", " ", "  ", "\u00a0"]))
def test_every_number_after_a_whole_date_is_found(number, dash, sign):
    century, six, last = number
    if six[4:] > "31" or (six[2:4] == "02" and six[4:] == "29" and not leap(century + six[:2])):
        return  # a samordningsnummer has no such date
    written = f"{century}{dash.join((six[:2], six[2:4], six[4:]))}{sign}{last}"
    assert list(found_in(f"Född {written}, bor här.")) == [written]


def leap(year: str) -> bool:
    return datetime.date(int(year), 3, 1) - datetime.timedelta(1) == datetime.date(int(year), 2, 29)


DIGITS = st.text("0123456789", min_size=2, max_size=2)
GAPS = st.sampled_from([" ", "\u00a0"])
BEFORE = st.sampled_from(["", "Ring ", "2015-09-01 ", "2015-09-01  "])


@given(BEFORE, st.sampled_from(["08", "031", "070", "0701"]), st.lists(DIGITS, min_size=3), GAPS)
def test_no_telephone_number_is_refused(before, area, groups, gap):
    written = gap.join(groups[:4])
    assert list(found_in(f"{before}{area}-{written}, {area}{gap}{written}")) == []


@given(BEFORE, st.integers(0, 10**13), GAPS, st.sampled_from(["kr", "kronor", "tkr", "SEK"]))
def test_no_amount_is_refused(before, amount, gap, unit):
    grouped = f"{amount:,}".replace(",", gap)
    assert list(found_in(f"{before}{grouped} {unit}")) == []
    assert list(found_in(f"{before}{amount % 10**4}{gap}{unit}")) == []


@given(st.integers(20, 99), st.integers(0, 99), st.integers(0, 99), st.integers(0, 9999))
def test_no_organisation_number_is_refused(third, first, fifth, last):
    for sign in SIGNS:
        assert list(found_in(f"{first:02}{third}{fifth:02}{sign}{last:04}")) == []


@given(numbers(), st.sampled_from(SIGNS), st.integers(1, 9))
def test_no_number_is_found_with_another_control_digit(number, sign, more):
    century, six, last = number
    wrong = f"{last[:3]}{(int(last[3]) + more) % 10}"
    assert list(found_in(f"{six}{sign}{wrong} {century}{six}{sign}{wrong}")) == []


@given(st.text())
def test_no_text_is_too_much(text):
    assert all(sum(sign.isdigit() for sign in number) in {10, 12} for number in found_in(text))


def test_the_refusal_says_what_to_do_and_does_not_repeat_the_number():
    with pytest.raises(ValidationError) as refused:
        refuse_personnummer(f"Ring Bo, {EXAMPLE}")
    assert refused.value.messages == [
        "Texten innehåller något som ser ut som ett personnummer (8112…). Ta bort det: ingen"
        " enskild person ska pekas ut här. Är det ett annat slags nummer? Dela upp det med"
        " mellanslag."
    ]
    refuse_personnummer("Ring enheten, 08-508 00 000.")
