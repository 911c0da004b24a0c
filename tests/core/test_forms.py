"""Fields of free text: what is typed is kept, but for what nobody sees and a personnummer."""

import re

import pytest
from django import forms
from django.core.exceptions import ValidationError

from core.forms import NOBODY, FreeText

NUMBER = "811218-9876"


class Note(forms.Form):
    text = FreeText(label="Text", max_length=20, help_text="Kort.")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ett\r\ntvå\rtre\n", "ett\ntvå\ntre"),
        ("a\0b\x07c\x1b[1m\td", "abc[1m\td"),
        ("\u202eabc\u2066", "abc"),
        ("👩‍👩‍👧 é", "👩‍👩‍👧 é"),
        ("  luft \n", "luft"),
    ],
)
def test_signs_that_nobody_sees_are_taken_away_and_the_rest_stays(typed, kept):
    assert FreeText(max_length=20).clean(typed) == kept


@pytest.mark.parametrize("nothing", ["", None, " ", "\0", "\r\n"])
def test_nothing_is_nothing(nothing):
    assert FreeText(max_length=20, required=False).clean(nothing) == ""
    with pytest.raises(ValidationError):
        FreeText(max_length=20).clean(nothing)


def test_a_line_end_is_one_sign_and_too_many_are_counted():
    assert FreeText(max_length=3).clean("a\r\nb") == "a\nb"
    with pytest.raises(ValidationError) as refused:
        FreeText(max_length=3).clean("abcd")
    assert refused.value.messages == ["Texten är för lång: 4 tecken. Korta den till högst 3."]


def test_a_personnummer_is_refused_and_stays_in_the_form():
    note = Note({"text": f"Bo {NUMBER}"})
    markup = note["text"].as_field_group()
    assert note.errors["text"][0].startswith("Texten innehåller något som ser ut som ett person")
    assert f"Bo {NUMBER}</textarea>" in markup


def test_the_warning_stands_at_the_field_and_is_read_with_it():
    markup = Note()["text"].as_field_group()
    (described,) = re.findall(r'<textarea[^>]* aria-describedby="(.*?)"', markup)
    assert f'<div class="help" id="{described}">Kort. {NOBODY}</div>' in markup
    assert "maxlength" not in markup
