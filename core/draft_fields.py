"""Fields of a draft's forms: they keep whatever is typed, and say what is not understood."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.validators import MaxLengthValidator

from core.fields import PartialDateFormField
from core.forms import SwedishNumber

MOST_LETTERS = 10_000
LONGEST_NUMBER = 18  # digits
# What is said of a field without an answer, as opposed to one that cannot be understood.
EMPTY = frozenset({"required", "missing"})


class Several(forms.ModelMultipleChoiceField):
    """Rows by their numbers; one that no database can hold is like any that is not there."""

    def clean(self, value: Any) -> Any:
        """The rows."""
        for pk in value or ():
            if isinstance(pk, str) and pk.isdecimal() and len(pk) > LONGEST_NUMBER:
                message = self.error_messages["invalid_choice"]
                raise forms.ValidationError(message, code="invalid_choice", params={"value": pk})
        return super().clean(value)


def plainly(field: forms.Field, *, short: bool = False) -> None:
    """Let a field keep whatever is typed, and say in plain words what cannot be understood."""
    if isinstance(field, forms.TypedChoiceField) and isinstance(field.widget, forms.RadioSelect):
        choices = cast(Iterable[tuple[Any, Any]], field.choices)
        field.choices = [(value, label) for value, label in choices if value]
    elif isinstance(field, PartialDateFormField):
        field.widget.attrs |= {"class": "short"}
    elif isinstance(field.widget, forms.Textarea):
        field.widget.attrs |= {"rows": 2 if short else 5}
        field.validators.append(too_long())
    field.widget.attrs.pop("maxlength", None)  # it would cut off what is pasted in silence


def too_long() -> MaxLengthValidator:
    """For long texts."""
    return MaxLengthValidator(
        MOST_LETTERS,
        "Texten är för lång: %(show_value)d tecken. Korta den till högst %(limit_value)d.",
    )


def malformed(form: forms.BaseForm) -> dict[str, list[str]]:
    """The errors at what is typed in a form, by its fields' names there."""
    found: dict[str, list[str]] = {}
    for name, errors in form.errors.as_data().items():
        told = [text for error in errors if error.code not in EMPTY for text in error.messages]
        if told and name != NON_FIELD_ERRORS:
            found[form.add_prefix(name)] = told
    return found


def forgive(form: forms.BaseForm) -> None:
    """Say at the fields only what cannot be understood, not what is missing so far."""
    for name, errors in list(form.errors.as_data().items()):
        kept = [error for error in errors if error.code not in EMPTY]
        del form.errors[name]
        if kept and name != NON_FIELD_ERRORS:
            form.add_error(name, kept)


def spoken(field: forms.Field | None, typed: list[str]) -> list[str]:
    """What is answered at a field, as one reads it: the words of what is chosen."""
    if isinstance(field, SwedishNumber):
        return [text.replace(".", ",") for text in typed]
    if not isinstance(field, forms.ChoiceField):
        return typed
    choices = cast(Iterable[tuple[Any, Any]], field.choices)
    words = {str(value): str(label) for value, label in choices}
    return [words.get(value, value) for value in typed]


def as_typed(field: forms.Field, value: Any) -> list[str]:
    """A value as it would be typed."""
    if value in (None, ""):
        return []
    if isinstance(field, forms.ModelMultipleChoiceField):
        return sorted(str(row.pk) for row in value)
    if isinstance(value, Decimal):
        return [f"{value.normalize():f}".replace(".", ",")]
    return [str(value)]
