"""What waits for a curator, or was declined or taken back, is on no page and in no file."""

import pytest
from django.test import Client

from library import actions
from library.models import Item
from search import indexing
from tests.addresses import addresses
from tests.factories import make_document, make_project, make_user
from tests.library_factories import (
    make_gap,
    make_item,
    make_method,
    make_story,
    make_voice,
    moderator,
)
from tests.reading import body, everything_in

pytestmark = pytest.mark.django_db

RARE = "kvastskaft"


def send_in() -> None:
    """Voices, stories and gaps in each state that nobody sees, full of the rare word."""
    by, item = moderator(), make_item(title="Öppen")
    for thing in (item, make_method()):
        make_voice(thing, text=RARE)
        actions.decline_voice(voice=make_voice(thing, text=f"{RARE}!"), reason=RARE, by=by)
    words = dict.fromkeys(("title", "text", "learning", "signature"), RARE)
    for _ in range(4):
        make_story(**words, email=f"{RARE}@example.org")
    _, accepted, declined, gone = type(make_story()).objects.filter(title=RARE).order_by("pk")
    actions.accept_story(offer=accepted, by=by)
    actions.decline_story(offer=declined, reason=RARE, by=by)
    actions.take_back_story(offer=gone)
    make_gap(title=RARE, text=RARE, proposed=True)
    actions.decline_gap(gap=make_gap(title=f"{RARE}?", proposed=True), reason=RARE, by=by)
    indexing.index()


@pytest.mark.parametrize("signed", [False, True])
def test_what_nobody_may_see_is_nowhere(signed, unlimited, monkeypatch):
    monkeypatch.setattr("inventory.views.sheets.pdf", lambda html: html.encode())  # slow to make
    monkeypatch.setattr("core.visitors.Limit.wait", lambda self, key: 0)
    known = addresses(make_document(make_project()))
    send_in()
    browser = Client()
    if signed:
        browser.force_login(make_user())
    items = [item.get_absolute_url() for item in Item.objects.all()]
    asked = [*known.values(), *items, "/sitemap-poster.xml", "/kunskapsluckor/?sortera=nyast"]
    holding = [where for where in asked if RARE in everything_in(body(browser.get(where)))]
    assert holding == []
    # The page repeats what was asked for, and finds nothing.
    assert "Inga träffar" in everything_in(body(browser.get(f"/sok/?q={RARE}&ordagrant=ja")))
