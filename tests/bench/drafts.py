"""What the room "drafts" measures: drafts like no other, who writes them, and who reviews them.

Made in the generated database, and the same the next time. Runs inside the portal.
"""

import uuid
from random import Random
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.payloads import Payload
from inventory.models import Draft
from people.actions import rebuild_lineage
from people.models import Membership, Organisation, SiteRole, User
from tests.bench import searches
from tests.bench.databases import SEED

WRITTEN, WAITING = 320, 60
TOKEN = "t" * 32
# Answers of one page that are empty at first: each is written once in each draft.
EMPTY = ("staff_roles", "setting", "dose", "adaptations", "research_link")


def prepare() -> dict[str, dict[str, Any]]:
    """Page → its requests, as method, path and body, whose cookies they carry, and one answer."""
    unit = _unit()
    writer, curator = _account("prov-skribent@example.org"), _account("prov-redaktor@example.org")
    state = Membership.State.APPROVED
    Membership.objects.get_or_create(
        user=writer, organisation=unit, role=Membership.Role.REPORTER, defaults={"state": state}
    )
    SiteRole.objects.get_or_create(user=curator, role="redaktor")
    texts = _texts()
    written = [_draft(unit, number, text) for number, text in enumerate(texts[WAITING:])]
    for number, text in enumerate(texts[:WAITING]):
        _draft(unit, -1 - number, text, state=Draft.State.SUBMITTED, submitted_at=timezone.now())
    return {
        "alike": _measured(writer, [("GET", f"{_at(pk)}finns-redan/", "") for pk in written]),
        "autosave": _measured(
            writer,
            [("POST", f"{_at(pk)}hur/", _saved(name)) for name in EMPTY for pk in written],
        ),
        "desk": _measured(curator, [("GET", "/redaktion/", "")]),
    }


def _at(pk: int) -> str:
    return f"/inventering/lamna-in/{pk}/"


def _saved(name: str) -> str:
    text = f"{uuid.uuid4().hex} " + "Så här gör vi på kvällen. " * 12
    return urlencode({"csrfmiddlewaretoken": TOKEN, "autosparar": "1", name: text})


@transaction.atomic  # a run that is ended in the middle leaves no unit that nobody covers
def _unit() -> Organisation:
    unit = Organisation.objects.filter(slug="provenheten").first()
    if unit is None:
        district = Organisation.objects.filter(kind=Organisation.Kind.DISTRICT, valid_to=None)
        unit = Organisation.objects.create(
            name="Provenheten",
            slug="provenheten",
            kind=Organisation.Kind.UNIT,
            parent=district.order_by("slug").first(),
        )
        rebuild_lineage()
    return unit


def _account(email: str) -> User:
    return User.objects.filter(email=email).first() or User.objects.create_user(email)


def _texts() -> list[str]:
    """As long as a summary, each of two projects that nobody has put together before."""
    dice = Random(SEED)
    texts = searches.texts(dice, file="")
    return [
        " ".join(" ".join(text.split()[:30]) for text in dice.sample(texts, 2))
        for _ in range(WRITTEN + WAITING)
    ]


def _draft(unit: Organisation, number: int, text: str, **fields: Any) -> int:
    payload: Payload = {
        "kind": ["verksamhet"],
        "title": [" ".join(text.split()[:5])],
        "plain_summary": [text],
        "visibility": ["alla"],
    }
    made, _ = Draft.objects.update_or_create(
        key=f"prov-{number}", defaults={"unit": unit, "payload": payload} | fields
    )
    return made.pk


def _measured(by: User, requests: list[tuple[str, str, str]]) -> dict[str, Any]:
    """The requests but for the first, which is asked here: its queries and its length."""
    client = Client(headers={"host": "localhost"})
    client.force_login(by)
    client.cookies[settings.CSRF_COOKIE_NAME] = TOKEN
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    method, path, body = requests[0]
    client.get(path)  # what a process reads once in its life
    with CaptureQueriesContext(connection) as captured:
        response = client.generic(method, path, body, "application/x-www-form-urlencoded")
    if response.status_code != 200:
        raise ValueError(f"{path} answers {response.status_code}.")
    return {
        "cookies": cookies,
        "requests": requests[1:] or requests,
        "queries": len(captured),
        "size": len(response.content),
    }
