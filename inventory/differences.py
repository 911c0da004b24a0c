"""What a revision changes: answers as a reader sees them, side by side, and how they are joined."""

import datetime
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django import forms
from django.utils.formats import date_format

from core.fields import PartialDate
from core.forms import clean_text
from core.payloads import Payload, answer, changed, merge, rows_of, since
from core.templatetags.ksi import number
from core.text import plain_number
from inventory.actions import Changes
from inventory.draft_forms import NUMBERS, Answers, DraftForm
from inventory.models import Draft, Link, Partner
from inventory.questions import LINKS, MEASURES, PARTNERS, Question, questions
from people.models import Organisation

ROWS = {MEASURES: "Mål och mått", LINKS: "Rapporter och länkar", PARTNERS: "Medverkande"}
NAMES = (*DraftForm.Meta.fields, *ROWS)
POINT = ("date", "value", "n", "source")
MARKDOWN = frozenset({"activities", "results", "what_failed", "advice"})


# --- Alike or not -------------------------------------------------------------------------------


# A measure's number → its points.
Points = dict[str, list[list[str]]]


def flat(payload: Payload, only: Mapping[str, list[list[str]]] | None = None) -> Payload:
    """Each question's rows as one answer, and answers that mean the same written the same way.

    Of the measures in `only`, no other points are told than those.
    """
    found = {name: _plain(payload, name) for name in DraftForm.Meta.fields}
    for key in ROWS:
        found[key] = sorted(_written(row, only or {}) for row in rows_of(payload, key))
    return {name: values for name, values in found.items() if values}


def _plain(payload: Mapping[str, list[str]], name: str) -> list[str]:
    # A browser ends lines in its own way and sends choices in the order of the page.
    texts = filter(None, (clean_text(text).strip() for text in answer(payload, name)))
    return sorted(map(plain_number, texts) if name in NUMBERS else texts)


def _written(row: Payload, only: Mapping[str, list[list[str]]]) -> str:
    told: dict[str, object] = {
        name: _plain(row, name) for name in row if not name.startswith("point-")
    }
    pk, points = _first(row, "id"), _points(row)
    told["points"] = [point for point in points if point in only.get(pk, points)]
    return json.dumps(told, sort_keys=True)


def _points(row: Payload) -> list[list[str]]:
    found = rows_of(row, "point")
    return sorted(["".join(_plain(point, name)) for name in POINT] for point in found)


def _points_by_measure(payload: Payload) -> Points:
    return {_first(row, "id"): _points(row) for row in rows_of(payload, MEASURES)}


@dataclass(frozen=True)
class Joined:
    """A revision and what is published, in one."""

    payload: Payload
    names: list[str]  # whose answers are the revision's, and are written
    disputed: list[str]  # whose answers were changed on both sides, to different ones
    published: Payload = field(repr=False)  # what is published, flat


def joined(mine: Payload, base: Payload, now: Payload, *, take: Collection[str] = ()) -> Joined:
    """What the unit changed, upon what is published now.

    Where both were changed, what is published stands, but for the names in `take`.
    """
    kept = _points_by_measure(mine)
    # Points that came later to a measure that the revision keeps stay whatever it says.
    before = {pk: points for pk, points in _points_by_measure(base).items() if pk in kept}
    own, published = flat(mine), flat(now, only=before)
    merged, disputed = merge(own, published, since(flat(base)), NAMES)
    names = [
        name
        for name in NAMES
        if answer(merged, name) != answer(published, name) or (name in disputed and name in take)
    ]
    return Joined(_taken(mine, now, names), names, disputed, published)


def _taken(mine: Payload, now: Payload, names: Collection[str]) -> Payload:
    """`now` with these answers of mine."""
    rows = {name for name in ROWS if name in names}

    def is_mine(name: str) -> bool:
        return name in names or name.partition("-")[0] in rows

    left = {name: values for name, values in now.items() if not is_mine(name)}
    return left | {name: values for name, values in mine.items() if is_mine(name)}


# --- As a reader sees it ------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """What is answered in a field, or in a question's rows."""

    label: str  # empty where the question says it
    texts: list[str]
    how: str = "list"  # or "text", or "markdown"


class Reader:
    """Answers in words. Asks the database as often, however much is answered."""

    def __init__(self, payload: Payload, base: Payload | None = None) -> None:
        """`base` is what a revision began from: what was lacking there may go on lacking."""
        self.payload = payload
        self.answers = Answers(payload, base)
        numbers = [
            value for row in rows_of(payload, PARTNERS) for value in row.get("organisation", [])
        ]
        partners = Organisation.objects.filter(pk__in=[pk for pk in numbers if is_number(pk)])
        self.organisations = {str(each.pk): str(each) for each in partners}

    def of(self, question: Question) -> list[Told]:
        """The answers to a question, those that there are."""
        found = []
        for name in question.names:
            texts = self.texts(name)
            if not texts:
                continue
            several = len(question.names) > 1
            label = str(self.answers.form.fields[name].label) if several else ""
            found.append(Told(label, texts, self._how(name)))
        return found

    def _how(self, name: str) -> str:
        if name in MARKDOWN:
            return "markdown"
        form_field = self.answers.form.fields.get(name)
        long = form_field is not None and isinstance(form_field.widget, forms.Textarea)
        return "text" if long else "list"

    def texts(self, name: str) -> list[str]:
        """What is answered at a name; what cannot be understood as it is typed."""
        if name in ROWS:
            words = {MEASURES: _measure, LINKS: _link, PARTNERS: self._partner}[name]
            return [words(row) for row in rows_of(self.payload, name)]
        typed = answer(self.payload, name)
        form = self.answers.form
        if not typed or name in form.errors:
            return typed
        value, form_field = form.cleaned_data.get(name), form.fields[name]
        if isinstance(form_field, forms.ModelMultipleChoiceField):
            return [str(row) for row in value or ()]
        if isinstance(form_field, forms.ChoiceField):
            return [str(dict(form_field.choices).get(text, text)) for text in typed]  # type: ignore[arg-type]
        if isinstance(value, PartialDate):
            return [value.spoken]
        if isinstance(value, datetime.date):
            return [date_format(value, "j F Y")]
        return [number(value)] if isinstance(value, int) else typed

    def _partner(self, row: Payload) -> str:
        pk, role = _first(row, "organisation"), _first(row, "role")
        name = self.organisations.get(pk, pk)
        return f"{name} ({dict(Partner.Role.choices).get(role, role)})" if role else name


def is_number(text: str) -> bool:
    """Whether it can be a key."""
    return text.isdecimal() and len(text) < 10


def _first(row: Payload, name: str) -> str:
    return "".join(answer(row, name))


def _measure(row: Payload) -> str:
    """One measure on a line."""
    unit, when = _first(row, "unit"), _first(row, "baseline_date")
    parts = [
        ("Mål", _first(row, "goal")),
        ("Mått", f"{_first(row, 'indicator')}{f' ({unit})' if unit else ''}"),
        ("Före", _value(row, "baseline_value") + (f" ({when})" if when else "")),
        ("Målvärde", _value(row, "target_value")),
        *((_first(point, "date"), _point_told(point)) for point in rows_of(row, "point")),
    ]
    return ". ".join(f"{label}: {text}" for label, text in parts if text)


def _point_told(point: Payload) -> str:
    n, source = _first(point, "n"), _first(point, "source")
    more = [f"{n} svarande" if n else "", f"källa: {source}" if source else ""]
    told = ", ".join(filter(None, more))
    return f"{_value(point, 'value')}{f' ({told})' if told else ''}"


def _value(row: Payload, name: str) -> str:
    return _first(row, name).replace(".", ",")


def _link(row: Payload) -> str:
    kind = dict(Link.Kind.choices).get(_first(row, "kind"), "")
    told = ", ".join(filter(None, (_first(row, "title"), _first(row, "url"))))
    return f"{kind}: {told}" if kind else told


# --- Side by side -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """One question, as it is published and as it would be."""

    question: Question
    old: list[Told]
    new: list[Told]
    is_changed: bool
    is_disputed: bool = False

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"fraga-{self.question.key}"


def compared(
    old: Reader, new: Reader, names: Collection[str], disputed: Collection[str] = ()
) -> list[Compared]:
    """All questions; `names` are those whose answers differ."""
    return [
        Compared(
            question,
            old.of(question),
            new.of(question),
            any(name in names for name in question.names),
            any(name in disputed for name in question.names),
        )
        for question in questions()
    ]


def told_changes(old: Reader, new: Reader, names: Iterable[str]) -> Changes:
    """What the history tells of these names."""
    return {
        ROWS.get(name, name): ("; ".join(old.texts(name)), "; ".join(new.texts(name)))
        for name in names
    }


def shown(draft: Draft) -> Payload:
    """What curators read: what was handed in, until it is handed in again."""
    if draft.state in (Draft.State.SUBMITTED, Draft.State.PUBLISHED, Draft.State.DECLINED):
        return draft.payload
    last = draft.submissions.last()
    return last.payload if last else {}


def changed_questions(before: Payload, after: Payload) -> list[str]:
    """What the questions are called whose answers differ between two submissions."""
    names = set(changed(flat(before), flat(after)))
    return [question.label for question in questions() if names & set(question.names)]
