"""How forms are written: a field by one template, free text with nobody in it, numbers, files."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.forms.renderers import TemplatesSetting

from core import uploads
from core.mail import refuse_bad_address
from core.personnummer import refuse_personnummer
from core.text import numeral
from core.uploads.kinds import extensions, megabytes
from core.uploads.names import clean_name

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


def one_line(text: str) -> str:
    """A name on one line, of signs that can be seen: it stands in subjects of letters."""
    seen = "".join(sign for sign in clean_text(text) if unicodedata.category(sign) != "Cf")
    return " ".join(seen.split())


def refuse_unseen(text: str) -> None:
    """A validator for what stands on one line: no sign that nobody sees, no line break."""
    if not str(text).isprintable():
        raise forms.ValidationError(
            "Texten innehåller tecken som inte syns. Skriv den för hand i stället för att klistra"
            " in den.",
            code="unseen",
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


NUMBER = "Skriv ett tal med siffror, till exempel 62 eller 62,5."
WHOLE = "Skriv ett helt antal med siffror, till exempel 250000."
# The largest that both databases hold.
MOST_WHOLE = 2_000_000_000


class SwedishNumber(forms.DecimalField):
    """A number as Swedes write it: 1 250,5. A point is taken for a comma.

    The browser gets a field for text: one for numbers empties itself of what is none.
    """

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 14, "decimal_places": 2, **kwargs})
        self.error_messages["invalid"] = NUMBER
        for validator in self.validators:
            if hasattr(validator, "messages"):
                few = "Skriv talet med högst två decimaler."
                many = "Talet är för stort. Skriv högst tolv siffror före kommat."
                validator.messages = {
                    "invalid": NUMBER,
                    "max_digits": many,
                    "max_decimal_places": few,
                    "max_whole_digits": many,
                }

    def to_python(self, value: Any) -> Any:
        """The number; spaces between its thousands do not count."""
        return super().to_python(_read(value))

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Digits first, where the keys are on the screen."""
        return {"inputmode": "decimal"}


class SwedishWhole(forms.IntegerField):
    """A whole number as Swedes write it: 250 000. Nothing after a comma or point: 250.000 may be
    meant as one or the other.
    """

    widget = forms.TextInput
    default_error_messages = {"invalid": WHOLE}

    def __init__(
        self,
        *,
        min_value: int = 0,
        max_value: int = MOST_WHOLE,
        few: str = "Antalet kan inte vara mindre än %(limit_value)s.",
        many: str = "Talet är för stort. Skriv högst två miljarder.",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        most = min(max_value, MOST_WHOLE)
        self.validators += [MinValueValidator(min_value, few), MaxValueValidator(most, many)]

    def to_python(self, value: Any) -> Any:
        """The number."""
        text = _read(value)
        if "." in str(text or ""):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(text)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Digits first, where the keys are on the screen."""
        return {"inputmode": "numeric"}


def _read(value: Any) -> Any:
    """What is typed, as Python reads it: something that it cannot read where it is no number."""
    typed = str(value).strip() if value is not None else ""
    return (numeral(typed) or "inget tal") if typed else None


def careful(db_field: models.Field, form_field: Any) -> Any:
    """The field of a model's form, refusing a personnummer if it takes free text.

    Fields of kinds of their own (e-mail, slug, address, date) and choices are left alone.
    """
    if form_field is None:
        return form_field
    if isinstance(db_field, models.EmailField):
        form_field.validators.append(refuse_bad_address)
    if not takes_free_text(db_field):
        return form_field
    form_field.validators.append(refuse_personnummer)
    if isinstance(db_field, models.CharField):
        form_field.validators.append(refuse_unseen)
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


class UploadField(forms.FileField):
    """A file that has been examined, under its cleaned name.

    Every refusal is said at the field. The browser forgets a chosen file when a form comes back;
    all else that was typed is the form's as usual.
    """

    default_error_messages = {
        "required": "Välj en fil.",
        "invalid": "Filen kom inte fram. Välj den igen och försök igen.",
        "missing": "Filen kom inte fram. Välj den igen och försök igen.",
        "contradiction": "Välj antingen en ny fil eller att ta bort den som finns, inte båda.",
    }

    def __init__(self, *, kinds: tuple[uploads.Kind, ...] = uploads.KINDS, **kwargs: Any) -> None:
        self.kinds = kinds
        kwargs["max_length"] = None  # of the name: core.uploads says it in better words
        kwargs["allow_empty_file"] = True  # as does it of an empty one
        kwargs["help_text"] = kwargs.get("help_text") or told(kinds)
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """With what the browser's window for choosing shows first."""
        accept = ",".join(extensions(self.kinds))
        return {**super().widget_attrs(widget), "accept": accept}

    def to_python(self, data: File | None) -> File | None:
        """The examined file; ValidationError with a sentence for one that is refused."""
        file = super().to_python(data)
        if file is None:
            return None
        try:
            uploads.examine(file, self.kinds)
        except uploads.Refused as problem:
            raise ValidationError(problem.sentence, code=problem.code) from problem
        name = clean_name(file.name or "")
        if bare := getattr(file, "bare", b""):
            # Of a photograph: what the camera wrote in it, such as the place, is left out.
            file = SimpleUploadedFile(name, bare)
        file.name = name
        return file


def told(kinds: tuple[uploads.Kind, ...]) -> str:
    """What may be sent, in a line: the extensions by their largest size."""
    by_size: dict[int, list[uploads.Kind]] = {}
    for kind in kinds:
        by_size.setdefault(kind.max_bytes, []).append(kind)
    lines = [
        f"{', '.join(extension[1:] for extension in extensions(tuple(alike)))} (högst"
        f" {megabytes(size)})"
        for size, alike in by_size.items()
    ]
    return f"Filer av de här slagen: {'; '.join(lines)}."
