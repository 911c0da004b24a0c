"""The inventory's address, parsed: facets, words, period, order."""

from inventory.search import FACETS, KIND
from search.filters import FacetFilter, OrderFilter
from search.lists import RELEVANCE, ListFilter

ORDER_LABELS = {
    RELEVANCE: "Bäst träff först",
    "nyast": "Senast tillagda",
    "start": "Start, nyast först",
    "bekraftad": "Senast bekräftade",
    "namn": "Namn, A–Ö",
}


def facet(name: str) -> FacetFilter:
    """A facet of the inventory."""
    return FacetFilter(FACETS[name])


class ProjectFilter(ListFilter):
    """What a visitor asks of the inventory."""

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

    kind = KIND
    name = "Inventeringen"
    one, many = "projekt eller verksamhet", "projekt och verksamheter"
    facets = FACETS
    order_labels = ORDER_LABELS
