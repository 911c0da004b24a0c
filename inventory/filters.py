"""The inventory's address, parsed: facets, words, period, order."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from django.http import QueryDict

from inventory.search import FACETS, KIND
from search.catalogue import KIND as KIND_FACET
from search.catalogue import RUNS_ON, YEAR
from search.facets import Selection, Snapshot
from search.filters import AddressFilter, FacetFilter, OrderFilter, WordFilter
from search.finding import Finding, Search
from search.understanding import MOST_LETTERS

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


def facet(name: str) -> FacetFilter:
    """A facet of the inventory."""
    return FacetFilter(FACETS[name])


class ProjectFilter(AddressFilter):
    """What a visitor asks of the inventory; the catalogue's bits do the filtering."""

    q = WordFilter("Sökord", MOST_LETTERS)
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
    sortera = OrderFilter(ORDER_LABELS)

    facets = FACETS
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
        """Value → how many projects choosing it gives; the facet's own choice is left out."""
        return self.selection.counts(facet)

    def years(self) -> list[int]:
        """The years in which some project was going on, ascending."""
        return sorted(int(year) for year in self.snapshot.values.get(YEAR, {}) if year != RUNS_ON)

    def going_on(self, years: list[str]) -> int:
        """How many projects of the selection were going on in any of these years."""
        return self.selection.count_of(YEAR, years)

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
            literally=self.literally,
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
        for name in self.filters:
            values = self.data.getlist(name)
            params.setlist(name, sorted(set(values)) if name in FACETS else values[-1:])
        return params.urlencode()

    @property
    def subject(self) -> str:
        """What is asked for, in whatever order: the same text for the same choice.

        Nothing of what was not understood. The choice of everything is the empty text.
        """
        params = QueryDict(mutable=True)
        for name in self.filters:
            if name in FACETS:
                params.setlist(name, sorted(set(self.chosen.get(name, []))))
            elif name != "sortera" and (value := self.values.get(name)):
                params[name] = str(value)
        return params.urlencode()

    @property
    def in_words(self) -> str:
        """What is asked for, as a person would write it down."""
        said = [
            f"{label}: {', '.join(self.snapshot.label(name, value) for value in chosen)}"
            for name, label in FACETS.items()
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
