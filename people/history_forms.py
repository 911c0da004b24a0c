"""What of the history somebody wants to see."""

import datetime
import re
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet

from core.history import values_of
from core.models import AuditEntry
from people import history
from people.models import User

FIRST_DAY, LAST_DAY = datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)
NO_DAY = "Skriv ett datum som 2026-05-17."
WRONG_ORDER = "Till och med kan inte vara före från och med."
MOST_WORDS = 10
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class DayInput(forms.DateInput):
    """A browser's own calendar; but what is no day is shown as it was typed, for correction."""

    input_type = "date"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """As text where the calendar would show nothing."""
        context = super().get_context(name, value, attrs)
        shown = context["widget"]["value"]
        if shown and not ISO_DAY.fullmatch(shown):
            context["widget"]["type"] = "text"
        return context


class DayField(forms.DateField):
    """A day that any calendar and database can hold."""

    def __init__(self, label: str, *, required: bool = False, **kwargs: Any) -> None:
        super().__init__(
            label=label,
            required=required,
            input_formats=["%Y-%m-%d"],
            widget=DayInput(attrs={"class": "short"}, format="%Y-%m-%d"),
            error_messages={"invalid": NO_DAY, "required": NO_DAY},
            validators=[
                MinValueValidator(FIRST_DAY, "Skriv ett datum efter 1900."),
                MaxValueValidator(LAST_DAY, "Skriv ett datum före 2101."),
            ],
            **kwargs,
        )


class DaysForm(forms.Form):
    """From one day to another; either may be left open."""

    fran = DayField("Från och med")
    till = DayField("Till och med")

    def clean(self) -> dict[str, Any]:
        """They come in order."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("fran"), cleaned.get("till")
        if first and last and last < first:
            self.add_error("till", WRONG_ORDER)
        return cleaned


def _choice(label: str, unknown: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, required=False, error_messages={"invalid_choice": unknown}
    )


class HistoryFilter(DaysForm):
    """Narrows the history. What is not understood is told, and the rest still narrows."""

    q = forms.CharField(label="Ord i namnet", required=False, max_length=200)
    slag = _choice("Slag", "Det slaget finns inte i historiken. Välj ett i listan.")
    handelse = _choice("Händelse", "Den händelsen finns inte i historiken. Välj en i listan.")
    konto = forms.CharField(
        label="Konto",
        required=False,
        max_length=254,
        help_text="E-postadress eller kontonummer.",
    )
    field_order = ("q", "slag", "handelse", "konto", "fran", "till")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages.setdefault("max_length", "Skriv något kortare.")
        kinds = [(kind, history.kind_label(kind)) for kind in values_of("app_model")]
        self._offer("slag", "Alla slag", sorted(kinds, key=lambda pair: pair[1]))
        self._offer("handelse", "Alla händelser", [(verb, verb) for verb in values_of("verb")])

    def _offer(self, name: str, nothing: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [("", nothing), *choices]

    def clean_konto(self) -> int | None:
        """The number of the account."""
        typed = self.cleaned_data["konto"].strip()
        if not typed:
            return None
        if typed.isdecimal() and len(typed) < 10:
            return int(typed)
        found = User.objects.filter(email=typed.lower()).values_list("pk", flat=True).first()
        if found is None:
            raise forms.ValidationError("Det finns inget konto med den adressen eller det numret.")
        return found

    def narrow(self, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """The lines that were asked for."""
        self.is_valid()
        wanted = {
            name: value for name, value in self.cleaned_data.items() if value not in (None, "")
        }
        entries = history.between(entries, wanted.get("fran"), wanted.get("till"))
        fields = {"slag": "app_model", "handelse": "verb", "konto": "by"}
        entries = entries.filter(
            **{field: wanted[name] for name, field in fields.items() if name in wanted}
        )
        for word in wanted.get("q", "").split()[:MOST_WORDS]:
            entries = entries.filter(_holds(word))
        return entries


def _holds(word: str) -> Q:
    # SQLite knows no capital å, ä and ö: the likely ways of writing are asked for one by one.
    spelled = Q()
    for way in {word, word.lower(), word.upper(), word.capitalize()}:
        spelled |= Q(object_label__icontains=way)
    return spelled
