"""ISBN, ISSN, DOI and URN:NBN: what is taken, what is refused and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library import identifiers
from library.identifier_fields import IdentifierFormField

DIGITS = st.text("0123456789", min_size=9, max_size=9)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("isbn", "0-306-40615-2", "9780306406157"),
        ("isbn", "ISBN-13: 978-0-306-40615-7", "9780306406157"),
        ("isbn", "080442957x", "9780804429573"),
        ("isbn", "979–10–90636–07–1", "9791090636071"),
        ("issn", "0378-5955", "0378-5955"),
        ("issn", "ISSN 2434561x", "2434-561X"),
        ("doi", "https://doi.org/10.1000/ABC%28x%29", "10.1000/abc(x)"),
        ("doi", "doi: 10.1016/J.Jad.2020.01.001", "10.1016/j.jad.2020.01.001"),
        ("doi", "http://dx.doi.org/10.1000/182", "10.1000/182"),
        ("urn", "URN:NBN:SE:su:diva-12345", "urn:nbn:se:su:diva-12345"),
        ("urn", "https://urn.kb.se/resolve?urn=urn:nbn:se:kth:diva-9", "urn:nbn:se:kth:diva-9"),
        ("urn", "urn:nbn:fi-fe2019", "urn:nbn:fi-fe2019"),
        ("urn", "urn:nbn:de:gbv:089-3321752945", "urn:nbn:de:gbv:089-3321752945"),
    ],
)
def test_typed_or_pasted_it_is_kept_in_one_form(kind, typed, kept):
    assert getattr(identifiers, kind)(typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "told"),
    [
        ("isbn", "978-0-306-40615-8", "kontrollsiffran är fel"),
        ("isbn", "0-306-40615-3", "kontrollsiffran är fel"),
        ("isbn", "977-0-306-40615-7", "börjar på 978 eller 979"),
        ("isbn", "12345", "har 13 siffror"),
        ("isbn", "٩٧٨٠٣٠٦٤٠٦١٥٧", "har 13 siffror"),
        ("issn", "0378-5956", "kontrollsiffran är fel"),
        ("issn", "0378", "åtta tecken"),
        ("doi", "11.1000/182", "börjar på 10."),
        ("doi", "10.1000", "snedstreck"),
        ("doi", "10.1000/a b", "börjar på 10."),
        ("doi", f"10.1000/{'a' * 300}", "högst 200 tecken"),
        ("urn", "urn:isbn:123", "börjar på urn:nbn:"),
        ("urn", "urn:nbn:de:gbv:089-3321752946", "kontrollsiffran är fel"),
        ("urn", f"urn:nbn:se:{'a' * 300}-1", "högst 200 tecken"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(kind, typed, told):
    with pytest.raises(identifiers.NotThat, match=told):
        getattr(identifiers, kind)(typed)


@given(DIGITS)
def test_ten_digits_become_thirteen_and_stay_the_same(nine):
    old = nine + identifiers._isbn10_check(nine)
    kept = identifiers.isbn(old)
    assert (kept[:3], kept[3:12]) == ("978", nine)
    assert identifiers.isbn(kept) == identifiers.isbn(f"{kept[:3]}-{kept[3:]}") == kept


@given(DIGITS, st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(nine, place, off):
    old = nine + identifiers._isbn10_check(nine)
    wrong = old[:place] + str((int(old[place]) + off) % 10) + old[place + 1 :]
    with pytest.raises(identifiers.NotThat):
        identifiers.isbn(wrong)


@given(st.text("0123456789", min_size=7, max_size=7))
def test_one_check_character_of_eleven_makes_an_issn(seven):
    found = []
    for check in "0123456789X":
        try:
            found.append(identifiers.issn(f"{seven[:4]}-{seven[4:]}{check}"))
        except identifiers.NotThat:
            continue
    assert len(found) == 1
    assert identifiers.issn(found[0]) == found[0]


@given(st.text(max_size=60))
def test_whatever_is_typed_is_refused_or_kept_as_it_is_kept_again(text):
    for kind in ("isbn", "issn", "doi", "urn"):
        kept = getattr(identifiers, kind)
        try:
            once = kept(text)
        except identifiers.NotThat:
            continue
        assert kept(once) == once


def test_a_form_field_says_it_at_the_field():
    field = IdentifierFormField(kept=identifiers.isbn, required=False)
    assert (field.clean(" 0-306-40615-2 "), field.clean("")) == ("9780306406157", "")
