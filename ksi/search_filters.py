"""The address of the search page, parsed: words, facets, period, order; and what it finds."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from django.http import QueryDict

from inventory.search import FACETS as INVENTORY_FACETS
from library.search import FACETS as LIBRARY_FACETS
from search import catalogue, counting
from search.catalogue import KIND, RUNS_ON, YEAR
from search.counting import Among
from search.facets import snapshot
from search.filters import AddressFilter, FacetFilter, OrderFilter, SwitchFilter, WordFilter
from search.finding import Finding, Search
from search.understanding import MOST_LETTERS

# Facets of everything, in the order of the filter panel.
FACETS = {KIND: "Vad det är"} | {
    name: INVENTORY_FACETS[name] for name in ("tema", "stadsdel", "omrade", "malgrupp")
}
FACETS["lasare"] = LIBRARY_FACETS["lasare"]
BEST, NEWEST = "relevans", "nyast"
ORDER_LABELS = {BEST: "Bäst träff först", NEWEST: "Senast tillagda"}
BY_KIND = "slag"


class SearchFilter(AddressFilter):
    """What a visitor asks of the whole portal; the search finds (search.finding)."""

    q = WordFilter("Vad söker du efter?", MOST_LETTERS)
    slag = FacetFilter(FACETS["slag"])
    tema = FacetFilter(FACETS["tema"])
    stadsdel = FacetFilter(FACETS["stadsdel"])
    omrade = FacetFilter(FACETS["omrade"])
    malgrupp = FacetFilter(FACETS["malgrupp"])
    lasare = FacetFilter(FACETS["lasare"])
    sortera = OrderFilter(ORDER_LABELS)
    visa = SwitchFilter("Träffarna efter vad det är", BY_KIND)

    facets = FACETS
    shows_empty = False

    def __init__(self, data: QueryDict, *, edition: int, audiences: frozenset[str]) -> None:
        self.edition = edition
        self.audiences = audiences
        super().__init__(data)

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

    @cached_property
    def _counted(self) -> dict[str, Among]:
        return {}

    def _among(self, facet: str) -> Among:
        """The entries that would be found if nothing were chosen of this facet."""
        chosen = facet if facet in self.chosen else ""
        if chosen not in self._counted:
            entries = self.search.entries_without(self.found, facet)
            self._counted[chosen] = Among(entries, self.edition)
        return self._counted[chosen]

    def counts(self, facet: str) -> Mapping[str, int]:
        """Value → how many entries choosing it gives; the facet's own choice is left out."""
        return self._among(facet).counts(facet)

    def years(self) -> list[int]:
        """The years in which something of what is found was going on, ascending."""
        return _years(self._among(YEAR).counts(YEAR))

    def known_years(self) -> list[int]:
        """All years that can be chosen, ascending."""
        found = (snapshot(kind, self.edition).values.get(YEAR, {}) for kind in catalogue.sources)
        return _years(year for years in found for year in years)

    def going_on(self, years: list[str]) -> int:
        """How many of what is found were going on in any of these years."""
        return self._among(YEAR).having(YEAR, years)

    @property
    def by_words_alone(self) -> str:
        """The address with the words and nothing else."""
        return f"?{QueryDict.fromkeys(['q'], self.typed).urlencode()}"


def _years(values: Iterable[str]) -> list[int]:
    """The years among the values of the year facet, ascending."""
    return sorted({int(value) for value in values if value != RUNS_ON})
