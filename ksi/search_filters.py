"""The address of the search page, parsed: words, facets, period, order; and what it finds."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import django_filters
from django.http import QueryDict

from inventory.filters import (
    SHOWN_FIRST,
    Chip,
    FacetFilter,
    FacetGroup,
    Option,
    OrderFilter,
    Period,
    WordFilter,
    YearFilter,
)
from inventory.search import FACETS as INVENTORY_FACETS
from inventory.search import RUNS_ON, YEAR
from search import catalogue, counting
from search.catalogue import KIND
from search.facets import snapshot
from search.finding import Finding, Search
from search.models import Entry
from search.understanding import MOST_LETTERS

# Facets of everything, in the order of the filter panel; "ar" stands for the period.
FACETS = {KIND: "Vad det är"} | {
    name: INVENTORY_FACETS[name] for name in ("tema", "stadsdel", "omrade", "malgrupp")
}
BEST, NEWEST = "relevans", "nyast"
ORDER_LABELS = {BEST: "Bäst träff först", NEWEST: "Senast tillagda"}
BY_KIND = "slag"
YES = "ja"

NO_SUCH_CHOICE = "Vi känner inte igen ”%(value)s”. Välj på sidan i stället."


class FoundFilter(FacetFilter):
    """A facet whose values the catalogue names."""

    def __init__(self, name: str) -> None:
        unknown = "Vi känner inte igen ”%(value)s”. Välj i listan i stället."
        super().__init__(label=FACETS[name], error_messages={"invalid_choice": unknown})


class SwitchFilter(OrderFilter):
    """Something that is on or off, in the address as one word."""

    def __init__(self, label: str, word: str) -> None:
        super().__init__(
            label=label,
            choices=[(word, label)],
            error_messages={"invalid_choice": NO_SUCH_CHOICE},
        )


class SearchFilter(django_filters.FilterSet):
    """What a visitor asks of the whole portal.

    The search finds (search.finding), so the filter set parses the address, tells what is wrong
    with it, and draws the panel. What is wrong is left out of the question.
    """

    q = WordFilter(
        label="Vad söker du efter?",
        max_length=MOST_LETTERS,
        error_messages={"max_length": f"Skriv högst {MOST_LETTERS} tecken i sökrutan."},
    )
    slag = FoundFilter("slag")
    tema = FoundFilter("tema")
    stadsdel = FoundFilter("stadsdel")
    omrade = FoundFilter("omrade")
    malgrupp = FoundFilter("malgrupp")
    fran = YearFilter("Från år")
    till = YearFilter("Till år")
    sortera = OrderFilter(
        label="Ordna efter",
        choices=list(ORDER_LABELS.items()),
        error_messages={"invalid_choice": "Den ordningen finns inte. Välj i listan i stället."},
    )
    visa = SwitchFilter("Träffarna efter vad det är", BY_KIND)
    ordagrant = SwitchFilter("Bara det som är skrivet", YES)

    class Meta:
        model = Entry
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, edition: int, audiences: frozenset[str]) -> None:
        asked = data.copy()
        for name, values in data.lists():
            asked.setlist(name, [value for value in values if value])
        super().__init__(asked, queryset=Entry.objects.none())
        self.edition = edition
        self.audiences = audiences
        for name in FACETS:
            # A callable, for forms copy their lists of choices.
            self.filters[name].extra["choices"] = self.labels(name).items
        self.form.is_valid()
        self._check_period()

    def _check_period(self) -> None:
        first, last = (self.form.cleaned_data.get(name) for name in ("fran", "till"))
        if first and last and last < first:
            self.form.add_error("till", "Till år kan inte vara före från år.")

    @property
    def values(self) -> dict[str, Any]:
        """What was understood, by parameter; nothing for what was wrong."""
        return self.form.cleaned_data

    @property
    def words(self) -> str:
        """What is asked for; nothing when nothing is, or too much."""
        return self.values.get("q") or ""

    @property
    def typed(self) -> str:
        """What stands in the field: as much of what was typed as it takes."""
        return self.data.get("q", "").strip()[:MOST_LETTERS]

    @property
    def order(self) -> str:
        """The chosen order."""
        return self.values.get("sortera") or BEST

    @property
    def by_kind(self) -> bool:
        """Whether hits are shown by what they are."""
        return bool(self.values.get("visa"))

    @property
    def literally(self) -> bool:
        """Whether synonyms and misspellings are left out."""
        return bool(self.values.get("ordagrant"))

    @cached_property
    def chosen(self) -> dict[str, list[str]]:
        """Chosen values by facet, the period as years."""
        chosen = {}
        for name in FACETS:
            known = self.labels(name)
            if values := [value for value in self.data.getlist(name) if value in known]:
                chosen[name] = values
        first, last = self.values.get("fran"), self.values.get("till")
        if first or last:
            known_years = _years(
                value
                for kind in catalogue.sources
                for value in snapshot(kind, self.edition).values.get(YEAR, {})
            )
            chosen[YEAR] = [
                str(year) for year in known_years if (first or 0) <= year <= (last or 9999)
            ]
            # What still runs has years up to when it was last written, and goes on after that.
            if not last or not known_years or last > known_years[-1]:
                chosen[YEAR].append(RUNS_ON)
        return chosen

    @cached_property
    def search(self) -> Search:
        """The question, among what the visitor may see."""
        return Search(self.words, self.audiences, self.edition, self.chosen, self.literally)

    @cached_property
    def found(self) -> Finding:
        """What came of it."""
        return self.search.find()

    def labels(self, facet: str) -> dict[str, str]:
        """Value → what it is called, in the order in which values are listed."""
        return counting.labels(facet, self.edition)

    def counts(self, facet: str) -> dict[str, int]:
        """Value → how many entries choosing it gives; the facet's own choice is left out."""
        among = self.search.entries_without(self.found, facet)
        return counting.counts(among, self.edition, [] if facet == KIND else [facet])[facet]

    @property
    def panel(self) -> Iterator[FacetGroup]:
        """The facets with counts, for the filter panel; what gives nothing is left out."""
        for name, label in FACETS.items():
            counts = self.counts(name)
            checked = set(self.chosen.get(name, ()))
            options = [
                Option(value, text, counts.get(value, 0), value in checked)
                for value, text in self.labels(name).items()
                if value in checked or counts.get(value)
            ]
            errors = tuple(self.form.errors.get(name, ()))
            if options or errors:
                yield _folded(name, label, options, errors)

    @property
    def periods(self) -> Iterator[Period]:
        """Stretches of years with counts, newest first: single years, or five when many."""
        among = self.search.entries_without(self.found, YEAR)
        known = _years(counting.counts(among, self.edition, [YEAR])[YEAR])
        if not known:
            return
        step = 1 if known[-1] - known[0] < 12 else 5
        chosen = (self.values.get("fran"), self.values.get("till"))
        for first in range(known[-1] - known[-1] % step, known[0] - step, -step):
            last = first + step - 1
            if count := self._count_of(among, first, last):
                address = self.address(_from_to(first, last))
                yield Period(first, last, count, chosen == (first, last), address)

    def _count_of(self, entries: list[int], first: int, last: int) -> int:
        """How many of these entries were going on in any of these years."""
        years = [str(year) for year in range(first, last + 1)]
        return sum(
            (found.of_entries(entries) & found.any_of(YEAR, years)).bit_count()
            for found in (snapshot(kind, self.edition) for kind in catalogue.sources)
        )

    def address(self, change: Callable[[QueryDict], Any], base: str = "") -> str:
        """The address with a change made, from its first page."""
        params = self.data.copy()
        params.pop("sida", None)
        change(params)
        for name in [name for name, values in params.lists() if not any(values)]:
            del params[name]
        query = params.urlencode()
        return f"{base}?{query}" if query else base or "."

    def with_value(self, name: str, value: str) -> str:
        """The address with this parameter, instead of what it says of it."""
        return self.address(lambda params: params.setlist(name, [value]))

    @property
    def by_words_alone(self) -> str:
        """The address with the words and nothing else."""
        return f"?{QueryDict.fromkeys(['q'], self.typed).urlencode()}"

    @property
    def chips(self) -> Iterator[Chip]:
        """Each chosen filter with the address that leaves it out."""

        def without(name: str, value: str) -> str:
            def change(params: QueryDict) -> None:
                params.setlist(name, [kept for kept in params.getlist(name) if kept != value])

            return self.address(change)

        for name in FACETS:
            labels = self.labels(name)
            for value in dict.fromkeys(self.data.getlist(name)):
                yield Chip(labels.get(value, value), without(name, value))
        for name, text in (("fran", "Från {}"), ("till", "Till {}")):
            for value in dict.fromkeys(self.data.getlist(name)):
                if value.strip():
                    yield Chip(text.format(value), without(name, value))


def _years(values: Any) -> list[int]:
    """The years among the values of the year facet, ascending."""
    return sorted({int(value) for value in values if value != RUNS_ON})


def _from_to(first: int, last: int) -> Callable[[QueryDict], None]:
    def change(params: QueryDict) -> None:
        params["fran"], params["till"] = str(first), str(last)

    return change


def _folded(name: str, label: str, options: list[Option], errors: tuple[str, ...]) -> FacetGroup:
    """The commonest and the chosen values first, the rest folded when they are many."""
    if len(options) <= SHOWN_FIRST + 1:
        return FacetGroup(name, label, tuple(options), (), errors)
    chosen = sum(option.checked for option in options)
    common = sorted(options, key=lambda option: (-option.checked, -option.count))
    shown = {option.value for option in common[: max(SHOWN_FIRST, chosen)]}
    first = tuple(option for option in options if option.value in shown)
    rest = tuple(option for option in options if option.value not in shown)
    return FacetGroup(name, label, first, rest, errors)
