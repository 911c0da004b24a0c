"""The start page, the pages about the portal, its health, and what search engines are told."""

import datetime
import html
import re

import pytest
from django.db import connection
from django.test import Client

from inventory.models import Project
from library.actions import tool_changed
from tests.factories import (
    ended_fields,
    make_district,
    make_idea,
    make_instrument,
    make_project,
    make_source,
    make_user,
)
from tests.library_factories import make_item, make_method
from tests.reading import page, text_of

pytestmark = pytest.mark.django_db

LOCATION = r"<loc>http://testserver(.*?)</loc>"


# --- The start page -----------------------------------------------------------------------------


def test_the_start_page_searches_the_portal(client):
    (form,) = re.findall(r"<main.*?(<form.*?</form>)", page(client, "/"), re.S)
    assert 'action="/sok/" method="get"' in form
    assert '<label for="start-q">' in form
    assert 'id="start-q" name="q"' in form


def test_the_start_page_has_a_way_in_for_everybody(client):
    cards = re.findall(r'<li class="card"><h3>(.*?)</h3>', page(client, "/"))
    assert cards == [
        "Du möter brukare i ditt arbete",
        "Du är chef",
        "Du samverkar från vården",
        "Du får stöd själv",
        "Du är anhörig",
    ]


def test_the_start_page_shows_the_newest_first_and_no_more_than_it_has_room_for(client):
    for day in range(1, 7):
        moment = datetime.datetime(2026, 1, day, tzinfo=datetime.UTC)
        make_project(title=f"Nr {day}", published_at=moment)
    shown = re.findall(r'<li class="row">.*?<h3><a[^>]*>(.*?)</a>', page(client, "/"), re.S)
    assert shown == ["Nr 6", "Nr 5", "Nr 4"]


def test_the_start_page_counts_what_is_reported_and_what_has_been_followed_up(client):
    make_district("Farsta")
    make_project(lead=make_district("Bromma"), evaluation=Project.Evaluation.NONE)
    make_project(evaluation=Project.Evaluation.OWN)
    make_project(evaluation=Project.Evaluation.RESEARCH, **ended_fields())
    (figures,) = re.findall(r'<p class="figures">(.*?)</p>', page(client, "/"), re.S)
    assert re.findall(r"<b>(.*?)</b>", figures) == ["3", "2", "2"]


def test_the_start_page_shows_the_newest_of_the_library(client):
    assert "Nytt i biblioteket" not in page(client, "/")
    for day in range(1, 5):
        moment = datetime.datetime(2026, 1, day, tzinfo=datetime.UTC)
        make_item(title=f"Rapport {day}", published_at=moment)
    make_item(title="För personal", visibility="personal")
    markup = page(client, "/")
    shown = re.findall(r'<li class="row">.*?<h3><a[^>]*>(.*?)</a>', markup, re.S)
    assert shown == ["Rapport 4", "Rapport 3", "Rapport 2"]
    assert "Hela biblioteket (4)" in markup


def test_an_empty_portal_has_a_start_page(client):
    assert "Inget är inlagt än." in page(client, "/")


def test_the_start_page_shows_where_to_turn_at_once(client):
    markup = page(client, "/")
    for number in ("tel:112", "tel:1177", "tel:90101"):
        assert f'href="{number}"' in markup


# --- The pages about the portal -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("/om/", "Om KSI"),
        ("/tillganglighet/", "Tillgänglighet för KSI"),
        ("/personuppgifter/", "Personuppgifter på KSI"),
    ],
)
def test_the_pages_about_the_portal_begin_with_a_plain_summary(client, address, heading):
    body = page(client, address).split("<main")[1]
    assert re.findall(r"<h[12][^>]*>(.*?)</h[12]>", body)[:2] == [heading, "Kort på lätt svenska"]


def test_the_sources_are_named(client):
    assert "Inga källor är inlästa än." in page(client, "/om/")
    source = make_source("Slutrapport", 2006)
    source.reference_number = "0066/2008"
    source.save()
    assert "Slutrapport, Socialförvaltningen 2006, dnr 0066/2008." not in page(client, "/om/")

    make_project()  # the curators' tools raise the edition; so does any publication

    assert "Slutrapport, Socialförvaltningen 2006, dnr 0066/2008." in page(client, "/om/")


@pytest.mark.parametrize(
    "address",
    [
        *("/", "/om/", "/inventering/", "/bibliotek/", "/metoder/", "/inventering/oversikt/"),
        *("/stadsdelar/", "/finns/inte/"),
    ],
)
def test_every_page_has_the_same_frame(client, address):
    markup = page(client, address)
    assert markup.startswith('<!DOCTYPE html>\n<html lang="sv">')
    assert (markup.count("<h1"), markup.count("<main")) == (1, 1)
    assert '<a class="skip" href="#innehall">Hoppa till innehållet</a>' in markup
    (menu,) = re.findall(r'<nav class="nav" aria-label="Huvudmeny">.*?</nav>', markup, re.S)
    assert re.findall(r'href="([^"]*)"', menu) == [
        *("/inventering/", "/bibliotek/", "/metoder/", "/inventering/oversikt/", "/stadsdelar/"),
        "/om/",
    ]
    marked = re.findall(r'href="([^"]*)" aria-current="page"', menu)
    assert marked == [link for link in re.findall(r'href="([^"]*)"', menu) if link == address]


def test_curators_find_their_tools_and_others_their_name(client):
    client.force_login(make_user(name="Ada"))
    assert ("Inloggad: Ada" in text_of(page(client, "/")), "/admin/" in page(client, "/")) == (
        True,
        False,
    )
    curator = Client()
    curator.force_login(make_user("redaktor@example.org", name="Bo", is_staff=True))
    assert '<a href="/admin/">Redigera</a>' in page(curator, "/")


def test_the_old_icon_address_leads_to_the_icon(client):
    response = client.get("/favicon.ico")
    assert (response.status_code, response["Location"]) == (302, "/static/img/favicon.svg")


# --- Health -------------------------------------------------------------------------------------


def test_a_portal_that_can_serve_says_so_and_nobody_keeps_it(client):
    response = client.get("/driftstatus/redo/")
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    nobody = {"status": "saknas", "sekunder_sedan_livstecken": None}
    assert response.json() == {
        "status": "varning",
        "databas": "ok",
        "migreringar": "ok",
        "arbetare": {"uppgifter": nobody, "post": nobody},
    }


def test_a_portal_that_is_not_migrated_is_not_ready(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'inventory'")
    response = client.get("/driftstatus/redo/")
    assert response.status_code == 503
    assert response.json() == {"status": "fel", "databas": "ok", "migreringar": "saknas"}


def test_the_process_lives_without_a_single_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/driftstatus/")
    assert (response.json(), response["Cache-Control"]) == ({"status": "ok"}, "no-store")


# --- Search engines -----------------------------------------------------------------------------


def test_crawlers_are_kept_from_searches_selections_files_and_the_admin(client):
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /sok",
        "Disallow: /bibliotek/?",
        "Disallow: /bibliotek/export",
        "Disallow: /bibliotek/flode.atom?",
        "Disallow: /inventering/?",
        "Disallow: /inventering/export",
        "Disallow: /inventering/jamfor/",
        "Disallow: /foljer/",
        "Disallow: /inventering/ideer/?",
        "Disallow: /inventering/ideer/ny/",
        "Sitemap: http://testserver/sitemap.xml",
    ]


def crawled(client) -> list[str]:
    """What the site maps name that the index names, in order."""
    found = []
    for address in re.findall(LOCATION, page(client, "/sitemap.xml")):
        found += re.findall(LOCATION, page(client, address.replace("&amp;", "&")))
    return found


def locations(client: Client, address: str) -> list[str]:
    """What a site map names."""
    found = re.findall(r"<loc>http://testserver(.*?)</loc>", page(client, address))
    return [html.unescape(location) for location in found]


def test_the_sitemap_leads_to_maps_of_pages_projects_and_districts(client):
    project = make_project(lead=make_district("Bromma"))
    make_project(visibility="personal")
    idea = make_idea(project.lead, visibility="alla")
    make_idea(project.lead, title="Intern")
    item = make_item()
    make_item(visibility="personal")
    method = make_method()
    instrument = make_instrument("Kasam")
    tool_changed(tool=instrument)
    response = client.get("/sitemap.xml")
    assert response["Content-Type"] == "application/xml"
    maps = locations(client, "/sitemap.xml")
    assert {address: locations(client, address) for address in maps} == {
        "/sitemap-sidor.xml": [
            *("/", "/inventering/", "/bibliotek/", "/metoder/", "/instrument/"),
            *("/inventering/ideer/", "/inventering/oversikt/", "/stadsdelar/", "/om/"),
        ],
        "/sitemap-poster.xml": [
            *(project.get_absolute_url(), idea.get_absolute_url(), item.get_absolute_url()),
            *(method.get_absolute_url(), instrument.get_absolute_url()),
        ],
        "/sitemap-stadsdelar.xml": ["/stadsdelar/bromma/"],
    }


def crawl(client: Client) -> set[str]:
    """All that a crawler finds that reads /sitemap.xml and the maps that it names."""
    return {
        location
        for address in locations(client, "/sitemap.xml")
        for location in locations(client, address)
    }


def test_everything_in_the_sitemap_answers(client):
    make_project(lead=make_district("Bromma"))
    statuses = {address: client.get(address).status_code for address in crawl(client)}
    assert statuses == dict.fromkeys(statuses, 200)
    assert len(statuses) == 11


def test_every_page_of_a_large_sitemap_is_named(client, monkeypatch):
    monkeypatch.setattr("ksi.sitemaps.EntrySitemap.limit", 2)
    projects = [make_project() for _ in range(3)]
    assert {project.get_absolute_url() for project in projects} <= crawl(client)


@pytest.mark.parametrize("number", ["0", "2", "-1", "abc", "9" * 3000])
def test_a_page_of_a_site_map_that_does_not_exist_is_a_404(client, number):
    assert client.get(f"/sitemap-poster.xml?p={number}").status_code == 404


def test_a_site_map_that_does_not_exist_is_a_404(client):
    assert client.get("/sitemap-hemligt.xml").status_code == 404
