"""What a unit types about its project while it runs and when it ends."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from core.fields import PartialDate, PartialDateFormField
from core.forms import FreeText, SwedishNumber, SwedishWhole, refuse_unseen
from core.personnummer import refuse_personnummer
from core.templatetags.ksi import number
from inventory.models import Measure, Project

LONGEST_TEXT = 10_000
MOST_PEOPLE = 1_000_000
MOST = 1_000_000_000
# What stood before a project began may be measured too.
BEFORE_START = 5
NOT_YET = "Det datumet har inte varit än. Skriv i dag eller tidigare."


def people(label: str, *, least: int = 0, **kwargs: Any) -> SwedishWhole:
    """A field for how many."""
    return SwedishWhole(
        label=label,
        min_value=least,
        max_value=MOST_PEOPLE,
        few=f"Skriv ett tal som är {least} eller mer.",
        many="Talet är för stort. Skriv högst en miljon.",
        widget=forms.TextInput(attrs={"class": "short"}),
        **kwargs,
    )


class PastDate(PartialDateFormField):
    """A date, month or year that has begun."""

    widget = forms.TextInput(attrs={"class": "short"})

    def clean(self, value: Any) -> PartialDate | None:
        """The date, unless it is still to come."""
        date = super().clean(value)
        if date and date.first_day > timezone.localdate():
            raise forms.ValidationError(NOT_YET, code="future")
        return date


def this_month() -> str:
    """The month of today as one types it."""
    return f"{timezone.localdate():%Y-%m}"


class PointForm(forms.Form):
    """What a measure showed on a date."""

    date = PastDate(
        label="När",
        help_text="En månad räcker, till exempel 2026-03.",
        initial=this_month,
        error_messages={"required": "Skriv när det mättes, till exempel 2026-03."},
    )
    value = SwedishNumber(
        label="Värde",
        widget=forms.TextInput(attrs={"class": "short"}),
        error_messages={"required": "Skriv värdet, till exempel 62 eller 62,5."},
    )
    n = people(
        "Antal svarande (n)",
        least=1,
        required=False,
        help_text="Hur många som värdet bygger på.",
        error_messages={"invalid": "Skriv ett helt tal med siffror, till exempel 24."},
    )
    source = forms.CharField(
        label="Källa",
        max_length=250,
        required=False,
        help_text="Till exempel Enkät i mars.",
        validators=[refuse_personnummer, refuse_unseen],
        error_messages={"max_length": "Källan får ha högst 250 tecken."},
    )

    def __init__(self, *args: Any, measure: Measure, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.measure = measure
        unit = "procent, 0 till 100" if measure.is_share else measure.unit
        self.fields["value"].help_text = f"I {unit}."

    def clean_date(self) -> PartialDate:
        """No more than some years before the project began."""
        date: PartialDate = self.cleaned_data["date"]
        start = self.measure.project.start_date
        if start and date.year < start.year - BEFORE_START:
            raise forms.ValidationError(
                f"Projektet började {start.spoken}. Skriv ett år från {start.year - BEFORE_START}."
            )
        return date

    def clean_value(self) -> Decimal:
        """Within what the measure can show."""
        value: Decimal = self.cleaned_data["value"]
        if self.measure.is_share and not 0 <= value <= 100:
            raise forms.ValidationError("Måttet är i procent. Skriv ett tal från 0 till 100.")
        if abs(value) > MOST:
            raise forms.ValidationError("Talet är för stort. Skriv högst en miljard.")
        if value < 0 and not self._goes_below_zero():
            raise forms.ValidationError("Skriv ett tal som är 0 eller mer.")
        return value

    def _goes_below_zero(self) -> bool:
        known = [self.measure.baseline_value, self.measure.target_value]
        known += self.measure.points.values_list("value", flat=True)
        return any(value is not None and value < 0 for value in known)

    def refuse_twice(self) -> None:
        """Say that the value is there already."""
        date, value = self.cleaned_data["date"], self.cleaned_data["value"]
        told = f"Värdet {number(value)} för {date.spoken} finns redan, med annat antal eller källa."
        self.add_error("value", told)


def lesson(label: str, help_text: str, required: str) -> FreeText:
    """A long text about what was learnt."""
    return FreeText(
        label=label,
        max_length=LONGEST_TEXT,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": required},
    )


class EndingForm(forms.ModelForm):
    """How a project ended, and what others can learn from it."""

    results = lesson(
        "Vad blev resultatet?",
        "Vad hände för dem det var till för? Skriv också om ni inte vet säkert.",
        "Skriv vad resultatet blev. Vet ni inte, skriv det.",
    )
    what_failed = lesson(
        "Vad fungerade inte?",
        "Det här är ofta det mest användbara för andra. Ingen blir bedömd för det som står här.",
        "Skriv vad som inte fungerade. Fungerade allt, skriv det.",
    )
    advice = lesson(
        "Vilka råd ger ni nästa?",
        "Vad hade ni velat veta från början?",
        "Skriv minst ett råd till dem som vill göra något liknande.",
    )
    continuation = lesson(
        "Vad händer nu?",
        "Lever något vidare, i ordinarie verksamhet eller på annat sätt?",
        "Skriv vad som händer nu. Fortsätter inget, skriv det.",
    )
    reach_actual = people(
        "Hur många nådde ni?",
        help_text="Ungefär räcker.",
        error_messages={
            "required": "Skriv ungefär hur många ni nådde.",
            "invalid": "Skriv ett helt tal med siffror, till exempel 40.",
        },
    )
    end_date = PastDate(
        label="När tog det slut?",
        error_messages={"required": "Skriv när det tog slut. Ett år räcker."},
    )
    status = forms.ChoiceField(
        label="Hur slutade det?",
        choices=[
            (Project.Status.ENDED, "Det avslutades som det var tänkt"),
            (Project.Status.CLOSED, "Det lades ned i förtid"),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Välj hur det slutade.",
            "invalid_choice": "Välj ett av svaren i listan.",
        },
    )

    class Meta:
        model = Project
        fields = (
            *("status", "end_date", "reach_actual", "results", "what_failed", "advice"),
            "continuation",
        )

    def clean_end_date(self) -> PartialDate:
        """Not before the start; a year alone may hold it."""
        end: PartialDate = self.cleaned_data["end_date"]
        start = self.instance.start_date
        if start and end < start and not str(start).startswith(str(end)):
            raise forms.ValidationError(
                f"Slut kan inte vara före start, som var {start.spoken}.", code="before"
            )
        return end
