"""How a hit of the search is drawn."""

from collections.abc import Iterator
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

from ksi.search_hits import Shown
from search.cards import Card, Text

register = template.Library()


@register.simple_tag
def hit_row(hit: Shown, level: int) -> SafeString:
    """A hit as a row of a list, its title a heading of this level.

    Not a template: a page holds thirty, none of them as it was for other words, and each would
    take as long as thirty do here. What `Shown` has as SafeString is HTML; all else is escaped.
    """
    return mark_safe("\n".join(_lines(hit, level)))  # noqa: S308 - see above


def _lines(hit: Shown, level: int) -> Iterator[str]:
    entry = hit.entry
    yield '<li class="row">'
    yield f'<p class="row-top">{_state(entry)}<span class="meta">{_kind(hit)}</span></p>'
    yield f'<h{level}><a href="{escape(entry.address)}">{hit.title}</a></h{level}>'
    if hit.summary:
        yield f"<p>{hit.summary}</p>"
    if hit.terms:
        yield f'<p class="meta">Träff på {", ".join(hit.terms)}</p>'
    if hit.page:
        yield f'<p class="excerpt">{_place(hit.page)}{hit.excerpt and f": {hit.excerpt}"}</p>'
    elif hit.excerpt:
        yield f'<p class="excerpt"><span class="sr">Ur texten: </span>{hit.excerpt}</p>'
    if entry.card.get("who"):
        yield '<dl class="row-facts">'
        for name, said in (("Vem", entry.card["who"]), ("När", entry.card.get("when"))):
            if said:
                yield f"<div><dt>{name}</dt> <dd>{escape(said)}</dd></div>"
        yield "</dl>"
    yield "</li>"


def _state(entry: Card) -> str:
    card = entry.card
    if not card.get("state"):
        return ""
    return f'<span class="badge {escape(card.get("status", ""))}">{escape(card["state"])}</span> '


def _kind(hit: Shown) -> str:
    """What kind of thing it is, and whose word that is."""
    card = hit.entry.card
    told = f" · uppgift från {card['told']}" if card.get("told") else ""
    return escape(f"{hit.kind}{told}{' · påhittat exempel' if card.get('generated') else ''}")


def _place(page: Text) -> str:
    return f'<a href="{escape(page.address)}">Sidan {page.page} i {escape(page.title)}</a>'
