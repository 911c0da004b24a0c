"""What is shared by lists that are filtered by the catalogue's facets: address, panel, chips.

The catalogue does the filtering, so a filter set parses the address, tells what is wrong with it,
and draws the panel. What is wrong is left out of what is asked for.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import django_filters
from django import forms
from django.http import QueryDict

from search.catalogue import RUNS_ON, YEAR
from search.models import Entry

# Values of a facet that stand open; the rest fold out.
SHOWN_FIRST = 6
# Fewer years than this are listed one by one, more by five.
MOST_SINGLE_YEARS = 12
# "ja": just the words as they are typed, without synonyms and corrections.
LITERALLY = "ordagrant"
YES = "ja"


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


class Cheap:
    """A filter that is copied for each request without what it is made of: only `extra` changes."""

    def __deepcopy__(self, memo: Any) -> Self:
        made = copy(self)
        made.extra = dict(self.extra)  # type: ignore[attr-defined]
        return made


class WordFilter(Cheap, django_filters.CharFilter):
    """Words."""

    def __init__(self, label: str, most: int) -> None:
        told = f"Skriv högst {most} tecken i sökrutan."
        super().__init__(label=label, max_length=most, error_messages={"max_length": told})


class FacetFilter(Cheap, django_filters.MultipleChoiceFilter):
    """A facet whose values the catalogue names."""

    def __init__(self, label: str) -> None:
        unknown = "Vi känner inte igen ”%(value)s”. Välj i listan i stället."
        super().__init__(label=label, error_messages={"invalid_choice": unknown})


class OneOfFilter(Cheap, django_filters.ChoiceFilter):
    """One of a few choices; `told` when it is none of them."""

    def __init__(self, label: str, choices: Mapping[str, str], told: str) -> None:
        messages = {"invalid_choice": told}
        super().__init__(label=label, choices=list(choices.items()), error_messages=messages)


class OrderFilter(OneOfFilter):
    """An order."""

    def __init__(self, choices: Mapping[str, str]) -> None:
        told = "Den ordningen finns inte. Välj i listan i stället."
        super().__init__("Ordna efter", choices, told)


class SwitchFilter(OneOfFilter):
    """Something that is on or off, in the address as one word."""

    def __init__(self, label: str, word: str) -> None:
        told = "Vi känner inte igen ”%(value)s”. Välj på sidan i stället."
        super().__init__(label, {word: label}, told)


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


class AddressFilter(django_filters.FilterSet):
    """An address with facets and a period, and the panel that is drawn of it.

    A subclass declares `facets`, a filter for each, and `labels`, `counts`, `years`, `going_on`.
    """

    fran = YearFilter("Från år")
    till = YearFilter("Till år")
    ordagrant = SwitchFilter("Bara det som är skrivet", YES)

    # Facet → what it is called, in the order of the panel.
    facets: ClassVar[Mapping[str, str]] = {}
    # Whether a facet that gives nothing stands in the panel all the same.
    shows_empty: ClassVar[bool] = True
    # Parameter → how its chip is written.
    chip_texts: ClassVar[Mapping[str, str]] = {"fran": "Från {}", "till": "Till {}"}

    class Meta:
        model = Entry
        fields: list[str] = []

    def __init__(self, data: QueryDict) -> None:
        asked = data.copy()
        for name, values in data.lists():
            asked.setlist(name, [value for value in values if value])
        super().__init__(asked, queryset=Entry.objects.none())
        for name in self.facets:
            # A callable, for forms copy their lists of choices.
            self.filters[name].extra["choices"] = self.labels(name).items
        self.form.is_valid()
        self._check_period()

    @cached_property
    def form(self) -> forms.Form:
        """The address, understood. Its fields are this request's own, so that none is copied."""
        form = forms.Form(self.data, prefix=self.form_prefix)
        form.fields = {name: each.field for name, each in self.filters.items()}
        return form

    def labels(self, facet: str) -> dict[str, str]:
        """Value → what it is called, in the order in which values are listed."""
        raise NotImplementedError

    def counts(self, facet: str) -> Mapping[str, int]:
        """Value → how many entries choosing it gives; the facet's own choice is left out."""
        raise NotImplementedError

    def years(self) -> list[int]:
        """The years in which something was going on, ascending: what periods are made of."""
        raise NotImplementedError

    def known_years(self) -> list[int]:
        """All years that can be chosen, ascending."""
        return self.years()

    def going_on(self, years: list[str]) -> int:
        """How many entries were going on in any of these years."""
        raise NotImplementedError

    def _check_period(self) -> None:
        """A period must not end before it begins."""
        first, last = self._period
        if first and last and last < first:
            self.form.add_error("till", "Till år kan inte vara före från år.")

    @property
    def _period(self) -> tuple[int | None, int | None]:
        return self.values.get("fran"), self.values.get("till")

    @property
    def values(self) -> dict[str, Any]:
        """What was understood, by parameter; nothing for what was wrong."""
        return self.form.cleaned_data

    @property
    def literally(self) -> bool:
        """Whether synonyms and corrections are left out."""
        return bool(self.values.get(LITERALLY))

    @cached_property
    def chosen(self) -> dict[str, list[str]]:
        """Chosen values by facet, the period as years."""
        chosen = {}
        for name in self.facets:
            known = self.labels(name)
            if values := [value for value in self.data.getlist(name) if value in known]:
                chosen[name] = values
        first, last = self._period
        if first or last:
            years = self.known_years()
            chosen[YEAR] = [str(year) for year in years if (first or 0) <= year <= (last or 9999)]
            # What still runs has years up to when it was last written, and goes on after that.
            if not last or not years or last > years[-1]:
                chosen[YEAR].append(RUNS_ON)
        return chosen

    @property
    def panel(self) -> Iterator[FacetGroup]:
        """The facets with counts, for the filter panel; values that give nothing are left out."""
        for name, label in self.facets.items():
            counts = self.counts(name)
            checked = set(self.chosen.get(name, ()))
            errors = tuple(map(str, self.form.errors.get(name, ())))
            options = [
                Option(value, text, counts.get(value, 0), value in checked)
                for value, text in self.labels(name).items()
                if value in checked or counts.get(value)
            ]
            if options or errors or self.shows_empty:
                yield _folded(name, label, options, errors)

    @property
    def periods(self) -> Iterator[Period]:
        """Stretches of years with counts, newest first: single years, or five when many."""
        known = self.years()
        if not known:
            return
        step = 1 if known[-1] - known[0] < MOST_SINGLE_YEARS else 5
        for first in range(known[-1] - known[-1] % step, known[0] - step, -step):
            last = first + step - 1
            if count := self.going_on([str(year) for year in range(first, last + 1)]):
                address = self.address(_from_to(first, last))
                yield Period(first, last, count, self._period == (first, last), address)

    def address(self, change: Callable[[QueryDict], Any], base: str = "") -> str:
        """The address with a change made, from its first page."""
        params = QueryDict(mutable=True)  # QueryDict.copy copies deeply, which takes its time
        for name, values in self.data.lists():
            if name != "sida":
                params.setlist(name, list(values))
        change(params)
        for name in [name for name, values in params.lists() if not any(values)]:
            del params[name]
        query = params.urlencode()
        return f"{base}?{query}" if query else base or "."

    def with_value(self, name: str, value: str) -> str:
        """The address with this parameter, instead of what it says of it."""
        return self.address(lambda params: params.setlist(name, [value]))

    def without(self, name: str, value: str) -> str:
        """The address without this value of the parameter."""

        def change(params: QueryDict) -> None:
            params.setlist(name, [kept for kept in params.getlist(name) if kept != value])

        return self.address(change)

    @property
    def as_typed(self) -> str:
        """The address that looks for just the words as they are typed."""
        return self.with_value(LITERALLY, YES)

    @property
    def chips(self) -> Iterator[Chip]:
        """Each chosen filter with the address that leaves it out, "." for none left."""
        for name in self.facets:
            labels = self.labels(name)
            for value in dict.fromkeys(self.data.getlist(name)):
                yield Chip(labels.get(value, value), self.without(name, value))
        for name, text in self.chip_texts.items():
            for value in dict.fromkeys(self.data.getlist(name)):
                if value.strip():
                    yield Chip(text.format(value), self.without(name, value))


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


def _from_to(first: int, last: int) -> Callable[[QueryDict], None]:
    def change(params: QueryDict) -> None:
        params["fran"], params["till"] = str(first), str(last)

    return change
