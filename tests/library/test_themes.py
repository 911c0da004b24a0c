"""Themes: what is chosen, what is new, and the feed."""

import xml.etree.ElementTree as ET

import pytest

from library.actions import term_changed
from library.models import Theme, ThemeItem
from tests.factories import make_project, make_term
from tests.library_factories import make_item
from tests.reading import page, text_of

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def theme() -> Theme:
    return make_term(Theme, "Boende")


def test_a_theme_gathers_what_there_is_about_it(client, theme):
    Theme.objects.filter(pk=theme.pk).update(introduction="Att ha ett **eget hem**.")
    term_changed(term=Theme.objects.get(pk=theme.pk))
    chosen, newer = (make_item(title=name, themes=["Boende"]) for name in ("Vald", "Nyare"))
    make_item(title="Annat", themes=["Arbete"])
    make_project(title="Kvällsöppet", themes=["Boende"])
    ThemeItem.objects.create(theme=theme, item=chosen)

    markup = page(client, "/teman/boende/")

    assert "<h1>Tema: Boende</h1>" in markup
    assert "<strong>eget hem</strong>" in markup
    start, rest = markup.split('id="biblioteket"')
    assert ("Vald" in start, "Nyare" in start) == (True, False)
    assert ("Nyare" in rest, "Kvällsöppet" in rest, "Annat" in rest) == (True, True, False)
    assert newer.get_absolute_url() in rest


def test_what_is_for_staff_is_neither_shown_nor_counted(client, theme):
    hidden = make_item(title="Internt", themes=["Boende"], visibility="personal")
    ThemeItem.objects.create(theme=theme, item=hidden)
    make_item(title="Öppet", themes=["Boende"])

    assert "Internt" not in page(client, "/teman/boende/")
    assert "Internt" not in page(client, "/teman/boende/flode.atom")
    assert "1 sak att läsa" in text_of(page(client, "/teman/"))


def test_an_empty_theme_invites(client, theme):
    assert "Vet du något som borde finnas här?" in page(client, "/teman/boende/")
    assert client.get("/teman/finns-inte/").status_code == 404


def test_the_feed_has_the_newest_first(client, theme):
    make_item(title="Först", themes=["Boende"])
    make_item(title="Sist & <störst>", themes=["Boende"])

    response = client.get("/teman/boende/flode.atom")
    feed = ET.fromstring(response.content)

    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")] == [
        "Sist & <störst>",
        "Först",
    ]
    assert feed.findtext(f"{ATOM}title") == "KSI: Boende"


@pytest.mark.parametrize("count", [1, 3])
def test_what_a_theme_asks_the_database(client, theme, count, django_assert_num_queries):
    for number in range(count):
        make_item(title=f"Nummer {number}", themes=["Boende"])
        make_project(title=f"Projekt {number}", themes=["Boende"])
    client.get("/teman/boende/")
    make_item(title="En till", themes=["Boende"])
    with django_assert_num_queries(7):
        client.get("/teman/boende/")
    with django_assert_num_queries(1):
        client.get("/teman/boende/")
