"""How forms are written: each field by one template, free text without anybody in it."""

import unicodedata
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.db import models
from django.forms.renderers import TemplatesSetting

from core.personnummer import refuse_personnummer

NOBODY = "Skriv inget som pekar ut en person: inga namn, inget personnummer."
# Fields of models where a long number is meant, by name, wherever they stand.
DIGITS_ARE_MEANT = frozenset({"contact_phone", "password", "reference_number"})
# Unseen signs that turn the direction of what follows them, and can make a text read as another.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Renderer(TemplatesSetting):
    """`{{ field.as_field_group }}` is templates/_parts/field.html."""

    field_template_name = "_parts/field.html"


def clean_text(text: str) -> str:
    """Typed text without signs that nobody sees, each line ended by one newline."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        sign
        for sign in lines
        if sign in "\n\t" or unicodedata.category(sign) not in {"Cc", "Cs"}
        if sign not in _TURNING
    )


class FreeText(forms.CharField):
    """A text of several lines that refuses a personnummer and warns against describing anybody.

    The browser gets no `maxlength`: it would cut off what is pasted without saying so.
    """

    widget = forms.Textarea

    def __init__(self, *, max_length: int, help_text: str = "", **kwargs: Any) -> None:
        super().__init__(help_text=f"{help_text} {NOBODY}".strip(), **kwargs)
        self.validators += [
            MaxLengthValidator(
                max_length,
                "Texten är för lång: %(show_value)d tecken. Korta den till högst %(limit_value)d.",
            ),
            refuse_personnummer,
        ]

    def to_python(self, value: Any) -> str:
        """The text without signs that nobody sees, and without air around it."""
        text = clean_text(str(value)) if value is not None else None
        return super().to_python(text) or ""


def careful(db_field: models.Field, form_field: Any) -> Any:
    """The field of a model's form, refusing a personnummer if it takes free text.

    Fields of kinds of their own (e-mail, slug, address, date) and choices are left alone.
    """
    if form_field is None or not takes_free_text(db_field):
        return form_field
    form_field.validators.append(refuse_personnummer)
    if isinstance(db_field, models.TextField):
        form_field.help_text = f"{form_field.help_text} {NOBODY}".strip()
    return form_field


def takes_free_text(db_field: models.Field) -> bool:
    """Whether anything may be written there, a personnummer included."""
    # Exactly these: what is derived from them says itself what it takes.
    free = type(db_field) in {models.CharField, models.TextField} and not db_field.choices
    return free and db_field.name not in DIGITS_ARE_MEANT


def careful_formfield(db_field: models.Field, **kwargs: Any) -> Any:
    """For the `formfield_callback` of a model form."""
    return careful(db_field, db_field.formfield(**kwargs))
