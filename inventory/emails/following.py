"""Digests of what is followed."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from core import mail
from core.models import Mail
from inventory.models import DigestSetting, Frequency


@dataclass(frozen=True)
class Item:
    """A project in a digest: what has happened to it, when, and what it is in a sentence."""

    title: str
    address: str
    sentence: str
    what: str
    on: datetime.date


@dataclass(frozen=True)
class Section:
    """What has happened to something that somebody follows; `more` is how many were left out."""

    label: str
    address: str
    items: list[Item]
    more: int = 0


def digest(setting: DigestSetting, sections: Sequence[Section]) -> Mail:
    """Tell somebody what has happened to what she follows. It can be ended with one click."""
    return mail.write(
        to=setting.user.email,
        template="inventory/letters/digest.html",
        context={
            "sections": sections,
            "address": reverse("inventory:following"),
            "monthly": setting.frequency == Frequency.MONTHLY,
        },
        unsubscribe=settings.PORTAL_URL + reverse("inventory:unsubscribe", args=[setting.token]),
        purpose="utskick-foljer",
    )
