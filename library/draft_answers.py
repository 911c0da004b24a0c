"""What is written in a draft, understood: what is lacking, how it reads, what becomes of it."""

import datetime
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Self

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import Field
from django.http import QueryDict
from django.utils.formats import date_format

from core.draft_fields import as_typed, forgive, malformed, spoken
from core.forms import clean_text
from core.payloads import Payload, answer, merge, since
from core.readability import Readability, readability
from library.actions.drafts import Clean
from library.actions.items import Changes
from library.draft_base import BOXES, PLAIN, DraftForm, Section
from library.draft_forms import FORMS, ItemDraftForm, names_of
from library.models import Draft, Grade, Instrument, Item, Method
from library.questions import QUESTIONS
from library.tool_draft_forms import GRADED, MethodDraftForm

# What stands in a preview where something that must be answered is not.
NOT_WRITTEN = "(Det här är inte skrivet än.)"


@dataclass(frozen=True)
class Lack:
    """Something that is missing or wrong, and where it is put right."""

    section: Section
    name: str
    label: str
    text: str

    @property
    def anchor(self) -> str:
        """The field's place on the page."""
        return f"falt-{self.name}"


class Answers:
    """All that is answered in a draft."""

    def __init__(
        self,
        subject: str,
        payload: Payload,
        base: Payload | None = None,
        *,
        of: Item | Method | Instrument | None = None,
        has_file: bool = False,
    ) -> None:
        self.payload = payload
        lacked = {
            name for name in names_of(subject, is_revision=True) if not answer(base or {}, name)
        }
        self.form: DraftForm = FORMS[subject](
            payload, of=of, lacked=lacked if base else (), has_file=has_file
        )

    @classmethod
    def of(cls, draft: Draft, payload: Payload | None = None) -> Self:
        """A draft's, or another payload's in its place."""
        target = draft.target
        has_file = draft.files.exists() or (isinstance(target, Item) and target.files.exists())
        return cls(
            draft.subject,
            draft.payload if payload is None else payload,
            draft.base,
            of=target,
            has_file=has_file,
        )

    def malformed(self) -> list[Lack]:
        """What is typed and cannot be understood."""
        return self._lacks(malformed(self.form))

    def lacking(self) -> list[Lack]:
        """All that must be put right before it can be published, in the order of the page."""
        return self._lacks(
            {
                # What is wrong with the whole is told at the first question.
                self._first if name == NON_FIELD_ERRORS else name: [str(text) for text in errors]
                for name, errors in self.form.errors.items()
            }
        )

    @property
    def _first(self) -> str:
        return self.form.SECTIONS[0].names[0]

    def _lacks(self, errors: dict[str, list[str]]) -> list[Lack]:
        return [
            Lack(section, name, self.label(name), text)
            for section in self.form.SECTIONS
            for name in section.names
            for text in errors.get(name, ())
        ]

    def forgive(self) -> None:
        """Say at the fields only what cannot be understood, not what is missing so far."""
        forgive(self.form)

    def label(self, name: str) -> str:
        """What a field, or several that are one answer, is called where it stands alone."""
        section = next(
            (each for each in self.form.SECTIONS if name == each.key or name in each.names), None
        )
        if name in self.form.GROUPS and section:
            return section.label
        found = self.form.fields.get(name)
        told = str(found.label or name) if found else name
        told = told[:1].upper() + told[1:]
        return (
            f"{section.label}, {told.lower()}" if section and section.key in self._grouped else told
        )

    @property
    def _grouped(self) -> Collection[str]:
        return {name for name in self.form.GROUPS if name.startswith("grade-")}

    def spoken(self, name: str) -> list[str]:
        """What is answered, as one reads it: the words of what is chosen, a day as one says it."""
        if group := self.form.GROUPS.get(name):
            told = [(self.form.fields[part].label, self.spoken(part)) for part in group]
            return [f"{label}: {', '.join(words)}" for label, words in told if words]
        typed, own = answer(self.payload, name), self.form.fields.get(name)
        if isinstance(own, forms.DateField) and name not in self.form.errors:
            value = self.form.cleaned_data.get(name)
            return [date_format(value, "j F Y")] if isinstance(value, datetime.date) else typed
        return spoken(own, typed)

    def readability(self, name: str) -> Readability | None:
        """How hard a text in plain Swedish is to read."""
        return readability("\n".join(answer(self.payload, name))) if name in PLAIN else None

    def clean(self) -> Clean:
        """What is to be published. Raises ValueError as long as anything is lacking."""
        if self.lacking():
            raise ValueError("The answers are not complete.")
        return self._clean(dict(self.form.cleaned_data))

    def shown(self) -> Clean:
        """What a preview shows: what is understood, and a mark where something is not written.

        Numbers, days and choices that must be there get a value that `unknown` names.
        """
        self.form.is_valid()
        values = dict(self.form.cleaned_data)
        model = self.form._meta.model
        for name, own in self.form.fields.items():
            if values.get(name):
                continue
            values[name] = own.to_python(None) if not isinstance(own, _MANY) else []
            if own.required and not isinstance(own, _MANY):
                values[name] = _stand_in(model, name)
        for names in self.form.GROUPS.values():
            if not all(values.get(name) for name in names):
                values |= dict.fromkeys(names, "")
        return self._clean(values)

    @property
    def unknown(self) -> dict[str, Any]:
        """The fields that got a stand-in which is no text, and what they are to show instead."""
        self.form.is_valid()
        empty = {"year": None, "language": "", "review_due": None}
        return {
            name: value
            for name, value in empty.items()
            if name in self.form.fields
            and self.form.fields[name].required
            and not self.form.cleaned_data.get(name)
        }

    def _clean(self, values: dict[str, Any]) -> Clean:
        model = self.form._meta.model
        many = {each.name for each in model._meta.many_to_many}
        own = {each.name for each in model._meta.fields}
        fields = {name: _or_usual(model, name, values[name]) for name in values if name in own}
        if isinstance(self.form, ItemDraftForm):
            answers = {each.key: values.get(f"how_known-{each.key}", "") for each in QUESTIONS}
            fields["how_known"] = {key: text for key, text in answers.items() if text}
        grades = []
        if isinstance(self.form, MethodDraftForm):
            for dimension in Grade.Dimension.values:
                told = {part: values.get(f"grade-{dimension}-{part}", "") for part in GRADED}
                if told["value"]:
                    grades.append({"dimension": dimension, **told})
        return Clean(
            fields=fields,
            terms={name: list(value) for name, value in values.items() if name in many},
            grades=grades,
            stage_reason=str(values.get("stage_reason", "")),
        )


_MANY = (forms.ModelMultipleChoiceField,)


def _stand_in(model: Any, name: str) -> Any:
    if name == "stage_reason":
        return NOT_WRITTEN
    own: Field = model._meta.get_field(name)
    if own.choices:
        return next(iter(own.choices))[0]
    kind = own.get_internal_type()
    if kind == "DateField":
        return datetime.date.today()
    if kind == "PositiveSmallIntegerField":
        return datetime.date.today().year
    return NOT_WRITTEN


def _or_usual(model: Any, name: str, value: Any) -> Any:
    """What is answered, or what holds where nothing is and something must be."""
    own = model._meta.get_field(name)
    return own.get_default() if value == "" and own.has_default() else value


# --- Typed and kept -------------------------------------------------------------------------------


def names_typed(draft: Draft, posted: QueryDict) -> list[str]:
    """The fields of the page that were sent; boxes that are all empty are not."""
    names = names_of(draft.subject, is_revision=bool(draft.base))
    return [name for name in names if name in posted or name in BOXES]


def typed(names: Collection[str], posted: QueryDict) -> Payload:
    """What was typed, as it is kept: without signs that nobody sees."""
    found: Payload = {}
    for name in names:
        values = [clean_text(text) for text in posted.getlist(name)]
        found[name] = sorted(values) if name in BOXES else values[-1:]
    return found


def payload_of(thing: Item | Method | Instrument) -> Payload:
    """Something published as it would have been answered."""
    subject = subject_of(thing)
    form = FORMS[subject]({}, of=thing, instance=thing)
    found = {name: as_typed(own, form.initial.get(name)) for name, own in form.fields.items()}
    if isinstance(thing, Item):
        found |= {f"how_known-{key}": [text] for key, text in thing.how_known.items()}
    if isinstance(thing, Method):
        for grade in thing.grades.all():
            for part in GRADED:
                found[f"grade-{grade.dimension}-{part}"] = [getattr(grade, part)]
    return {name: values for name, values in found.items() if values}


def subject_of(thing: Item | Method | Instrument) -> str:
    """What a draft of it is called."""
    if isinstance(thing, Item):
        return Draft.Subject.ITEM
    return Draft.Subject.METHOD if isinstance(thing, Method) else Draft.Subject.INSTRUMENT


# --- Joined with what is published ----------------------------------------------------------------


def flat(subject: str, payload: Payload) -> Payload:
    """What means the same written the same way, and what is one answer together as one."""
    form = FORMS[subject]
    parts = {part: group for group, names in form.GROUPS.items() for part in names}
    found: Payload = {}
    for name in names_of(subject, is_revision=False):
        values = sorted(filter(None, (clean_text(each).strip() for each in answer(payload, name))))
        if values and name in parts:
            found.setdefault(parts[name], []).append(json.dumps([name, *values]))
        elif values:
            found[name] = values
    return found


@dataclass(frozen=True)
class Joined:
    """A revision and what is published, in one."""

    payload: Payload
    names: list[str]  # whose answers are the revision's, and are written
    disputed: list[str]  # whose answers were changed on both sides, to different ones
    published: Payload = field(repr=False)  # what is published, flat


def joined(
    subject: str, mine: Payload, base: Payload, now: Payload, *, take: Collection[str] = ()
) -> Joined:
    """What was changed in the revision, upon what is published now.

    Where both were changed, what is published stands, but for the names in `take`.
    """
    own, published = flat(subject, mine), flat(subject, now)
    every = list(dict.fromkeys([*flat(subject, base), *own, *published]))
    merged, disputed = merge(own, published, since(flat(subject, base)), every)
    names = [
        name
        for name in every
        if answer(merged, name) != answer(published, name) or (name in disputed and name in take)
    ]
    groups = FORMS[subject].GROUPS
    written = {part for name in names for part in groups.get(name, (name,))}
    payload = {name: values for name, values in now.items() if name not in written}
    payload |= {name: values for name, values in mine.items() if name in written}
    return Joined(payload, names, disputed, published)


def told_changes(old: Answers, new: Answers, names: Collection[str]) -> Changes:
    """What the history tells of these names: fields by their own, what is no field by its label."""
    own = {each.name for each in new.form._meta.model._meta.get_fields()}
    return {
        name if name in own else new.label(name): (
            "; ".join(old.spoken(name)),
            "; ".join(new.spoken(name)),
        )
        for name in names
    }
