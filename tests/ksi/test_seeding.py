"""The content written from the source documents: whole, cited, loaded once."""

import datetime
import io
import re
import tomllib
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction

from core.models import Edition
from inventory import actions
from inventory.models import Measure, Project, PublicNumber
from ksi.seeding import SEED_DIR, project_files
from library.models import Source, Theme
from people.models import Lineage, Organisation
from search import indexing
from tests.conftest import forget_everything
from tests.factories import make_curator
from tests.reading import page, text_of, titles

ELEVEN = [
    "Arbete med sjukskrivna klienter",
    "Barnen i centrum",
    "En utvärdering av umgängesverksamheten Älvis",
    "Hur går det?",
    "Kasam – en bedömnings- och uppföljningsmetod för ungdomsmottagningen",
    "Metodutveckling för kuratorer på stadens ungdomsmottagningar (UM)",
    "Mina båda världar – stödgrupp till familjehemsplacerade barn",
    "Patologiskt samlande",
    "Resultat i samverkan för klientens bästa",
    "Stärkt brukarinflytande för brukarna på Södermalms stadsdelsförvaltning",
    "Öppenvård sydost",
]
TODAYS_DISTRICTS = [
    *("Bromma", "Enskede-Årsta-Vantör", "Farsta", "Hägersten-Älvsjö", "Hässelby-Vällingby"),
    *("Järva", "Kungsholmen", "Norra innerstaden", "Skarpnäck", "Skärholmen", "Södermalm"),
]


def load() -> None:
    call_command("load_seed", stdout=io.StringIO())


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The content, loaded once for all of these tests; each works in a transaction within."""
    with django_db_blocker.unblock(), transaction.atomic():
        load()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def content(loaded, db) -> None:
    forget_everything()


pytestmark = pytest.mark.usefixtures("content")


def counts() -> dict[str, int]:
    """How many rows every table has."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


# --- Loading again ------------------------------------------------------------------------------


def test_loading_again_changes_nothing(capsys):
    before, edition = counts(), Edition.current()
    call_command("load_seed")
    assert (counts(), Edition.current()) == (before, edition)
    assert capsys.readouterr().out == (
        "Nytt innehåll: 0 projekt, 0 poster i biblioteket, 0 övriga poster.\n"
    )


def test_loading_again_undoes_nothing_that_curators_did(client):
    curator = make_curator()
    changed, withdrawn = Project.objects.get(public_id=1), Project.objects.get(public_id=2)
    changed.title = "Ändrat av en redaktör"
    changed.save()
    changed.themes.clear()
    changed.measures.all().delete()
    actions.record_change(project=changed, by=curator, changes={})
    actions.withdraw(project=withdrawn, reason="Fel.", by=curator)
    Theme.objects.filter(slug="boende").update(name="Bostad")
    Organisation.objects.filter(slug="bromma").update(short_name="Nya Bromma")
    before = counts()

    load()

    assert counts() == before
    changed.refresh_from_db()
    assert (changed.title, changed.themes.count(), changed.measures.count()) == (
        "Ändrat av en redaktör",
        0,
        0,
    )
    assert client.get(withdrawn.get_absolute_url()).status_code == 410
    assert Theme.objects.get(slug="boende").name == "Bostad"
    assert Organisation.objects.get(slug="bromma").short_name == "Nya Bromma"


def test_a_misspelt_word_in_a_file_stops_the_loading(monkeypatch):
    """It is found at once, not left out unseen."""
    row = project_files()[0] | {"public_id": 4711, "themes": ["boende", "boennde"]}
    monkeypatch.setattr("ksi.seeding.project_files", lambda: [row])
    with pytest.raises(ValueError, match=r"themes \['boennde'\] finns inte"):
        load()
    assert not Project.objects.filter(public_id=4711).exists()


def test_numbers_given_afterwards_come_after_those_of_the_files():
    assert PublicNumber.take() == max(row["public_id"] for row in project_files()) + 1


# --- What is there ------------------------------------------------------------------------------


def test_every_project_of_the_files_is_published_under_its_number():
    published = Project.objects.published().values_list("public_id", "title")
    assert dict(published) == {row["public_id"]: row["title"] for row in project_files()}


def test_all_eleven_projects_of_2015_are_there_in_full():
    numbered = Project.objects.filter(public_id__lte=11)
    assert sorted(numbered.values_list("title", flat=True)) == sorted(ELEVEN)
    for project in numbered:
        lacking = [
            name
            for name in ("plain_summary", "need", "activities", "results", "status", "funding")
            if not getattr(project, name)
        ]
        assert (project.title, lacking, project.themes.exists()) == (project.title, [], True)


def test_every_project_cites_its_document_and_section():
    sources = set(Source.objects.values_list("slug", flat=True))
    assert len(sources) == 5
    assert {project.source.slug for project in Project.objects.select_related("source")} == sources
    assert not Project.objects.filter(source_section="").exists()


def test_no_field_is_filled_by_guessing():
    """Figures that the documents do not give are empty, not nought."""
    assert not Project.objects.filter(cost_total=0).exists()
    assert not Project.objects.filter(reach_actual=0).exists()
    assert not Project.objects.filter(contact_phone__gt="").exists()


def test_the_joint_outpatient_project_is_under_each_of_its_districts(client):
    indexing.index()
    for slug in ("skarpnack", "enskede-arsta-vantor", "farsta"):
        assert "Öppenvård sydost" in titles(client, f"?stadsdel={slug}&q=sydost")
        assert "Öppenvård sydost" in text_of(page(client, f"/stadsdelar/{slug}/"))
    assert titles(client, "?stadsdel=bromma&q=sydost") == []


def test_figures_are_measures_and_are_drawn(client):
    kasam = Measure.objects.get(project__public_id=2, unit="procent").latest
    assert (kasam.value, kasam.n) == (92, 145)
    text = text_of(page(client, Project.objects.get(public_id=2).get_absolute_url()))
    assert "92 % av 145, 2015" in text
    assert "Värde från tiden före saknas." in text

    def values(public_id: int) -> list[tuple[int, str]]:
        measures = Measure.objects.filter(project__public_id=public_id)
        return [(int(measure.latest.value), measure.unit) for measure in measures]

    assert (500, "personer") in values(3)
    assert (400, "intervjuer") in values(8)


def test_todays_districts_are_the_eleven_and_the_mergers_lead_to_them(client):
    today = Organisation.objects.districts().on(datetime.date(2026, 1, 1)).alphabetical()
    assert [district.label for district in today] == TODAYS_DISTRICTS

    def covered(slug: str) -> set[str]:
        lines = Lineage.objects.filter(
            ancestor__slug=slug, descendant__kind=Organisation.Kind.DISTRICT
        )
        return set(lines.values_list("descendant__slug", flat=True)) - {slug}

    assert covered("hagersten-alvsjo") == {
        *("hagersten", "liljeholmen", "hagersten-liljeholmen", "alvsjo"),
    }
    assert covered("jarva") == {"rinkeby", "kista", "rinkeby-kista", "spanga-tensta"}
    assert covered("norra-innerstaden") == {"norrmalm", "ostermalm"}
    assert covered("sodermalm") == {"maria-gamla-stan", "katarina-sofia"}


@pytest.mark.parametrize(
    ("year", "count"), [(2006, 18), (2008, 14), (2016, 14), (2021, 13), (2024, 11)]
)
def test_each_year_had_its_number_of_districts(year, count):
    assert Organisation.objects.districts().on(datetime.date(year, 7, 2)).count() == count


@pytest.mark.parametrize(
    ("neighbourhood", "district"),
    [("Rågsved", "Enskede-Årsta-Vantör"), ("Vasastan", "Norra innerstaden"), ("Tensta", "Järva")],
)
def test_neighbourhoods_find_their_district(client, neighbourhood, district):
    text = text_of(page(client, f"/inventering/?q={neighbourhood}"))
    assert f"{neighbourhood} hör till stadsdelsområdet {district}." in text


def test_the_ways_in_of_the_start_page_lead_to_projects(client):
    addresses = re.findall(r'class="more" href="(/inventering/\?[^"]*)"', page(client, "/"))
    assert len(addresses) == 4
    for address in addresses:
        found = titles(client, address.replace("&amp;", "&").removeprefix("/inventering/"))
        assert found, address


def test_every_project_page_answers_and_says_what_is_not_in_the_source(client):
    for project in Project.objects.all():
        text = text_of(page(client, project.get_absolute_url()))
        assert project.source.title in text
        assert "Uppgift saknas" not in text


# --- What must not be there ---------------------------------------------------------------------


def seed_texts() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in SEED_DIR.rglob("*.toml"))


def test_the_files_are_read_in_full():
    assert len(project_files()) == len(list((SEED_DIR / "projects").glob("*.toml"))) >= 20
    tomllib.loads((SEED_DIR / "organisations.toml").read_text(encoding="utf-8"))


def test_no_telephone_number_and_no_personal_number_is_in_the_files():
    texts = seed_texts()
    dates = r"\d{4}-\d{2}-\d{2}"
    without_dates = re.sub(dates, "", texts)
    assert re.findall(r"(?:\+46|\b0\d{1,3})[\s–-]?\d[\d\s]{4,}\d", without_dates) == []
    assert re.findall(r"\b\d{6}(?:\d{2})?[-+]\d{4}\b", without_dates) == []
    assert re.findall(r"(?i)\btel(?:efon)?[.:]\s*\d", texts) == []


def test_only_mailboxes_of_example_org_are_in_the_files():
    hosts = {host.rstrip(".") for host in re.findall(r"[\w.+-]+@([\w.-]+)", seed_texts())}
    assert hosts == {"example.org"}
