"""What search engines may read."""

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from inventory.idea_search import KIND as IDEA
from inventory.search import KIND as PROJECT
from library.search import INSTRUMENT_KIND as INSTRUMENT
from library.search import KIND as ITEM
from library.search import METHOD_KIND as METHOD
from people.models import Organisation
from search.models import Audience, Entry

# What has a page of its own, in the map of entries.
KINDS = (PROJECT, IDEA, ITEM, METHOD, INSTRUMENT)


class PageSitemap(Sitemap):
    """Pages that are always there."""

    def items(self) -> list[str]:
        """Names of addresses."""
        return [
            "start",
            "inventory:list",
            "library:items",
            "library:methods",
            "library:instruments",
            "inventory:ideas",
            "inventory:overview",
            "inventory:district-list",
            "about",
        ]

    def location(self, item: str) -> str:
        """The address."""
        return reverse(item)


class EntrySitemap(Sitemap):
    """Everything public in the catalogue that has a page of its own."""

    limit = 5000

    def items(self) -> QuerySet[Entry]:
        """Public entries, oldest first, so that pages of the map stay."""
        entries = Entry.objects.filter(kind__in=KINDS, audience=Audience.PUBLIC)
        return entries.order_by("pk")

    def location(self, item: Entry) -> str:
        """The address."""
        return item.address


class DistrictSitemap(Sitemap):
    """Districts, today's and earlier."""

    def items(self) -> QuerySet[Organisation]:
        """All districts."""
        return Organisation.objects.districts().alphabetical()

    def location(self, item: Organisation) -> str:
        """The address."""
        return reverse("inventory:district", args=[item.slug])


SITEMAPS = {"sidor": PageSitemap, "poster": EntrySitemap, "stadsdelar": DistrictSitemap}
