"""Counting what was found, over all kinds of things: how many have each value of each facet."""

from collections import Counter
from collections.abc import Iterable
from functools import cached_property

from search import catalogue
from search.catalogue import KIND
from search.facets import Snapshot, snapshot


class Among:
    """Some entries of any kinds, as bits of each kind's facets."""

    def __init__(self, entries: Iterable[int], edition: int) -> None:
        self.entries = list(entries)
        self.edition = edition

    @cached_property
    def bits(self) -> list[tuple[str, Snapshot, int]]:
        """Each kind that some of them are of, its facets, and which of its entries they are."""
        kinds = ((kind, snapshot(kind, self.edition)) for kind in catalogue.sources)
        found = ((kind, facets, facets.of_entries(self.entries)) for kind, facets in kinds)
        return [each for each in found if each[-1]]

    def counts(self, facet: str) -> Counter[str]:
        """Value → how many of them have it. The facet KIND is what kind they are."""
        if facet == KIND:
            return Counter({kind: among.bit_count() for kind, _, among in self.bits})
        counted: Counter[str] = Counter()
        for _, facets, among in self.bits:
            for value, bits in facets.values.get(facet, {}).items():
                if count := (bits & among).bit_count():
                    counted[value] += count
        return counted

    def having(self, facet: str, values: Iterable[str]) -> int:
        """How many of them have any of the values."""
        values = list(values)
        return sum(
            (among & facets.any_of(facet, values)).bit_count() for _, facets, among in self.bits
        )


def labels(facet: str, edition: int) -> dict[str, str]:
    """Value → what it is called, in the order in which values are listed."""
    if facet == KIND:
        return {kind: source.plural for kind, source in catalogue.sources.items()}
    any_kind = next(iter(catalogue.sources))
    return snapshot(any_kind, edition).labels.get(facet, {})
