"""The inventory's address, parsed: facets, words, period, order."""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import django_filters
from django import forms
from django.http import QueryDict

from inventory.search import FACETS, KIND, RUNS_ON, YEAR
from search.catalogue import KIND as KIND_FACET
from search.facets import Selection, Snapshot
from search.finding import Finding, Search
from search.models import Entry

# By how well it answers the words; the order when there are any.
RELEVANCE = "relevans"
ORDER_LABELS = {
    RELEVANCE: "Bäst träff först",
    "nyast": "Senast tillagda",
    "start": "Start, nyast först",
    "bekraftad": "Senast bekräftade",
    "namn": "Namn, A–Ö",
}
DEFAULT_ORDER = "nyast"
# "ja": just the words as they are typed, without synonyms and corrections.
LITERALLY = "ordagrant"
# Values of a facet that stand open; the rest fold out.
SHOWN_FIRST = 6


@dataclass(frozen=True)
class Option:
    """One value of a facet in the panel."""

    value: str
    label: str
    count: int
    checked: bool


@dataclass(frozen=True)
class FacetGroup:
    """One facet in the panel: the commonest or chosen values first, the rest folded."""

    name: str
    label: str
    first: tuple[Option, ...]
    rest: tuple[Option, ...]
    errors: tuple[str, ...]

    @property
    def chosen(self) -> int:
        """How many of its values are chosen."""
        return sum(option.checked for option in [*self.first, *self.rest])


@dataclass(frozen=True)
class Chip:
    """A chosen filter and the address without it."""

    label: str
    without: str


@dataclass(frozen=True)
class Period:
    """A stretch of years that can be chosen with one click."""

    first: int
    last: int
    count: int
    chosen: bool
    address: str


def _years(first: int, last: int) -> Callable[[QueryDict], None]:
    def change(params: QueryDict) -> None:
        params["fran"], params["till"] = str(first), str(last)

    return change


class Cheap:
    """A filter that is copied for each request without what it is made of: only `extra` changes."""

    def __deepcopy__(self, memo: Any) -> Self:
        made = copy(self)
        made.extra = dict(self.extra)  # type: ignore[attr-defined]
        return made


class WordFilter(Cheap, django_filters.CharFilter):
    """Words."""


class FacetFilter(Cheap, django_filters.MultipleChoiceFilter):
    """Values of a facet."""


class OrderFilter(Cheap, django_filters.ChoiceFilter):
    """An order."""


class YearFilter(Cheap, django_filters.Filter):
    """A year between 1900 and 2100."""

    field_class = forms.IntegerField

    def __init__(self, label: str) -> None:
        message = "Skriv ett år med fyra siffror, till exempel 2015."
        super().__init__(
            label=label,
            min_value=1900,
            max_value=2100,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 4}),
            error_messages={"invalid": message, "min_value": message, "max_value": message},
        )


def facet(name: str) -> FacetFilter:
    """A facet whose values the catalogue names."""
    unknown = "Vi känner inte igen ”%(value)s”. Välj i listan i stället."
    return FacetFilter(label=FACETS[name], error_messages={"invalid_choice": unknown})


class ProjectFilter(django_filters.FilterSet):
    """What a visitor asks of the inventory.

    The catalogue's bits do the filtering (search.facets), so the filter set parses the address,
    tells what is wrong with it, and draws the panel. What is wrong is left out of the selection.
    """

    q = WordFilter(
        label="Sökord",
        max_length=200,
        error_messages={"max_length": "Skriv högst 200 tecken i sökrutan."},
    )
    stadsdel = facet("stadsdel")
    omrade = facet("omrade")
    typ = facet("typ")
    lage = facet("lage")
    tema = facet("tema")
    insats = facet("insats")
    malgrupp = facet("malgrupp")
    metod = facet("metod")
    uppfoljning = facet("uppfoljning")
    medverkan = facet("medverkan")
    fran = YearFilter("Från år")
    till = YearFilter("Till år")
    sortera = OrderFilter(
        label="Ordna efter",
        choices=list(ORDER_LABELS.items()),
        error_messages={"invalid_choice": "Den ordningen finns inte. Välj i listan i stället."},
    )

    class Meta:
        model = Entry
        fields: list[str] = []

    def __init__(
        self,
        data: QueryDict,
        *,
        snapshot: Snapshot,
        audiences: frozenset[str],
        everything: bool = False,
    ) -> None:
        """With `everything`, words find all there is, however common they are: for files."""
        asked = data.copy()
        for name, values in data.lists():
            asked.setlist(name, [value for value in values if value])
        super().__init__(asked, queryset=Entry.objects.none())
        self.snapshot = snapshot
        self.audiences = audiences
        self.everything = everything
        for name in FACETS:
            # A callable, for forms copy their lists of choices.
            self.filters[name].extra["choices"] = snapshot.labels.get(name, {}).items
        self.form.is_valid()
        self.check_period()

    def check_period(self) -> None:
        """A period must not end before it begins."""
        first, last = (self.form.cleaned_data.get(name) for name in ("fran", "till"))
        if first and last and last < first:
            self.form.add_error("till", "Till år kan inte vara före från år.")

    @property
    def values(self) -> dict[str, Any]:
        """What was understood, by parameter; nothing for what was wrong."""
        return self.form.cleaned_data

    @property
    def order(self) -> str:
        """The chosen order."""
        chosen = self.values.get("sortera")
        if self.finding is None:
            return chosen if chosen and chosen != RELEVANCE else DEFAULT_ORDER
        if self.everything and self.finding.more and chosen in {None, "", RELEVANCE}:
            return DEFAULT_ORDER  # so many are not ranked
        return chosen or RELEVANCE

    @property
    def orders(self) -> dict[str, str]:
        """The orders that can be chosen."""
        return {
            name: label
            for name, label in ORDER_LABELS.items()
            if name != RELEVANCE or self.finding is not None
        }

    @cached_property
    def chosen(self) -> dict[str, list[str]]:
        """Chosen values by facet, the period as years."""
        chosen = {}
        for name in FACETS:
            known = self.snapshot.labels.get(name, {})
            if values := [value for value in self.data.getlist(name) if value in known]:
                chosen[name] = values
        first, last = self.values.get("fran"), self.values.get("till")
        if first or last:
            years = self.snapshot.values.get(YEAR, {})
            numbers = [int(year) for year in years if year != RUNS_ON]
            chosen[YEAR] = [str(year) for year in numbers if (first or 0) <= year <= (last or 9999)]
            # What still runs has years up to when it was last written, and goes on after that.
            if not last or not numbers or last > max(numbers):
                chosen[YEAR].append(RUNS_ON)
        return chosen

    @cached_property
    def search(self) -> Search | None:
        """The question that the words ask, or nothing without words."""
        words = self.values.get("q")
        if not words:
            return None
        return Search(
            words,
            self.audiences,
            self.snapshot.edition,
            {KIND_FACET: [KIND]},
            literally=self.data.get(LITERALLY) == "ja",
        )

    @cached_property
    def finding(self) -> Finding | None:
        """What the words find among all projects; nothing without words."""
        return self.search.find() if self.search else None

    @property
    def is_capped(self) -> bool:
        """Whether the words find more than is fetched for a page."""
        return bool(self.finding and self.finding.more and not self.everything)

    @cached_property
    def found(self) -> list[int]:
        """Entries that the words find, best first: with all of them, or else with some."""
        if not (self.search and self.finding):
            return []
        if self.everything and self.finding.more:
            return list(self.search.everything(self.finding))
        return self.finding.entries or [hit.entry for hit in self.finding.partial]

    @cached_property
    def _narrowed(self) -> dict[str | None, int]:
        return {}

    def among(self, without: str | None) -> int:
        """The entries that the words find, as bits.

        Of words so common that not all hits are fetched, those among what else is chosen, but for
        the facet that is left out.
        """
        if without not in self.chosen or not self.is_capped:
            without = None
        if without not in self._narrowed:
            found = self.found
            if self.is_capped and self.chosen and self.search and self.finding:
                chosen = {name: values for name, values in self.chosen.items() if name != without}
                found = self.search.entries_among(self.finding, {KIND_FACET: [KIND], **chosen})
            self._narrowed[without] = self.snapshot.of_entries(found)
        return self._narrowed[without]

    @cached_property
    def selection(self) -> Selection:
        """The visible entries that match."""
        among = self.among if self.finding is not None else None
        return Selection(self.snapshot, self.audiences, self.chosen, among)

    @property
    def keys(self) -> Iterator[int]:
        """The matching entries in the chosen order."""
        if self.order != RELEVANCE:
            return self.selection.keys(self.order)
        found = self.found
        if self.is_capped and self.chosen and self.search:
            narrowed = {KIND_FACET: [KIND], **self.chosen}
            found = replace(self.search, chosen=narrowed).find().entries
        return self.selection.keys_of(found)

    @property
    def numbers(self) -> Iterator[int]:
        """The numbers of the matching projects in the chosen order."""
        found = self.snapshot
        return (found.rows[found.positions[key]].number for key in self.keys)

    @property
    def meaning(self) -> str:
        """The parameters that mean something, in one order: the same text for the same choice."""
        params = QueryDict(mutable=True)
        for name in (*self.filters, LITERALLY):
            values = self.data.getlist(name)
            params.setlist(name, sorted(set(values)) if name in FACETS else values[-1:])
        return params.urlencode()

    @property
    def panel(self) -> Iterator[FacetGroup]:
        """The facets with counts, for the filter panel; values that give nothing stand last."""
        for name, label in FACETS.items():
            counts = self.selection.counts(name)
            checked = set(self.chosen.get(name, ()))
            errors = tuple(self.form.errors.get(name, ()))
            options = [
                Option(value, text, counts.get(value, 0), value in checked)
                for value, text in self.snapshot.labels.get(name, {}).items()
                if value in checked or counts.get(value)
            ]
            if len(options) <= SHOWN_FIRST + 1:
                yield FacetGroup(name, label, tuple(options), (), errors)
                continue
            common = sorted(options, key=lambda option: (-option.checked, -option.count))
            shown = {option.value for option in common[: max(SHOWN_FIRST, len(checked))]}
            first = tuple(option for option in options if option.value in shown)
            rest = tuple(option for option in options if option.value not in shown)
            yield FacetGroup(name, label, first, rest, errors)

    @property
    def periods(self) -> Iterator[Period]:
        """Stretches of years with counts, newest first: single years, or five when many."""
        known = [int(year) for year in self.snapshot.values.get(YEAR, {}) if year != RUNS_ON]
        if not known:
            return
        step = 1 if max(known) - min(known) < 12 else 5
        for first in range(max(known) - max(known) % step, min(known) - step, -step):
            last = first + step - 1
            values = [str(year) for year in range(first, last + 1)]
            if count := self.selection.count_of(YEAR, values):
                chosen = (self.values.get("fran"), self.values.get("till")) == (first, last)
                yield Period(first, last, count, chosen, self.address(_years(first, last)))

    def address(self, change: Callable[[QueryDict], Any], base: str = "") -> str:
        """The address with a change made, from its first page."""
        params = self.data.copy()
        params.pop("sida", None)
        change(params)
        for name in [name for name, values in params.lists() if not any(values)]:
            del params[name]
        query = params.urlencode()
        return f"{base}?{query}" if query else base or "."

    @property
    def literally(self) -> str:
        """The address that looks for just the words as they are typed."""
        return self.address(lambda params: params.update({LITERALLY: "ja"}))

    @cached_property
    def query(self) -> str:
        """The chosen filters as a query string that starts with "?", or nothing."""
        address = self.address(lambda params: None)
        return "" if address == "." else address

    @property
    def chips(self) -> Iterator[Chip]:
        """Each chosen filter with the address that leaves it out, "." for none left."""

        def without(name: str, value: str) -> str:
            def change(params: QueryDict) -> None:
                params.setlist(name, [kept for kept in params.getlist(name) if kept != value])

            return self.address(change)

        for name in FACETS:
            for value in dict.fromkeys(self.data.getlist(name)):
                if value:
                    yield Chip(self.snapshot.label(name, value), without(name, value))
        for name, text in (("q", "Sökord: {}"), ("fran", "Från {}"), ("till", "Till {}")):
            for value in dict.fromkeys(self.data.getlist(name)):
                if value.strip():
                    yield Chip(text.format(value), without(name, value))
