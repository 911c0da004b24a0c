"""How a facet's values are drawn in a filter panel."""

from collections.abc import Iterable
from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core.templatetags.ksi import number
from search.filters import Option

register = template.Library()


@register.simple_tag
def facet_options(facet: str, options: Iterable[Option]) -> SafeString:
    """Boxes to tick, with how many each gives.

    Not a template: a panel holds fifty, whose counts differ from search to search, and each would
    take as long as all of them do here.
    """
    made = []
    for option in options:
        box, label = _named(facet, option.value, option.label)
        made.append(
            f'<label class="check{"" if option.count else " zero"}">'
            f"<input{box}{' checked' if option.checked else ''}> {label}"
            f' <span class="n">{number(option.count)}<span class="sr"> träffar</span></span>'
            "</label>"
        )
    return mark_safe("\n".join(made))  # noqa: S308 - made by format_html, and of numbers


@lru_cache(maxsize=2_000)
def _named(facet: str, value: str, label: str) -> tuple[SafeString, SafeString]:
    """What is the same in every search: the box and its label."""
    box = format_html(
        ' type="checkbox" id="f-{facet}-{value}" name="{facet}" value="{value}"',
        facet=facet,
        value=value,
    )
    return box, format_html("<span>{}</span>", label)
