"""The form that a unit writes a project in; its answers are kept as they are typed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.forms.models import construct_instance
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html

from core.forms import careful_formfield
from inventory.actions.drafts import Clean
from inventory.forms import ProjectForm
from inventory.models import Link, Measure, MeasurePoint, Partner, Payload, Project
from inventory.payloads import answer
from inventory.questions import (
    LINKS,
    MEASURES,
    PARTNERS,
    STEPS,
    Question,
    Step,
    question_of,
    questions,
    step_of,
)
from people.models import Organisation

MOST_LETTERS = 10_000
MOST_ROWS = 20
MOST_POINTS = 40
EMPTY = frozenset({"required", "missing"})


class DraftForm(ProjectForm):
    """A project's own fields as the questions ask for them. Files and rows are apart."""

    class Meta(ProjectForm.Meta):
        exclude = None
        fields = [
            name
            for question in questions()
            if question.key not in {MEASURES, LINKS, PARTNERS}
            for name in question.names
        ]
        widgets = {
            **dict.fromkeys(
                (
                    *("service_areas", "themes", "interventions", "target_groups"),
                    *("methods", "instruments", "co_owners"),
                ),
                forms.CheckboxSelectMultiple,
            ),
            **dict.fromkeys(
                ("kind", "status", "user_involvement", "evaluation", "visibility"),
                forms.RadioSelect,
            ),
        }
        formfield_callback = careful_formfield

    def __init__(self, payload: Mapping[str, list[str]], **kwargs: Any) -> None:
        super().__init__(data=MultiValueDict(dict(payload)), **kwargs)
        owners = Organisation.objects.on(timezone.localdate()).filter(
            kind__in=[
                Organisation.Kind.DISTRICT,
                Organisation.Kind.DEPARTMENT,
                Organisation.Kind.UNIT,
            ]
        )
        self.fields["co_owners"].queryset = owners.alphabetical()  # type: ignore[attr-defined]
        for question in questions():
            self._word(question)
        for name, field in self.fields.items():
            if isinstance(field, forms.TypedChoiceField):
                field.choices = [each for each in field.choices if each[0]]
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs |= {"rows": 2 if name in SHORT else 5}
                field.validators.append(too_long())

    def _word(self, question: Question) -> None:
        """Ask in the question's own words."""
        for place, name in enumerate(question.names):
            if name not in self.fields:
                continue
            field = self.fields[name]
            field.required = name in ASKED and not question.more
            if len(question.names) == 1:
                field.label = question.label
                field.help_text = told(question)
            elif place:
                field.help_text = field.help_text if name.endswith("date") else ""

    @property
    def malformed(self) -> dict[str, list[str]]:
        """What is typed and cannot be understood, by field; what is missing is another matter."""
        return malformed(self)


# Fields of the model that must be answered in a field of their own.
ASKED = frozenset({"title", "kind", *Project.REQUIRED, *Project.REQUIRED_TERMS})
SHORT = frozenset({"plain_summary", "funding", "setting", "dose", "user_involvement_text"})


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


class RowForm(forms.ModelForm):
    """One row of a question with several. A row without any answer is none."""

    def __init__(self, payload: Mapping[str, list[str]], prefix: str) -> None:
        super().__init__(
            MultiValueDict(dict(payload)),
            prefix=prefix,
            empty_permitted=True,
            use_required_attribute=False,
        )
        for field in self.fields.values():
            if isinstance(field.widget, forms.Textarea):
                field.validators.append(too_long())

    @property
    def is_empty(self) -> bool:
        """Whether nothing is typed in it."""
        return not self.has_changed()


class MeasureRow(RowForm):
    """A goal and what is counted."""

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Measure
        fields = ["goal", "indicator", "unit", "baseline_value", "baseline_date", "target_value"]
        formfield_callback = careful_formfield

    def __init__(self, payload: Mapping[str, list[str]], prefix: str) -> None:
        super().__init__(payload, prefix)
        self.points = Rows(PointRow, f"{prefix}-point", payload, MOST_POINTS)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is typed in it or its points."""
        return super().is_empty and not self.points.filled

    def has_changed(self) -> bool:
        """Its number alone is no answer."""
        return bool(set(self.changed_data) - {"id"}) or bool(self.points.filled)


class PointRow(RowForm):
    """What a measure showed."""

    class Meta:
        model = MeasurePoint
        fields = ["date", "value", "n", "source"]
        formfield_callback = careful_formfield

    def _post_clean(self) -> None:
        """As in every form of a model, but for its constraints: its fields see to them.

        Each would ask the database several times, for each of hundreds of points.
        """
        exclude = self._get_validation_exclusions()  # type: ignore[attr-defined]
        self.instance = construct_instance(self, self.instance, self.fields)
        try:
            self.instance.full_clean(exclude, validate_unique=False, validate_constraints=False)
        except ValidationError as problem:
            self._update_errors(problem)  # type: ignore[attr-defined]


class LinkRow(RowForm):
    """A report or page elsewhere."""

    class Meta:
        model = Link
        fields = ["kind", "title", "url"]
        formfield_callback = careful_formfield


class PartnerRow(RowForm):
    """An organisation that takes part."""

    class Meta:
        model = Partner
        fields = ["organisation", "role"]
        formfield_callback = careful_formfield


class Rows:
    """The rows of a question, numbered in the names of their fields."""

    def __init__(
        self, form: type[RowForm], prefix: str, payload: Mapping[str, list[str]], most: int
    ) -> None:
        numbered = re.compile(rf"{re.escape(prefix)}-(\d{{1,4}})-")
        found = {int(match[1]) for name in payload if (match := numbered.match(name))}
        self.most = most
        self.too_many = len(found) > most
        self.forms = [form(payload, f"{prefix}-{number}") for number in sorted(found)[:most]]
        self.blank = form({}, f"{prefix}-{max(found, default=-1) + 1}")

    @cached_property
    def filled(self) -> list[Any]:
        """Those in which something is typed."""
        return [form for form in self.forms if not form.is_empty]

    @property
    def shown(self) -> list[Any]:
        """The filled ones, and an empty one to go on with."""
        return [*self.filled, self.blank] if len(self.filled) < self.most else self.filled

    @property
    def malformed(self) -> dict[str, list[str]]:
        """What is typed and cannot be understood; in a row that is begun, also what is missing."""
        found: dict[str, list[str]] = {}
        for form in self.filled:
            found |= {form.add_prefix(name): list(told) for name, told in form.errors.items()}
            if isinstance(form, MeasureRow):
                found |= form.points.malformed
        return found


@dataclass(frozen=True)
class Lack:
    """Something that is missing or wrong, and where it is put right."""

    step: Step
    question: Question
    name: str  # the form field
    text: str

    @property
    def anchor(self) -> str:
        """The question's place on its page."""
        return f"fraga-{self.question.key}"


class Answers:
    """All that a unit has answered, understood."""

    def __init__(self, payload: Payload) -> None:
        self.payload = payload
        self.form = DraftForm(payload)
        self.measures = Rows(MeasureRow, MEASURES, payload, MOST_ROWS)
        self.links = Rows(LinkRow, LINKS, payload, MOST_ROWS)
        self.partners = Rows(PartnerRow, PARTNERS, payload, MOST_ROWS)

    @property
    def rows(self) -> dict[str, Rows]:
        """Question → its rows."""
        return {MEASURES: self.measures, LINKS: self.links, PARTNERS: self.partners}

    def malformed(self) -> list[Lack]:
        """What is typed and cannot be understood."""
        found = self.form.malformed
        for key, rows in self.rows.items():
            found |= rows.malformed
            if rows.too_many:
                found[key] = [f"Högst {rows.most} rader får plats. Ta bort några."]
        for name in self._named_twice():
            found.setdefault(name, ["Organisationen står redan ovanför. Ta bort den ena raden."])
        return [lack for name, texts in found.items() for lack in _lacks(name, texts)]

    def _named_twice(self) -> Iterable[str]:
        """Fields of partners that are named already in a row above."""
        named = set()
        for form in self.partners.filled:
            name = form.add_prefix("organisation")
            chosen = self.payload.get(name, [])
            if chosen and tuple(chosen) in named:
                yield name
            named.add(tuple(chosen))

    def lacking(self) -> list[Lack]:
        """All that must be put right before it can be published, in the order of the steps."""
        found = self.malformed()
        there = {lack.name for lack in found}
        for name, texts in self.form.errors.items():
            if name == NON_FIELD_ERRORS:
                found += [lack for text in texts for lack in _lacks("status", [text])]
            elif name not in there:
                found += _lacks(name, ["Svara på frågan."])
        kind = answer(self.payload, "kind")
        if kind == [Project.Kind.PROJECT] and not self.measures.filled:
            found += _lacks(MEASURES, ["Lägg till minst ett mål och mått."])
        order = {step.key: place for place, step in enumerate(STEPS)}
        asked = {question.key: place for place, question in enumerate(questions())}
        return sorted(found, key=lambda lack: (order[lack.step.key], asked[lack.question.key]))

    def clean(self) -> Clean:
        """What is to be published. Raises ValueError as long as anything is lacking."""
        if self.lacking():
            raise ValueError("The answers are not complete.")
        values = self.form.cleaned_data
        many = {field.name for field in Project._meta.many_to_many}
        return Clean(
            fields={
                name: _or_usual(name, value) for name, value in values.items() if name not in many
            },
            terms={name: list(value) for name, value in values.items() if name in many},
            measures=[
                {
                    **form.cleaned_data,
                    "points": [point.cleaned_data for point in form.points.filled],
                }
                for form in self.measures.filled
            ],
            links=[form.cleaned_data for form in self.links.filled],
            partners=[form.cleaned_data for form in self.partners.filled],
        )


def _or_usual(name: str, value: Any) -> Any:
    """What is answered, or what holds where nothing is and something must be."""
    field = Project._meta.get_field(name)
    assert isinstance(field, models.Field)  # noqa: S101
    return field.get_default() if value == "" and field.has_default() else value


def _lacks(name: str, texts: Iterable[str]) -> list[Lack]:
    question = question_of(name)
    if question is None:
        return []
    return [Lack(step_of(question), question, name, text) for text in texts]


def payload_of(project: Project) -> Payload:
    """A published project as a unit would have answered."""
    form = DraftForm({}, instance=project)
    found: Payload = {}
    for name in form.fields:
        found[name] = _typed(form.fields[name], form.initial.get(name))
    for place, measure in enumerate(project.measures.prefetch_related("points")):
        row = f"{MEASURES}-{place}"
        found |= _row(row, MeasureRow, measure)
        found[f"{row}-id"] = [str(measure.pk)]
        for number, point in enumerate(measure.points.all()):
            found |= _row(f"{row}-point-{number}", PointRow, point)
    for place, link in enumerate(project.links.all()):
        found |= _row(f"{LINKS}-{place}", LinkRow, link)
    for place, partner in enumerate(project.partners.all()):
        found |= _row(f"{PARTNERS}-{place}", PartnerRow, partner)
    return {name: values for name, values in found.items() if values}


def _row(prefix: str, form: type[RowForm], row: models.Model) -> Payload:
    made = form({}, prefix)
    values = forms.model_to_dict(row, fields=list(made.fields))
    return {
        made.add_prefix(name): _typed(made.fields[name], value) for name, value in values.items()
    }


def _typed(field: forms.Field, value: Any) -> list[str]:
    """A value as it would be typed."""
    if value in (None, ""):
        return []
    if isinstance(field, forms.ModelMultipleChoiceField):
        return sorted(str(row.pk) for row in value)
    if isinstance(value, Decimal):
        return [f"{value.normalize():f}"]
    return [str(value)]
