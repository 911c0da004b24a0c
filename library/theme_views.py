"""Themes: what curators have chosen, what is new, and a feed of it."""

from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from core.keeping import edition_of, kept_for_visitor
from core.reading import reading
from library import panels
from library.gap_search import KIND as GAP
from library.models import Instrument, Item, Method, Theme
from library.search import KIND
from people.models import audiences_of
from search import catalogue
from search.facets import Selection, entries_by_key, snapshot
from search.models import Audience, Entry

MOST_NEWEST = 5
MOST_IN_FEED = 50


@dataclass(frozen=True)
class Part:
    """The newest of one kind about a theme, and how many there are."""

    entries: list[Entry]
    total: int


def newest(request: HttpRequest, kind: str, theme: Theme, most: int = MOST_NEWEST) -> Part:
    """The newest of a kind that the visitor may see about a theme."""
    found = snapshot(kind, edition_of(request)[0])
    about = Selection(found, audiences_of(request.user), {Theme.FACET: [theme.slug]})
    keys = list(islice(about.keys("nyast"), most))
    return Part(entries_by_key(keys), len(about))


@reading
@kept_for_visitor
def theme_list(request: HttpRequest) -> HttpResponse:
    """All themes, with how much there is about each."""
    edition, audiences = edition_of(request)[0], audiences_of(request.user)
    amounts = [
        Selection(snapshot(kind, edition), audiences, {}).counts(Theme.FACET)
        for kind in catalogue.sources
    ]
    themes = [
        (theme, sum(amount.get(theme.slug, 0) for amount in amounts))
        for theme in Theme.objects.all()
    ]
    return render(request, "library/themes.html", {"themes": themes})


@reading
@kept_for_visitor
def theme_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One theme: introduction, what is chosen, and the newest of everything."""
    theme = get_object_or_404(Theme, slug=slug)
    audiences = audiences_of(request.user)
    visible = Item.objects.visible_to(audiences).filter(withdrawn_at=None)
    chosen = visible.filter(chosen_for__theme=theme).order_by("chosen_for__position", "pk")
    context = {
        "theme": theme,
        "chosen": list(chosen),
        "items": newest(request, KIND, theme),
        "methods": newest(request, Method.FACET, theme, 20),
        "instruments": newest(request, Instrument.FACET, theme, 20),
        "gaps": newest(request, GAP, theme),
        "panels": [panel(theme, request) for panel in panels.theme_panels],
    }
    return render(request, "library/theme.html", context)


class ThemeFeed(Feed):
    """The newest of everything public about a theme, as Atom (RFC 4287)."""

    feed_type = Atom1Feed

    def get_object(self, request: HttpRequest, slug: str) -> Theme:
        """The theme."""
        return get_object_or_404(Theme, slug=slug)

    def title(self, theme: Theme) -> str:
        """What the feed is called."""
        return f"KSI: {theme.name}"

    def subtitle(self, theme: Theme) -> str:
        """What is in it."""
        return f"Det senaste om {theme.name.lower()} i KSI."

    def link(self, theme: Theme) -> str:
        """The theme's page."""
        return theme.get_absolute_url()

    def feed_url(self, theme: Theme) -> str:
        """The feed's own address."""
        return reverse("library:theme-feed", args=[theme.slug])

    def items(self, theme: Theme) -> Any:
        """The newest entries, for the public."""
        about = Entry.objects.filter(
            audience=Audience.PUBLIC, facets__facet=Theme.FACET, facets__value=theme.slug
        )
        return about.order_by("-published_at", "-pk")[:MOST_IN_FEED]

    def item_title(self, item: Entry) -> str:
        """The title alone."""
        return item.title

    def item_description(self, item: Entry) -> str:
        """The plain summary."""
        return item.summary

    def item_link(self, item: Entry) -> str:
        """Its page."""
        return item.address

    def item_pubdate(self, item: Entry) -> Any:
        """When it was published."""
        return item.published_at

    def item_updateddate(self, item: Entry) -> Any:
        """The same: what is only corrected is not new."""
        return item.published_at

    def item_categories(self, item: Entry) -> list[str]:
        """What kind of thing it is."""
        return [item.card.get("kind") or catalogue.sources[item.kind].label]


theme_feed = reading(ThemeFeed())
