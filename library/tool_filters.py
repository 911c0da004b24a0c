"""The addresses of the lists of methods and instruments, parsed: facets and words."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from django.http import QueryDict

from library.search import (
    INSTRUMENT_FACETS,
    INSTRUMENT_KIND,
    INSTRUMENT_TYPE,
    METHOD_FACETS,
    METHOD_KIND,
    STAGE,
)
from search.catalogue import KIND as KIND_FACET
from search.facets import Selection, Snapshot
from search.filters import FacetFilter, FacetsFilter, WordFilter
from search.finding import Finding, Search
from search.understanding import MOST_LETTERS


class ToolFilter(FacetsFilter):
    """What a visitor asks of one of the lists; there are few enough that all hits are fetched."""

    kind: str

    q = WordFilter("Sökord", MOST_LETTERS)
    tema = FacetFilter("Tema")
    omrade = FacetFilter("Verksamhetsområde")

    chip_texts = {"q": "Sökord: {}"}
    shows_empty = False

    def __init__(self, data: QueryDict, *, snapshot: Snapshot, audiences: frozenset[str]) -> None:
        self.snapshot = snapshot
        self.audiences = audiences
        super().__init__(data)

    def labels(self, facet: str) -> dict[str, str]:
        """Value → what it is called, in the order in which values are listed."""
        return self.snapshot.labels.get(facet, {})

    def counts(self, facet: str) -> Mapping[str, int]:
        """Value → how many choosing it gives; the facet's own choice is left out."""
        return self.selection.counts(facet)

    @cached_property
    def finding(self) -> Finding | None:
        """What the words find; nothing without words."""
        words = self.values.get("q")
        if not words:
            return None
        among = {KIND_FACET: [self.kind]}
        edition = self.snapshot.edition
        return Search(words, self.audiences, edition, among, literally=self.literally).find()

    @cached_property
    def found(self) -> list[int]:
        """Entries that the words find, best first: with all of them, or else with some."""
        if self.finding is None:
            return []
        return self.finding.entries or [hit.entry for hit in self.finding.partial]

    @cached_property
    def selection(self) -> Selection:
        """The visible entries that match."""
        among = None
        if self.finding is not None:
            bits = self.snapshot.of_entries(self.found)
            among = lambda facet: bits  # noqa: E731 - what the words find, whatever is chosen
        return Selection(self.snapshot, self.audiences, self.chosen, among)

    @property
    def keys(self) -> Iterator[int]:
        """The matching entries: the best hits first, or by name."""
        if self.finding is not None:
            return self.selection.keys_of(self.found)
        return self.selection.keys("namn")


class MethodFilter(ToolFilter):
    """Of methods."""

    kind = METHOD_KIND
    facets = METHOD_FACETS

    verkstad = FacetFilter(METHOD_FACETS[STAGE])


class InstrumentFilter(ToolFilter):
    """Of instruments."""

    kind = INSTRUMENT_KIND
    facets = INSTRUMENT_FACETS

    instrumenttyp = FacetFilter(INSTRUMENT_FACETS[INSTRUMENT_TYPE])
