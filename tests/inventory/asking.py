"""A unit that is asked once a year, and what it does with the mail."""

import datetime
import re
from typing import Any

from django.conf import settings
from django.test import Client

from core.models import Mail
from inventory import actions
from inventory.models import Inquiry, Project
from people.models import Organisation, User
from tests.factories import ended_fields, make_project

START = datetime.datetime(2026, 3, 2, 6, 30, tzinfo=datetime.UTC)
PURPOSE = "stammer-det-fortfarande"


def old_project(unit: Organisation, title: str = "Kvällsstöd", **fields: Any) -> Project:
    """One that was published more than a year before START."""
    published = START - datetime.timedelta(days=400)
    return make_project(title=title, lead=unit, **{"published_at": published} | fields)


def asked(unit: Organisation) -> Inquiry:
    """The unit's inquiry, sent now."""
    assert actions.ask(unit=unit) is True
    return Inquiry.objects.get(unit=unit, answered_at=None)


def letters() -> list[str]:
    """Whom the question went to, in order."""
    return list(Mail.objects.filter(purpose=PURPOSE).order_by("pk").values_list("to", flat=True))


def paths_in(mail: Mail) -> list[str]:
    """The paths of the links in a letter, without the portal's own at the end."""
    found = re.findall(rf'href="{settings.PORTAL_URL}(/[^"]+)"', mail.html)
    return [path for path in found if path != "/"]


def key_of(inquiry: Inquiry) -> str:
    """The address of a letter's page."""
    return f"/inventering/stammer/{inquiry.token}/"


def ended() -> dict[str, Any]:
    """What an ended project has besides its status."""
    return {name: value for name, value in ended_fields().items() if name != "status"}


def signed_in(user: User) -> Client:
    """Her browser."""
    client = Client()
    client.force_login(user)
    return client


def answers(inquiry: Inquiry) -> dict[str, str]:
    """What has been said of each entry that is asked about."""
    return dict(inquiry.entries.values_list("project__title", "answer"))
