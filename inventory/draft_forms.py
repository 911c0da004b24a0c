"""The form that a unit writes a project in; its answers are kept as they are typed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.forms.models import construct_instance
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from django.utils.text import capfirst

from core.draft_fields import Several, as_typed, forgive, malformed, plainly, spoken
from core.forms import NOBODY, careful_formfield, clean_text
from core.payloads import Payload, answer
from inventory.actions.drafts import Clean
from inventory.forms import ProjectForm
from inventory.models import Draft, Link, Measure, MeasurePoint, Partner, Project
from inventory.models.drafts import first
from inventory.questions import (
    LINKS,
    MEASURES,
    PARTNERS,
    Question,
    Step,
    question_of,
    questions,
    step_of,
)
from people.models import Organisation

# All rows in full are fewer fields than a form may send (DATA_UPLOAD_MAX_NUMBER_FIELDS).
MOST_ROWS = 20
MOST_POINTS = 20


ROWS = frozenset({MEASURES, LINKS, PARTNERS})
# Fields of the model that must be answered in a field of their own; besides, when it has ended.
ASKED = frozenset({"title", "kind", *Project.REQUIRED, *Project.REQUIRED_TERMS})
ASKED_WHEN_ENDED = frozenset({*Project.REQUIRED_WHEN_ENDED, "reach_actual"})
SHORT = frozenset({"plain_summary", "funding", "setting", "dose", "user_involvement_text"})
BOXES = (
    *("service_areas", "themes", "interventions", "target_groups"),
    *("methods", "instruments", "co_owners"),
)
RADIOS = ("kind", "status", "user_involvement", "evaluation", "visibility")
OWNERS = (Organisation.Kind.DISTRICT, Organisation.Kind.DEPARTMENT, Organisation.Kind.UNIT)


class DraftForm(ProjectForm):
    """A project's own fields as the questions ask for them. Files and rows are apart.

    What a revised project lacks already (`lacked`) may go on lacking: its source does not tell.
    """

    class Meta:
        model = Project
        fields = [
            name for question in questions() if question.key not in ROWS for name in question.names
        ]
        widgets = {
            **dict.fromkeys(BOXES, forms.CheckboxSelectMultiple),
            **dict.fromkeys(RADIOS, forms.RadioSelect),
        }
        field_classes = dict.fromkeys(BOXES, Several)
        formfield_callback = careful_formfield

    def __init__(
        self, payload: Mapping[str, list[str]], *, lacked: Iterable[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(MultiValueDict(dict(payload)), use_required_attribute=False, **kwargs)
        self.lacked = frozenset(lacked)
        ended = Project(status=first(payload, "status")).has_ended
        asked = (ASKED | ASKED_WHEN_ENDED if ended else ASKED) - self.lacked
        for name, field in self.fields.items():
            field.required = name in asked
            plainly(field, short=name in SHORT)
        for question in questions():
            if len(question.names) == 1 and question.key in self.fields:
                self.fields[question.key].label = question.label
                self._help(question)
        owners = self.fields["co_owners"]
        assert isinstance(owners, forms.ModelMultipleChoiceField)  # noqa: S101
        owners.queryset = possible_owners(answer(payload, "co_owners"))

    def _help(self, question: Question) -> None:
        """Tell what helps to answer, and in free text to point nobody out."""
        field = self.fields[question.key]
        nobody = NOBODY if isinstance(field.widget, forms.Textarea) else ""
        field.help_text = format_html("{} {}", told(question), nobody) if nobody else told(question)

    def clean(self) -> dict[str, Any]:
        """Besides what is missing: an end before the start, said at the end."""
        cleaned = super().clean()
        start, end = cleaned.get("start_date"), cleaned.get("end_date")
        if start and end and end < start and not str(start).startswith(str(end)):
            self.add_error("end_date", forms.ValidationError(BEFORE_START, code="order"))
        return cleaned

    def _require(self, name: str, message: str) -> None:
        if name not in self.lacked:
            super()._require(name, message)

    @property
    def malformed(self) -> dict[str, list[str]]:
        """What is typed and cannot be understood, by field; what is missing is another matter."""
        return malformed(self)


BEFORE_START = "Slutet ligger före starten. Ändra det ena."


def possible_owners(chosen: Iterable[str]) -> QuerySet[Organisation]:
    """Organisations of the city that there are today, and those that are chosen already."""
    there = Q(pk__in=Organisation.objects.on(timezone.localdate()))
    there |= Q(pk__in=[int(pk) for pk in chosen if pk.isdecimal() and len(pk) < 10])
    return Organisation.objects.filter(there, kind__in=OWNERS).alphabetical()


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


class RowForm(forms.ModelForm):
    """One row of a question with several. A row without any answer is none."""

    def __init__(self, payload: Mapping[str, list[str]], prefix: str) -> None:
        super().__init__(
            MultiValueDict(dict(payload)),
            prefix=prefix,
            empty_permitted=True,
            use_required_attribute=False,
        )
        for name, field in self.fields.items():
            plainly(field, short=name in SHORT)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is typed in it."""
        return not self.has_changed()


class MeasureRow(RowForm):
    """A goal and what is counted."""

    # Which measure of the revised project it is; anything else makes a new one.
    id = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Measure
        fields = ["goal", "indicator", "unit", "baseline_value", "baseline_date", "target_value"]
        formfield_callback = careful_formfield

    def __init__(self, payload: Mapping[str, list[str]], prefix: str) -> None:
        super().__init__(payload, prefix)
        self.points = Rows(PointRow, f"{prefix}-point", payload, MOST_POINTS)

    def has_changed(self) -> bool:
        """Its number alone is no answer."""
        return bool(set(self.changed_data) - {"id"}) or bool(self.points.filled)

    def clean_id(self) -> int | None:
        """A number, or none."""
        typed = self.cleaned_data["id"]
        return int(typed) if typed.isdecimal() and len(typed) < 10 else None


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

    url = forms.URLField(
        label="Adress",
        max_length=500,
        assume_scheme="https",
        error_messages={"invalid": "Skriv en adress, till exempel https://example.org/rapport."},
    )

    class Meta:
        model = Link
        fields = ["kind", "title", "url"]
        formfield_callback = careful_formfield

    def has_changed(self) -> bool:
        """A list to choose from always says something; alone it is no answer."""
        return bool(set(self.changed_data) - {"kind"})


class PartnerRow(RowForm):
    """An organisation that takes part."""

    class Meta:
        model = Partner
        fields = ["organisation", "role"]
        formfield_callback = careful_formfield

    def __init__(self, payload: Mapping[str, list[str]], prefix: str) -> None:
        super().__init__(payload, prefix)
        organisation = self.fields["organisation"]
        assert isinstance(organisation, forms.ModelChoiceField)  # noqa: S101
        organisation.queryset = Organisation.objects.alphabetical()


ROW_FORMS: dict[str, type[RowForm]] = {MEASURES: MeasureRow, LINKS: LinkRow, PARTNERS: PartnerRow}
_ROW = re.compile(
    r"(?P<question>measures|links|partners)-(?P<row>\d{1,4})-"
    r"(?P<point>point-\d{1,4}-)?(?P<field>[a-z_]+)"
)


def names_typed(posted: Iterable[str], step: Step) -> list[str]:
    """The form fields of a step among those that were sent; boxes that are all empty are not."""
    there = set(posted)
    plain = [name for name in step.names if name not in ROWS and (name in there or name in BOXES)]
    return plain + [name for name in there if _is_of_row(name, step)]


def _is_of_row(name: str, step: Step) -> bool:
    place = _ROW.fullmatch(name)
    if place is None or place["question"] not in step.names:
        return False
    if place["point"] and place["question"] != MEASURES:
        return False
    row = PointRow if place["point"] else ROW_FORMS[place["question"]]
    return place["field"] in row.base_fields


def names_shown(payload: Payload, step: Step) -> list[str]:
    """The form fields of a step in which something can have been answered."""
    plain = [name for name in step.names if name not in ROWS]
    return plain + [name for name in payload if _is_of_row(name, step)]


def typed(posted: QueryDict, step: Step) -> Payload:
    """What was typed on a step's page, as it is kept: without signs that nobody sees."""
    found: Payload = {}
    for name in names_typed(posted, step):
        values = [clean_text(text) for text in posted.getlist(name)]
        found[name] = sorted(values) if name in BOXES else values[-1:]
    for name in list(found):
        # A link's kind is always sent: alone it says nothing.
        place = _ROW.fullmatch(name)
        if place and place["question"] == LINKS and place["field"] == "kind":
            row = name.removesuffix("kind")
            if not any(answer(found, row + other) for other in ("title", "url")):
                found[name] = []
    return found


def _by_number(name: str) -> list[tuple[int, str]]:
    """Row 2 before row 10."""
    return [(int(part) if part.isdecimal() else -1, part) for part in name.split("-")]


class Rows:
    """The rows of a question, numbered in the names of their fields."""

    def __init__(
        self, form: type[RowForm], prefix: str, payload: Mapping[str, list[str]], most: int
    ) -> None:
        numbered = re.compile(rf"{re.escape(prefix)}-(\d{{1,4}})-")
        found = {int(match[1]) for name in payload if (match := numbered.match(name))}
        self.prefix, self.most = prefix, most
        self.too_many = len(found) > most
        self.forms = [form(payload, f"{prefix}-{number}") for number in sorted(found)[:most]]
        self.blank = form({}, f"{prefix}-{max(found, default=-1) + 1}")
        if form is PartnerRow:
            self._refuse_twice()

    def _refuse_twice(self) -> None:
        """An organisation takes part once."""
        seen = set()
        for form in self.filled:
            chosen = form.cleaned_data.get("organisation") if form.is_valid() else None
            if chosen and chosen in seen:
                form.add_error("organisation", f"{chosen} finns redan bland dem som medverkar.")
            seen.add(chosen)

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
        if self.too_many:
            found[self.prefix] = [f"Högst {self.most} rader får plats. Ta bort några."]
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

    def __init__(self, payload: Payload, base: Payload | None = None) -> None:
        self.payload = payload
        lacked = {name for name in (*ASKED, *ASKED_WHEN_ENDED) if base and not answer(base, name)}
        self.form = DraftForm(payload, lacked=lacked)
        self.measures = Rows(MeasureRow, MEASURES, payload, MOST_ROWS)
        self.links = Rows(LinkRow, LINKS, payload, MOST_ROWS)
        self.partners = Rows(PartnerRow, PARTNERS, payload, MOST_ROWS)
        self.lacked_measures = bool(base) and not any(is_row(MEASURES, name) for name in base or ())

    @classmethod
    def of(cls, draft: Draft) -> Self:
        """A draft's; a revision may lack what is lacking already."""
        return cls(draft.payload, draft.base)

    @property
    def rows(self) -> dict[str, Rows]:
        """Question → its rows."""
        return {MEASURES: self.measures, LINKS: self.links, PARTNERS: self.partners}

    def malformed(self) -> list[Lack]:
        """What is typed and cannot be understood."""
        found = self.form.malformed
        for rows in self.rows.values():
            found |= rows.malformed
        return in_order(lack for name, texts in found.items() for lack in _lacks(name, texts))

    def lacking(self) -> list[Lack]:
        """All that must be put right before it can be published, in the order of the steps."""
        found = self.malformed()
        there = {lack.name for lack in found}
        for name, texts in self.form.errors.items():
            if name == NON_FIELD_ERRORS:
                found += _lacks("status", map(str, texts))
            elif name not in there:
                found += _lacks(name, [self._missing(name)])
        kind = answer(self.payload, "kind")
        if kind == [Project.Kind.PROJECT] and not (self.measures.filled or self.lacked_measures):
            found += _lacks(MEASURES, ["Lägg till minst ett mål och mått."])
        return in_order(found)

    def _missing(self, name: str) -> str:
        """What is said of a field without an answer: of one among several, which it is."""
        question = question_of(name)
        if question is None or len(question.names) == 1:
            return "Svara på frågan."
        return f"{self.form.fields[name].label} saknas."

    def forgive(self) -> None:
        """Say at the fields only what cannot be understood, not what is missing so far."""
        forgive(self.form)

    def spoken(self, name: str) -> list[str]:
        """What is answered at a field, as one reads it: the words of what is chosen."""
        return spoken(self._field(name), answer(self.payload, name))

    def label(self, name: str) -> str:
        """What a field is called where it stands alone."""
        question, field = question_of(name), self._field(name)
        if question is None or field is None:
            return name
        told = capfirst(str(field.label or name.rpartition("-")[2].replace("_", " ")))
        if place := _ROW.fullmatch(name):
            return f"{question.label}, rad {int(place['row']) + 1}: {told.lower()}"
        return told if len(question.names) == 1 else f"{question.label} {told}"

    def told(self, question: Question) -> list[tuple[str, list[str]]]:
        """All that is answered to a question: what it is called, and the words."""
        if question.key in ROWS:
            names = sorted(
                (name for name in self.payload if is_row(question.key, name)), key=_by_number
            )
            names = [name for name in names if not name.endswith("-id")]
        else:
            names = list(question.names)
        found = [(self.label(name), self.spoken(name)) for name in names]
        return [(label, words) for label, words in found if words]

    def _field(self, name: str) -> forms.Field | None:
        """The form field of a name, also in rows."""
        place = _ROW.fullmatch(name)
        if place is None:
            return self.form.fields.get(name)
        row = PointRow if place["point"] else ROW_FORMS[place["question"]]
        return row.base_fields.get(place["field"])

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


def in_order(lacks: Iterable[Lack]) -> list[Lack]:
    """In the order of the questions."""
    asked = {question.key: place for place, question in enumerate(questions())}
    return sorted(lacks, key=lambda lack: asked[lack.question.key])


def is_row(prefix: str, name: str) -> bool:
    """Whether a name is that of a field in a question's rows."""
    return name.startswith(f"{prefix}-")


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
        found[name] = as_typed(form.fields[name], form.initial.get(name))
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
        made.add_prefix(name): as_typed(made.fields[name], value) for name, value in values.items()
    }
