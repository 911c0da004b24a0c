"""The library's address, parsed: facets, words, years, order."""

from library.search import FACETS, KIND
from search.filters import FacetFilter, OrderFilter
from search.lists import NEWEST, RELEVANCE, ListFilter

YEAR_FIRST = "ar"
ORDER_LABELS = {
    RELEVANCE: "Bäst träff först",
    NEWEST: "Senast tillagda",
    YEAR_FIRST: "År, nyast först",
    "namn": "Titel, A–Ö",
}


def facet(name: str) -> FacetFilter:
    """A facet of the library."""
    return FacetFilter(FACETS[name])


class ItemFilter(ListFilter):
    """What a visitor asks of the library."""

    publikation = facet("publikation")
    kunskapskalla = facet("kunskapskalla")
    tema = facet("tema")
    lasare = facet("lasare")
    omrade = facet("omrade")
    metod = facet("metod")
    sprak = facet("sprak")
    utgivare = facet("utgivare")
    aktualitet = facet("aktualitet")
    sortera = OrderFilter(ORDER_LABELS)

    kind = KIND
    name = "Biblioteket"
    one, many = "publikation eller berättelse", "publikationer och berättelser"
    facets = FACETS
    order_labels = ORDER_LABELS
    order_names = {YEAR_FIRST: "start"}
