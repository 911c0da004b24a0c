"""What a registrar asks for when records are handed out."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from people import records
from people.history_forms import DaysForm

LETTERS = "0-9A-Za-zÅÄÖåäöÉéÜü"
REFERENCE = RegexValidator(
    rf"\A[{LETTERS}][{LETTERS} /:.-]*\Z",
    "Skriv diarienumret med bokstäver, siffror, mellanslag och tecknen - / : . som i SF 2026/123.",
)


class HandOutForm(DaysForm):
    """Which records, of which days, for which errand."""

    serie = forms.ChoiceField(
        label="Handlingar",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Välj vilka handlingar som ska lämnas ut.",
            "invalid_choice": "De handlingarna finns inte. Välj i listan.",
        },
    )
    diarienummer = forms.CharField(
        label="Diarienummer",
        max_length=60,
        validators=[REFERENCE],
        help_text="Numret på ärendet, till exempel SF 2026/123. Det står i historiken och i"
        " filens namn.",
        error_messages={
            "required": "Skriv ärendets diarienummer.",
            "max_length": "Diarienumret får ha högst 60 tecken.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    format = forms.ChoiceField(
        label="Format",
        choices=list(records.FORMATS.items()),
        initial=records.CSV,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Välj ett format.",
            "invalid_choice": "Det formatet finns inte. Välj i listan.",
        },
    )
    field_order = ("serie", "fran", "till", "diarienummer", "format")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["serie"]
        assert isinstance(chosen, forms.ChoiceField)  # noqa: S101
        chosen.choices = [(each.key, each.label) for each in records.all_series.values()]
        chosen.initial = next(iter(records.all_series), None)

    @property
    def errand(self) -> records.Errand:
        """What was asked for, once valid."""
        asked = self.cleaned_data
        return records.Errand(
            series=records.all_series[asked["serie"]],
            reference=asked["diarienummer"],
            first=asked["fran"],
            last=asked["till"],
            form=asked["format"],
        )
