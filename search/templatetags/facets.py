"""How a facet's value is drawn in a filter panel."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.templatetags.ksi import number
from search.filters import Option

register = template.Library()


@register.simple_tag
def facet_option(facet: str, option: Option) -> SafeString:
    """A box to tick, with how many it gives.

    Not a template: a panel holds fifty, whose counts differ from search to search, and each would
    take as long as all of them do here.
    """
    return format_html(
        '<label class="check{}"><input type="checkbox" id="f-{facet}-{value}" name="{facet}"'
        ' value="{value}"{}> <span>{}</span> <span class="n">{}<span class="sr"> träffar</span>'
        "</span></label>",
        "" if option.count else " zero",
        " checked" if option.checked else "",
        option.label,
        number(option.count),
        facet=facet,
        value=option.value,
    )
