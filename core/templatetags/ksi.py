"""Template tags that every page may use (a builtin: no {% load %} needed)."""

import json
from collections.abc import Hashable
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core import text
from core.keeping import kept_part

register = template.Library()

# What could end a script block early, as JSON escapes.
_IN_SCRIPT = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}

UNKNOWN = "Framgår inte av källan"


@register.simple_tag
def kept_include(template_name: str, *key: Hashable, **context: Any) -> SafeString:
    """Include a template that depends on nothing but the key, and keep what it gives."""
    html = kept_part((template_name, *key), lambda: render_to_string(template_name, context))
    return mark_safe(html)  # noqa: S308 - rendered by a template


@register.filter
def markdown(value: str) -> SafeString:
    """Typed Markdown as sanitised HTML."""
    return text.markdown(value)


@register.filter
def plain(value: str) -> str:
    """Typed Markdown as one line of plain text."""
    return text.plain(value)


@register.filter
def number(value: Any) -> str:
    """A number as Swedes write it: 750 000 with a narrow no-break space, 92,5 with a comma."""
    if value is None:
        return ""
    whole = f"{value:,.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:,.0f}"
    return whole.replace(",", "\u202f").replace(".", ",").replace("-", "\u2212")


@register.filter
def size(value: Any) -> str:
    """A negative number without its sign, as in "12 lägre än före"."""
    return number(abs(value))


@register.filter
def json_ld(value: Any) -> SafeString:
    """Data for search engines as a JSON-LD block; a data block, so the CSP leaves it alone."""
    data = json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder).translate(_IN_SCRIPT)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(data))  # noqa: S308
