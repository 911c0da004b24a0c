"""All that a unit has answered, understood: what is missing, what cannot be, what is published."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models
from django.utils.text import capfirst

from core.draft_fields import forgive, spoken
from core.payloads import Payload, answer, rows_of
from inventory.actions.drafts import Clean
from inventory.draft_forms.names import IN_ROW, by_number, is_row
from inventory.draft_forms.project import ASKED, ASKED_WHEN_ENDED, ROWS, DraftForm
from inventory.draft_forms.rows import (
    MOST_POINTS,
    MOST_ROWS,
    ROW_FORMS,
    Links,
    Measures,
    Partners,
    PointRow,
    Rows,
)
from inventory.models import Draft, Project
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

    @property
    def told(self) -> str:
        """The question, and what is missing or wrong with its answer."""
        label = self.question.label
        return f"{label} {self.text}" if label.endswith("?") else f"{label}: {self.text}"


class Answers:
    """All that a unit has answered, understood."""

    def __init__(self, payload: Payload, base: Payload | None = None) -> None:
        self.payload = payload
        lacked = {name for name in (*ASKED, *ASKED_WHEN_ENDED) if base and not answer(base, name)}
        self.form = DraftForm(payload, lacked=lacked)
        measures = rows_of(base or {}, MEASURES)
        points = sum(len(rows_of(row, "point")) for row in measures)
        self.measures = Measures(payload, MOST_ROWS + len(measures), MOST_POINTS + points)
        self.links = Links(LINKS, payload, MOST_ROWS + len(rows_of(base or {}, LINKS)))
        self.partners = Partners(PARTNERS, payload, MOST_ROWS + len(rows_of(base or {}, PARTNERS)))
        self.lacked_measures = bool(base) and not measures

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
        if place := IN_ROW.fullmatch(name):
            return f"{question.label}, rad {int(place['row']) + 1}: {told.lower()}"
        return told if len(question.names) == 1 else f"{question.label} {told}"

    def told(self, question: Question) -> list[tuple[str, list[str]]]:
        """All that is answered to a question: what it is called, and the words."""
        if question.key in ROWS:
            names = sorted(
                (name for name in self.payload if is_row(question.key, name)), key=by_number
            )
            names = [name for name in names if not name.endswith("-id")]
        else:
            names = list(question.names)
        found = [(self.label(name), self.spoken(name)) for name in names]
        return [(label, words) for label, words in found if words]

    def _field(self, name: str) -> forms.Field | None:
        """The form field of a name, also in rows."""
        place = IN_ROW.fullmatch(name)
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


def _lacks(name: str, texts: Iterable[str]) -> list[Lack]:
    question = question_of(name)
    if question is None:
        return []
    return [Lack(step_of(question), question, name, text) for text in texts]
