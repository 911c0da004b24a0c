"""The rows of a question: measures with their points, links, partners."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import construct_instance
from django.utils.datastructures import MultiValueDict

from core.draft_fields import plainly
from core.forms import SwedishNumber, SwedishWhole, careful_formfield
from inventory.draft_forms.fields import SHORT
from inventory.models import Link, Measure, MeasurePoint, Partner
from inventory.questions import LINKS, MEASURES, PARTNERS
from people.models import Organisation

# Of each question's rows, and of all measures' points together. A revision has room for as many
# more as are published.
MOST_ROWS = 50
MOST_POINTS = 400


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
        field_classes = dict.fromkeys(("baseline_value", "target_value"), SwedishNumber)
        formfield_callback = careful_formfield

    def __init__(
        self, payload: Mapping[str, list[str]], prefix: str, most_points: int = MOST_POINTS
    ) -> None:
        super().__init__(payload, prefix)
        self.points = Points(f"{prefix}-point", payload, most_points)

    def has_changed(self) -> bool:
        """Its number alone is no answer."""
        return bool(set(self.changed_data) - {"id"}) or bool(self.points.filled)

    def clean_id(self) -> int | None:
        """A number, or none."""
        typed = self.cleaned_data["id"]
        return int(typed) if typed.isdecimal() and len(typed) < 10 else None

    def clean(self) -> dict[str, Any]:
        """What one answer asks of another, as the constraints do, but in words at the field."""
        cleaned = super().clean() or {}
        value = cleaned.get("baseline_value")
        if value is None and cleaned.get("baseline_date") and "baseline_value" not in self.errors:
            self.add_error("baseline_value", "Skriv också vad värdet var före.")
        if cleaned.get("unit") == "procent":
            for name in ("baseline_value", "target_value"):
                self._refuse_beyond(self, name)
            for point in self.points.filled:
                self._refuse_beyond(point, "value")
        return cleaned

    @staticmethod
    def _refuse_beyond(form: RowForm, name: str) -> None:
        value = form.cleaned_data.get(name) if form.is_bound and not form.errors.get(name) else None
        if value is not None and not 0 <= value <= 100:
            form.add_error(name, "Måttet är i procent. Skriv ett tal från 0 till 100.")


class PointRow(RowForm):
    """What a measure showed."""

    n = SwedishWhole(label="Antal svarande (n)", min_value=1, required=False)

    class Meta:
        model = MeasurePoint
        fields = ["date", "value", "n", "source"]
        field_classes = {"value": SwedishNumber}
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


class Rows:
    """The rows of a question, numbered in the names of their fields; the first of them, if many."""

    # What each row's form is.
    form: type[RowForm]

    def __init__(self, prefix: str, payload: Mapping[str, list[str]], most: int) -> None:
        numbered = re.compile(rf"{re.escape(prefix)}-(\d{{1,4}})-")
        rows: dict[int, dict[str, list[str]]] = {}
        for name, values in payload.items():
            if match := numbered.match(name):
                rows.setdefault(int(match[1]), {})[name] = values
        self.prefix, self.most, self.count = prefix, most, len(rows)
        self.forms = [self.made(rows[place], f"{prefix}-{place}") for place in sorted(rows)[:most]]
        self.blank = self.made({}, f"{prefix}-{max(rows, default=-1) + 1}")

    def made(self, payload: Mapping[str, list[str]], prefix: str) -> RowForm:
        """One row's form."""
        return self.form(payload, prefix)

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
        if self.count > self.most:
            found[self.prefix] = [self.too_many]
        return found

    @property
    def too_many(self) -> str:
        """What is said when not all of them are shown."""
        return (
            f"Högst {self.most} rader får plats, och det är {self.count}. Allt är sparat, och de"
            " första visas. Ta bort några."
        )


class Points(Rows):
    """What a measure showed, as far as there is room."""

    form = PointRow

    @property
    def too_many(self) -> str:
        """The room is for all measures together."""
        return (
            f"Alla mått får tillsammans ha högst {MOST_POINTS} mätningar. Allt är sparat, och de"
            " första visas. Ta bort några."
        )


class Measures(Rows):
    """Measures, which share the room for their points."""

    form = MeasureRow

    def __init__(
        self, payload: Mapping[str, list[str]], most: int = MOST_ROWS, points: int = MOST_POINTS
    ) -> None:
        self.room = points
        super().__init__(MEASURES, payload, most)

    def made(self, payload: Mapping[str, list[str]], prefix: str) -> RowForm:
        """A measure with its points."""
        row = MeasureRow(payload, prefix, self.room)
        self.room -= len(row.points.forms)
        return row

    @property
    def malformed(self) -> dict[str, list[str]]:
        """Also in the points, as the measures see them."""
        found = super().malformed
        for form in self.filled:
            found |= form.points.malformed
        return found


class Links(Rows):
    """Reports and pages elsewhere."""

    form = LinkRow


class Partners(Rows):
    """Organisations that take part, each once."""

    form = PartnerRow

    def __init__(self, prefix: str, payload: Mapping[str, list[str]], most: int) -> None:
        super().__init__(prefix, payload, most)
        seen = set()
        for form in self.filled:
            chosen = form.cleaned_data.get("organisation") if form.is_valid() else None
            if chosen and chosen in seen:
                form.add_error("organisation", f"{chosen} finns redan bland dem som medverkar.")
            seen.add(chosen)
