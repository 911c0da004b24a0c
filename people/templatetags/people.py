"""Tags for pages about accounts."""

from typing import Any

from django import template
from django.conf import settings

from people import demo
from people.middleware import has_shown_second_factor
from people.models import User

register = template.Library()

# What a user agent says, most particular first. A browser claims to be several.
BROWSERS = [
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
]
MACHINES = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
]


@register.filter
def device(user_agent: str) -> str:
    """A user agent in words: "Chrome på Windows"."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "Okänd webbläsare")
    machine = next((name for sign, name in MACHINES if sign in user_agent), "")
    return f"{browser} på {machine}" if machine else browser


@register.simple_tag
def single_sign_on() -> str:
    """What the city's own login is called; nothing when there is none."""
    apps: list[Any] = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    return apps[0]["name"] if apps else ""


@register.simple_tag(takes_context=True)
def must_add_second_factor(context: template.Context) -> bool:
    """Whether the visitor gets no further before she has one."""
    request = context["request"]
    return (
        settings.SECOND_FACTOR_REQUIRED
        and request.user.needs_second_factor
        and not has_shown_second_factor(request)
    )


@register.simple_tag
def demo_users() -> list[User]:
    """The demonstration's logins; none in production."""
    return demo.demo_users() if settings.DEMO else []
