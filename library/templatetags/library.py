"""Tags for pages of the library."""

from typing import Any
from urllib.parse import urlencode

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
    # The flag, which all of them have, spares the others a question to the database.
    if not isinstance(user, User) or not user.reads_internal:
        return SafeString("")
    if not roles.may(user, roles.WRITE_LIBRARY):
        return SafeString("")
    address = reverse("library:revise", args=[subject, pk])
    return format_html('<p class="noprint"><a class="btn btn-2" href="{}">Ändra</a></p>', address)


@register.simple_tag(takes_context=True)
def list_link(context: dict[str, Any], kind: str, number: int) -> SafeString:
    """ "Lägg i en läslista", for those who may have one; nothing for others."""
    user = context.get("user")
    if not isinstance(user, User) or not roles.may(user, roles.KEEP_READING_LISTS):
        return SafeString("")
    address = f"{reverse('library:add-to-list')}?{urlencode({'slag': kind, 'nr': number})}"
    return format_html(
        '<p class="noprint"><a class="more" href="{}">Lägg i en läslista</a></p>', address
    )
