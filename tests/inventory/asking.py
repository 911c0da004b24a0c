"""A unit that is asked once a year, and what it does with the mail."""

import datetime
import re
from typing import Any

from django.conf import settings

from core.models import Mail
from inventory import actions
from inventory.models import Inquiry, Project
from people.models import Organisation
from tests.factories import make_project

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
