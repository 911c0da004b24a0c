"""How the fields of a draft keep whatever is typed, and say in plain words what is wrong."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.validators import MaxLengthValidator
from django.utils.html import format_html

from core.fields import PartialDateFormField
from inventory.questions import Question

MOST_LETTERS = 10_000
EMPTY = frozenset({"required", "missing"})
SHORT = frozenset({"plain_summary", "funding", "setting", "dose", "user_involvement_text"})


def plainly(field: forms.Field, name: str) -> None:
    """Let a field keep whatever is typed, and say in plain words what cannot be understood."""
    if isinstance(field, forms.TypedChoiceField) and isinstance(field.widget, forms.RadioSelect):
        choices = cast(Iterable[tuple[Any, Any]], field.choices)
        field.choices = [(value, label) for value, label in choices if value]
    elif isinstance(field, PartialDateFormField):
        field.widget.attrs |= {"class": "short"}
    elif isinstance(field.widget, forms.Textarea):
        field.widget.attrs |= {"rows": 2 if name in SHORT else 5}
        field.validators.append(too_long())
    field.widget.attrs.pop("maxlength", None)  # it would cut off what is pasted in silence


def too_long() -> MaxLengthValidator:
    """For long texts."""
    return MaxLengthValidator(
        MOST_LETTERS,
        "Texten är för lång: %(show_value)d tecken. Korta den till högst %(limit_value)d.",
    )


def told(question: Question) -> str:
    """What helps to answer: a line, and an example."""
    if not question.example:
        return question.help
    return format_html(
        '{}{}<span class="example">Exempel: {}</span>',
        question.help,
        " " if question.help else "",
        question.example,
    )


def malformed(form: forms.BaseForm) -> dict[str, list[str]]:
    """The errors at what is typed in a form, by its fields' names there."""
    found: dict[str, list[str]] = {}
    for name, errors in form.errors.as_data().items():
        told = [text for error in errors if error.code not in EMPTY for text in error.messages]
        if told and name != NON_FIELD_ERRORS:
            found[form.add_prefix(name)] = told
    return found
