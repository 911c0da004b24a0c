"""Tags for pages of the library."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from people import roles
from people.models import User

register = template.Library()


@register.simple_tag(takes_context=True)
def change_link(context: dict[str, Any], subject: str, pk: int) -> SafeString:
    """ "Ändra", for those who write in the library; nothing for others."""
    user = context.get("user")
    if not isinstance(user, User) or not roles.may(user, roles.WRITE_LIBRARY):
        return SafeString("")
    address = reverse("library:revise", args=[subject, pk])
    return format_html('<p class="noprint"><a class="btn btn-2" href="{}">Ändra</a></p>', address)
