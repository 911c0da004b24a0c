"""A list of one kind of thing, filtered by the catalogue: what an address asks, and its page.

A subclass of `ListFilter` names its kind, its facets and its orders; `list_context` makes what the
template `_parts/list.html` shows.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import Any, ClassVar

from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from core.keeping import kept_part
from core.pages import Pages
from core.templatetags.ksi import number
from search.catalogue import KIND as KIND_FACET
from search.catalogue import RUNS_ON, YEAR
from search.facets import Selection, Snapshot, entries_by_key
from search.filters import AddressFilter, WordFilter
from search.finding import Finding, Search
from search.understanding import MOST_LETTERS

# By how well it answers the words; the order when there are any.
RELEVANCE = "relevans"
NEWEST = "nyast"


class ListFilter(AddressFilter):
    """What a visitor asks of a list; the catalogue's bits do the filtering.

    A subclass declares `kind`, `facets` with a filter for each, `order_labels` with `sortera`, and
    what one and many of its things are called.
    """

    q = WordFilter("Sökord", MOST_LETTERS)

    kind: ClassVar[str]
    # What it is called, as the beginning of its title.
    name: ClassVar[str]
    one: ClassVar[str]
    many: ClassVar[str]
    # The orders that can be chosen, RELEVANCE only with words; the address's own name of an order
    # → the catalogue's, where they differ.
    order_labels: ClassVar[Mapping[str, str]]
    order_names: ClassVar[Mapping[str, str]] = {}
    default_order: ClassVar[str] = NEWEST
    chip_texts = {"q": "Sökord: {}"} | dict(AddressFilter.chip_texts)

    def __init__(
        self,
        data: QueryDict,
        *,
        snapshot: Snapshot,
        audiences: frozenset[str],
        everything: bool = False,
    ) -> None:
        """With `everything`, words find all there is, however common they are: for files."""
        self.snapshot = snapshot
        self.audiences = audiences
        self.everything = everything
        super().__init__(data)

    def labels(self, facet: str) -> dict[str, str]:
        """Value → what it is called, in the order in which values are listed."""
        return self.snapshot.labels.get(facet, {})

    def counts(self, facet: str) -> Mapping[str, int]:
        """Value → how many things choosing it gives; the facet's own choice is left out."""
        return self.selection.counts(facet)

    def years(self) -> list[int]:
        """The years in which something was going on, ascending."""
        return sorted(int(year) for year in self.snapshot.values.get(YEAR, {}) if year != RUNS_ON)

    def going_on(self, years: list[str]) -> int:
        """How many things of the selection were going on in any of these years."""
        return self.selection.count_of(YEAR, years)

    @property
    def order(self) -> str:
        """The chosen order."""
        chosen = self.values.get("sortera")
        if self.finding is None:
            return chosen if chosen and chosen != RELEVANCE else self.default_order
        if self.everything and self.finding.more and chosen in {None, "", RELEVANCE}:
            return self.default_order  # so many are not ranked
        return chosen or RELEVANCE

    @property
    def orders(self) -> dict[str, str]:
        """The orders that can be chosen."""
        return {
            name: label
            for name, label in self.order_labels.items()
            if name != RELEVANCE or self.finding is not None
        }

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
            {KIND_FACET: [self.kind]},
            literally=self.literally,
        )

    @cached_property
    def finding(self) -> Finding | None:
        """What the words find among everything of the kind; nothing without words."""
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
                found = self.search.entries_among(self.finding, {KIND_FACET: [self.kind], **chosen})
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
            return self.selection.keys(self.order_names.get(self.order, self.order))
        found = self.found
        if self.is_capped and self.chosen and self.search:
            narrowed = {KIND_FACET: [self.kind], **self.chosen}
            found = replace(self.search, chosen=narrowed).find().entries
        return self.selection.keys_of(found)

    @property
    def numbers(self) -> Iterator[int]:
        """The numbers of the matching things in the chosen order."""
        found = self.snapshot
        return (found.rows[found.positions[key]].number for key in self.keys)

    @property
    def meaning(self) -> str:
        """The parameters that mean something, in one order: the same text for the same choice."""
        params = QueryDict(mutable=True)
        for name in self.filters:
            values = self.data.getlist(name)
            params.setlist(name, sorted(set(values)) if name in self.facets else values[-1:])
        return params.urlencode()

    @property
    def subject(self) -> str:
        """What is asked for, in whatever order: the same text for the same choice.

        Nothing of what was not understood. The choice of everything is the empty text.
        """
        params = QueryDict(mutable=True)
        for name in self.filters:
            if name in self.facets:
                params.setlist(name, sorted(set(self.chosen.get(name, []))))
            elif name != "sortera" and (value := self.values.get(name)):
                params[name] = str(value)
        return params.urlencode()

    @property
    def in_words(self) -> str:
        """What is asked for, as a person would write it down."""
        said = [
            f"{label}: {', '.join(self.snapshot.label(name, value) for value in chosen)}"
            for name, label in self.facets.items()
            if (chosen := list(dict.fromkeys(self.chosen.get(name, []))))
        ]
        for name, text in self.chip_texts.items():
            if value := self.values.get(name):
                said.append(text.format(value))
        return " · ".join(said)

    @cached_property
    def query(self) -> str:
        """The chosen filters as a query string that starts with "?", or nothing."""
        address = self.address(lambda params: None)
        return "" if address == "." else address

    @property
    def title(self) -> str:
        """What its page is called: its name, and the first that is chosen."""
        names = [
            self.snapshot.label(name, value)
            for name in self.facets
            for value in self.chosen.get(name, [])
        ]
        return f"{self.name}: {', '.join(names[:3])}" if names else self.name

    @property
    def headline(self) -> str:
        """How many there are."""
        count = len(self.selection)
        if not count:
            return "Inga träffar"
        told = f"{number(count)} {self.one if count == 1 else self.many}"
        return f"Över {told}" if self.is_capped else told


def list_context(
    wanted: ListFilter,
    page: str | None,
    per_page: int,
    rows: Callable[[list[int]], list[SafeString]],
) -> dict[str, Any]:
    """What the page of a list shows; `rows` draws these entries.

    Raises NotHere for a page that is none.
    """
    pages = Pages(page, len(wanted.selection), per_page, wanted.address)
    return {
        "title": wanted.title,
        "headline": wanted.headline,
        "filter": wanted,
        "panel": list(wanted.panel),
        "chips": list(wanted.chips),
        "periods": list(wanted.periods),
        "rows": rows(list(islice(wanted.keys, pages.start, pages.stop))),
        "pages": pages,
        "orders": wanted.orders,
        "found": wanted.finding,
        "facet_names": wanted.facets,
    }


def kept_rows(
    found: Snapshot, keys: Iterable[int], template: str, **context: Any
) -> list[SafeString]:
    """List rows of these entries in this order, drawn by a template that gets `entry` and the rest.

    A row's key is its entry and the edition that wrote it, so that only new ones are rendered,
    and only when one is missing is the database asked.
    """
    keys = list(keys)
    entries = None

    def render(key: int) -> str:
        nonlocal entries
        if entries is None:
            entries = {entry.pk: entry for entry in entries_by_key(keys)}
        if key not in entries:
            return ""
        return render_to_string(template, {"entry": entries[key], **context})

    made = []
    for key in keys:
        edition = found.rows[found.positions[key]].edition
        kept_as = ("row", template, key, edition, *sorted(context.items()))
        made.append(kept_part(kept_as, lambda key=key: render(key)))  # type: ignore[misc]
    return [mark_safe(row) for row in made]  # noqa: S308 - rendered by a template
