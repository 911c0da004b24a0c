"""The forms that methods and instruments are written in."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator

from core.forms import FreeText, one_line
from core.personnummer import refuse_personnummer
from library.draft_base import (
    DraftForm,
    Section,
)
from library.models import Grade, Instrument, Method


class ToolDraftForm(DraftForm):
    """A method or an instrument."""

    def clean_name(self) -> str:
        """On one line, and no other's."""
        name = one_line(self.cleaned_data["name"])
        others = self._meta.model._default_manager.filter(name__iexact=name)
        if name and others.exclude(pk=self.of.pk if self.of else None).exists():
            raise forms.ValidationError(f"{name} finns redan. Ändra det som finns.", code="taken")
        return name


GRADED = {
    "value": "Välj en bedömning.",
    "reason": "Skriv skälet i en mening.",
    "graded_by": "Skriv vem som har bedömt.",
    "cited": "Skriv källan till bedömningen.",
}


def grade_names(dimension: str) -> tuple[str, ...]:
    """The fields of one dimension."""
    return tuple(f"grade-{dimension}-{part}" for part in GRADED)


class MethodDraftForm(ToolDraftForm):
    """A method, with its knowledge declaration; a new one also says where it begins."""

    GROUPS = {f"grade-{each}": grade_names(each) for each in Grade.Dimension.values}
    SECTIONS = (
        Section(
            "vad",
            "Vad är det?",
            ("name", "abbreviation", "plain_summary", "purpose", "target_group"),
        ),
        Section(
            "hur",
            "Så görs det",
            ("how", "training", "cost", "fidelity", "risks", "contact_function"),
        ),
        Section(
            "lage",
            "Läge i metodverkstaden",
            ("stage", "stage_reason"),
            "Var metoden börjar. Sedan flyttas den i metodverkstaden.",
        ),
        *(
            Section(
                f"grade-{value}",
                f"Kunskapsdeklaration: {label[0].lower()}{label[1:]}",
                grade_names(value),
                "Allt eller inget: utan skäl, vem och källa är det ”ej bedömt”.",
                more=True,
            )
            for value, label in Grade.Dimension.choices
        ),
        Section(
            "roster",
            "Tre röster",
            ("research_says", "staff_say", "experience_says"),
            "Lämna tomt det som ingen har sagt än. Då bjuder sidan in den som vet.",
            more=True,
        ),
        Section("om", "Vad handlar det om?", ("themes", "service_areas", "instruments")),
        Section("granskning", "Granskning och synlighet", ("reviewed_on", "visibility")),
    )
    REQUIRED = frozenset(
        {"name", "plain_summary", "purpose", "target_group", "how", "stage", "stage_reason"}
    )

    class Meta(DraftForm.Meta):
        model = Method
        fields = (
            *("name", "abbreviation", "plain_summary", "purpose", "target_group", "how"),
            *("training", "cost", "fidelity", "risks", "contact_function", "stage"),
            *("research_says", "staff_say", "experience_says"),
            *("themes", "service_areas", "instruments", "reviewed_on", "visibility"),
        )

    def add_fields(self) -> None:
        """Why it begins where it does; four fields for each dimension."""
        if self.of is None:
            self.fields["stage_reason"] = FreeText(label="Varför där?", max_length=1000)
        else:
            del self.fields["stage"]
        for dimension in Grade.Dimension.values:
            levels = Grade.Effect if dimension == Grade.Dimension.EFFECT else Grade.Level
            fields = {
                "value": forms.ChoiceField(
                    label="Bedömning", choices=[("", Grade.NOT_GRADED), *levels.choices]
                ),
                "reason": short_text("Skäl, i en mening", 300),
                "graded_by": short_text("Bedömt av (funktion eller organisation)", 150),
                "cited": short_text("Källa till bedömningen", 300),
            }
            for part, field in fields.items():
                self.fields[f"grade-{dimension}-{part}"] = field

    def clean(self) -> dict[str, Any]:
        """Each dimension whole, or not at all."""
        cleaned = super().clean() or {}
        for names in self.GROUPS.values():
            self.require_whole(names, dict(zip(names, GRADED.values(), strict=True)))
        return cleaned


def short_text(label: str, most: int) -> forms.CharField:
    """One line that names nobody."""
    too_long = "Texten är för lång: %(show_value)d tecken. Korta den till högst %(limit_value)d."
    return forms.CharField(
        label=label, validators=[MaxLengthValidator(most, too_long), refuse_personnummer]
    )


class InstrumentDraftForm(ToolDraftForm):
    """An instrument."""

    MEASURED = ("psychometrics", "psychometrics_reason", "psychometrics_by", "psychometrics_cited")
    GROUPS = {"psychometrics": MEASURED}
    SECTIONS = (
        Section(
            "vad",
            "Vad är det?",
            ("name", "abbreviation", "kind", "plain_summary", "measures_what", "target_group"),
        ),
        Section(
            "hur",
            "Så används det",
            (
                *("filled_in_by", "time", "rights_and_cost", "training", "manual", "feedback"),
                *("tried_in_sweden", "tried_how"),
            ),
        ),
        Section(
            "matt",
            "Mätegenskaper",
            MEASURED,
            "Allt eller inget: utan skäl, vem och källa är det ”ej bedömt”.",
            more=True,
        ),
        Section("om", "Vad handlar det om?", ("themes", "service_areas", "similar")),
        Section("granskning", "Granskning och synlighet", ("reviewed_on", "visibility")),
    )
    REQUIRED = frozenset(
        (
            *("name", "kind", "plain_summary", "measures_what", "target_group", "filled_in_by"),
            *("time", "rights_and_cost", "tried_in_sweden"),
        )
    )

    class Meta(DraftForm.Meta):
        model = Instrument
        fields = (
            *("name", "abbreviation", "kind", "plain_summary", "measures_what", "target_group"),
            *("filled_in_by", "time", "rights_and_cost", "training", "manual", "feedback"),
            *("tried_in_sweden", "tried_how", "psychometrics", "psychometrics_reason"),
            *("psychometrics_by", "psychometrics_cited"),
            *("themes", "service_areas", "similar", "reviewed_on", "visibility"),
        )

    def add_fields(self) -> None:
        """Its own name is not like itself."""
        similar = self.fields["similar"]
        assert isinstance(similar, forms.ModelChoiceField)  # noqa: S101
        if self.of:
            similar.queryset = Instrument.objects.exclude(pk=self.of.pk)

    def clean(self) -> dict[str, Any]:
        """What is said of how well it measures is whole, or nothing."""
        cleaned = super().clean() or {}
        self.require_whole(self.MEASURED, dict(zip(self.MEASURED, GRADED.values(), strict=True)))
        return cleaned
