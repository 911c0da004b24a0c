"""Counting what was found, over all kinds of things: how many have each value of each facet."""

from collections import Counter
from collections.abc import Iterable

from search import catalogue
from search.catalogue import KIND
from search.facets import snapshot


def counts(entries: Iterable[int], edition: int, facets: Iterable[str]) -> dict[str, Counter[str]]:
    """Facet → value → how many of these entries have it. The facet KIND is what kind they are."""
    entries, facets = list(entries), list(facets)
    counted: dict[str, Counter[str]] = {facet: Counter() for facet in [KIND, *facets]}
    for kind in catalogue.sources:
        found = snapshot(kind, edition)
        among = found.of_entries(entries)
        if not among:
            continue
        counted[KIND][kind] = among.bit_count()
        for facet in facets:
            for value, bits in found.values.get(facet, {}).items():
                if count := (bits & among).bit_count():
                    counted[facet][value] += count
    return counted


def labels(facet: str, edition: int) -> dict[str, str]:
    """Value → what it is called, in the order in which values are listed."""
    if facet == KIND:
        return {kind: source.plural for kind, source in catalogue.sources.items()}
    any_kind = next(iter(catalogue.sources))
    return snapshot(any_kind, edition).labels.get(facet, {})
