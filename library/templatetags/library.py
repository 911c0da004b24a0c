"""Tags for pages of the library."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from library.models import Instrument, Item, Method
from people import roles
from people.models import User

register = template.Library()

SUBJECTS = {Item: "post", Method: "metod", Instrument: "instrument"}


@register.simple_tag(takes_context=True)
def change_link(context: dict[str, Any], thing: Item | Method | Instrument) -> SafeString:
    """ "Ändra", for those who write in the library; nothing for others."""
    user = context.get("user")
    if not isinstance(user, User) or not roles.may(user, roles.WRITE_LIBRARY):
        return SafeString("")
    address = reverse("library:revise", args=[SUBJECTS[type(thing)], thing.pk])
    return format_html('<p><a class="btn btn-2" href="{}">Ändra</a></p>', address)
