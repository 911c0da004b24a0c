"""Dates as sources give them: a day, a month or a year alone. Files as somebody sends them.

And what a field is called."""

import datetime
import re
from functools import total_ordering
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Self

from django import forms
from django.core.checks import CheckMessage, Error
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.files import File
from django.db import models
from django.db.models.fields.files import FieldFile
from django.utils.dates import MONTHS

from core.forms import UploadField
from core.uploads.names import MOST_CHARACTERS

_PATTERN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
EXAMPLE = "Skriv ett datum som 2015, 2015-09 eller 2015-09-01."


@total_ordering
class PartialDate:
    """A date with reduced precision (ISO 8601): 2015, 2015-09 or 2015-09-01.

    Orders by its first day; raises ValueError for a text that is no such date.
    """

    __slots__ = ("day", "month", "year")

    def __init__(self, text: str) -> None:
        match = _PATTERN.fullmatch(text)
        if not match:
            raise ValueError(f"Not a partial date: {text!r}")
        year = int(match[1])
        month, day = (int(part) if part else None for part in match.groups()[1:])
        # Raises for 2015-13, 2015-00 and 2015-02-30.
        datetime.date(year, 1 if month is None else month, 1 if day is None else day)
        self.year = year
        self.month = month
        self.day = day

    @classmethod
    def of(cls, value: Any) -> Self | None:
        """The partial date of a text, a date or another partial date; None for nothing."""
        if value in (None, ""):
            return None
        return value if isinstance(value, cls) else cls(str(value))

    def __str__(self) -> str:
        parts = [f"{self.year:04}"] + [f"{part:02}" for part in (self.month, self.day) if part]
        return "-".join(parts)

    def __repr__(self) -> str:
        return f"PartialDate({str(self)!r})"

    @property
    def first_day(self) -> datetime.date:
        """The first day that the date can mean."""
        return datetime.date(self.year, self.month or 1, self.day or 1)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PartialDate) and str(self) == str(other)

    def __lt__(self, other: "PartialDate") -> bool:
        return str(self) < str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    @property
    def spoken(self) -> str:
        """As one says it in Swedish: "2015", "september 2015", "1 september 2015"."""
        words = [str(self.day)] if self.day else []
        words += [str(MONTHS[self.month]).lower()] if self.month else []
        return " ".join([*words, str(self.year)])


class PartialDateFormField(forms.CharField):
    """A text field that takes 2015, 2015-09 or 2015-09-01 between 1900 and 2100."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = None  # "hösten 2015" is answered with an example, not its length
        kwargs.setdefault("help_text", "Ett år räcker: 2015, 2015-09 eller 2015-09-01.")
        super().__init__(*args, **kwargs)

    def clean(self, value: Any) -> PartialDate | None:
        """The typed date, or a message with an example."""
        text = super().clean(value)
        try:
            date = PartialDate.of(text)
        except ValueError:
            raise ValidationError(EXAMPLE, code="invalid") from None
        if date and not 1900 <= date.year <= 2100:
            raise ValidationError("Året måste ligga mellan 1900 och 2100.", code="range")
        return date

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether something else was typed than what the date is written as."""
        return super().has_changed(str(initial or ""), data)


if TYPE_CHECKING:
    _TextField = models.CharField["PartialDate | str | None", "PartialDate | None"]
else:
    _TextField = models.CharField


class PartialDateField(_TextField):
    """A PartialDate, stored as its ISO text, which sorts by date; empty when unknown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 10
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, *args: Any) -> PartialDate | None:
        """Text from the database."""
        return PartialDate.of(value)

    def to_python(self, value: Any) -> PartialDate | None:
        """Any accepted value; raises ValidationError for a text that is no date."""
        try:
            return PartialDate.of(value)
        except ValueError:
            raise ValidationError(EXAMPLE, code="invalid") from None

    def get_prep_value(self, value: Any) -> str:
        """ISO text for the database; empty for None."""
        return str(PartialDate.of(value) or "")

    def value_to_string(self, obj: models.Model) -> str:
        """ISO text for serialised data."""
        return self.get_prep_value(self.value_from_object(obj))

    def formfield(self, **kwargs: Any) -> Any:
        """A text field with an example."""
        return super().formfield(**{"form_class": PartialDateFormField, **kwargs})

    def run_validators(self, value: Any) -> None:
        """Length is given by the type itself."""

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Empty is allowed where blank is."""
        if value is None and not self.blank:
            raise ValidationError(self.error_messages["blank"], code="blank")


class StoredFile(FieldFile):
    """A stored file that remembers the name it was sent with and is fetched through our views."""

    field: "UploadedFileField"
    instance: Any

    def save(self, name: str, content: File, save: bool = True) -> None:
        """Store it under a name that cannot be guessed, and keep the one that is shown."""
        shown = PurePosixPath(name).name[:MOST_CHARACTERS]
        setattr(self.instance, self.field.name_field, shown)
        super().save(name, content, save)

    @property
    def url(self) -> str:
        """Its object's own address, which asks who may see it; never the storage's."""
        address: str = self.instance.get_absolute_url()
        return address


class UploadedFileField(models.FileField):
    """A file that forms examine (core.uploads).

    `upload_to` is a core.uploads.RandomName. `name_field` names a text field, declared after this
    one, that holds the name the file was sent with.
    """

    attr_class = StoredFile

    def __init__(self, *args: Any, name_field: str = "name", **kwargs: Any) -> None:
        self.name_field = name_field
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        """With the name's field."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "name_field": self.name_field}

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """The name is written after the file has been stored: its field must come after."""
        names = [field.name for field in self.model._meta.local_fields]
        if self.name_field in names[names.index(self.name) :]:
            return super().check(**kwargs)
        problem = f"{self.model.__name__}.{self.name_field} must be declared after the file."
        return [*super().check(**kwargs), Error(problem, obj=self, id="core.E001")]

    def formfield(self, **kwargs: Any) -> Any:
        """The form field that examines."""
        return super().formfield(**{"form_class": UploadField, **kwargs})


def field_label(model: type[models.Model], name: str) -> str:
    """What a field is called; a name that is no field's stands as it is."""
    try:
        return str(getattr(model._meta.get_field(name), "verbose_name", name))
    except FieldDoesNotExist:
        return name
