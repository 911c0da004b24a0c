"""The history on the site: who reads it, what each line says, and how it is narrowed."""

import datetime
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import AuditEntry
from inventory import actions
from people import roles
from people.actions import give_role, update_access
from people.history import Line
from people.models import SiteRole, User
from tests.factories import make_district, make_organisation, make_project, make_user
from tests.reading import page, text_of

from .test_roles import somebody

pytestmark = pytest.mark.django_db

HISTORY = "/redaktion/historik/"


@pytest.fixture
def curator() -> User:
    user = make_user("redaktor@example.org", name="Rut Redaktör")
    SiteRole.objects.create(user=user, role="redaktor")
    update_access(user=user)
    return User.objects.get(pk=user.pk)


@pytest.fixture
def desk(client, curator) -> Client:
    client.force_login(curator)
    return client


def lines(client: Client, address: str = HISTORY) -> list[str]:
    """The lines of a page as they are read."""
    rows = re.findall(r'<li class="row">(.*?)</li>', page(client, address), re.S)
    return [text_of(row) for row in rows]


def labels(client: Client, query: str = "") -> list[str]:
    """What the lines are about."""
    found = re.findall(r"<h3><a[^>]*>(.*?)</a></h3>", page(client, HISTORY + query))
    return [text_of(label) for label in found]


def tell(label: str = "Stöd", **facts: Any) -> AuditEntry:
    """A line about something that is no row of a table."""
    about = facts.pop("about", ("people.records", "prov", label))
    return AuditEntry.note(facts.pop("verb", "ändrad"), about=about, by=facts.pop("by", None))


# --- Who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_the_matrix_says_who_reads_the_history(client, role):
    farsta = make_district("Farsta")
    project = make_project(lead=farsta)
    addresses = (HISTORY, f"{HISTORY}inventory.project/{project.pk}/")
    user = somebody(role, farsta)
    if user:
        update_access(user=user)
        client.force_login(user)
    answers = [client.get(address) for address in addresses]
    if user is None:
        told = [f"{reverse('account_login')}?next={address}" for address in addresses]
        assert [answer["Location"] for answer in answers] == told
    else:
        status = 200 if role in roles.READ_HISTORY.roles else 404
        assert [answer.status_code for answer in answers] == [status, status]


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_history_is_only_read(desk, method):
    project = make_project()
    for address in (HISTORY, f"{HISTORY}inventory.project/{project.pk}/"):
        assert getattr(desk, method)(address).status_code == 405


def test_those_who_read_the_history_are_those_who_use_the_tools():
    """The project's page is kept by is_staff, and shows its link by it."""
    opened = set()
    for role in roles.ROLES:
        if issubclass(role, roles.SiteRole):
            user = somebody(role, None)
            update_access(user=user)
            opened |= {role} if user.is_staff else set()
    assert opened == roles.READ_HISTORY.roles


@pytest.mark.parametrize(("is_staff", "shown"), [(True, True), (False, False)])
def test_a_projects_page_leads_to_its_history_for_those_who_may(client, is_staff, shown):
    project = make_project()
    address = f"{HISTORY}inventory.project/{project.pk}/"
    client.force_login(make_user(is_staff=is_staff))
    for _ in range(2):  # also when it is kept
        assert (address in page(client, project.get_absolute_url())) is shown
    assert address not in page(Client(), project.get_absolute_url())


def test_own_pages_lead_to_what_each_role_may_do(client):
    ways = {"/admin/", HISTORY, "/registrator/"}
    found = {}
    for role in ("redaktor", "forskningsrad", "registrator", "administrator"):
        user = make_user(f"{role}@example.org")
        give_role(user=user, role=role, by=None)
        client.force_login(User.objects.get(pk=user.pk))
        panel = page(client, "/mina-sidor/").partition("<main")[2]
        found[role] = {way for way in ways if f'href="{way}"' in panel}
    assert found == {
        "redaktor": {"/admin/", HISTORY},
        "forskningsrad": set(),
        "registrator": ways,
        "administrator": ways,
    }


# --- What a line says ---------------------------------------------------------------------------


def test_a_line_tells_who_what_when_from_what_to_what_and_why(desk, curator, time_machine):
    time_machine.move_to("2026-05-17 09:05:00+02:00", tick=False)
    project = make_project(title="Kvällsöppet")
    actions.withdraw(project=project, reason="Dubblett.", by=curator)
    time_machine.move_to("2026-05-18 15:00:00+02:00", tick=False)
    changes = {"title": ("Kvällsöppet", "Öppet"), "contact_phone": ("08-1", "08-2")}
    actions.record_change(project=project, by=curator, changes=changes)
    address = f"{HISTORY}inventory.project/{project.pk}/"
    desk.force_login(curator)
    assert lines(desk, address) == [
        "Ändrad av Rut Redaktör måndag 18 maj 2026 kl. 15.00."
        " 2 ändrade uppgifter Uppgift Före Efter Namn Kvällsöppet Öppet"
        " Telefon Ändrad. Uppgiften kan peka ut en person och sparas inte här.",
        "Avpublicerad av Rut Redaktör söndag 17 maj 2026 kl. 9.05,"
        " från publicerad till avpublicerad. Skäl: Dubblett.",
        "Publicerad av portalen själv söndag 17 maj 2026 kl. 9.05.",
    ]


def test_the_whole_history_also_tells_what_each_line_is_about(desk):
    project = make_project(title="Kvällsöppet <b>")
    (line,) = lines(desk)
    assert line.startswith("Projekt eller verksamhet Kvällsöppet <b> Publicerad av portalen själv")
    assert f'href="{HISTORY}inventory.project/{project.pk}/"' in page(desk, HISTORY)


def test_an_erased_account_is_not_taken_for_the_portal(desk):
    gone = make_user("borta@example.org")
    tell(by=gone)
    gone.delete()
    tell()
    assert [Line(entry).who for entry in AuditEntry.objects.order_by("pk")] == [
        "ett borttaget konto",
        "portalen själv",
    ]


def test_states_and_kinds_are_told_in_words(curator):
    give_role(user=curator, role="registrator", by=curator)
    line = Line(AuditEntry.about(curator)[0])
    assert (line.kind, line.what, line.move) == ("Användare", "Roll given", "till registrator")


def test_a_line_about_something_that_no_longer_exists_can_be_read(desk):
    tell(about=("inventory.gone", "1", "Borta"))
    tell(about=("", "", "Utan allt"))
    theme = tell(about=("library.theme", "99", "Raderat tema"))
    assert labels(desk) == ["Raderat tema", "Utan allt", "Borta"]
    text = text_of(page(desk, f"{HISTORY}library.theme/{theme.object_id}/"))
    assert "Raderat tema Tema · finns inte längre" in text
    assert desk.get(f"{HISTORY}inventory.gone/1/").status_code == 200


def test_an_objects_history_leads_to_its_page_and_to_the_tools(desk, client):
    project = make_project()
    address = f"{HISTORY}inventory.project/{project.pk}/"
    edit = reverse("admin:inventory_project_change", args=[project.pk])
    ways = [f'href="{project.get_absolute_url()}"', f'href="{edit}"']
    assert [way in page(desk, address) for way in ways] == [True, True]
    registrar = make_user("registrator@example.org")
    give_role(user=registrar, role="registrator", by=None)
    client.force_login(User.objects.get(pk=registrar.pk))
    assert [way in page(client, address) for way in ways] == [True, False]


@pytest.mark.parametrize(
    "path",
    [
        *("inventory.project/0/", "inventory.project/99999999999999999999999/", "x/1/", "x.y/1/"),
        *("inventory.project/abc/", "inventory/1/", "account.emailaddress/1/", "./1/", "%2e%2e/1/"),
        *("inventory.project/%00/", "inventory.project/1%27/", f"inventory.project/{'9' * 3000}/"),
    ],
)
def test_what_has_no_history_is_not_there(desk, path):
    make_project()
    assert desk.get(HISTORY + path).status_code in {400, 404}


# --- Narrowing ----------------------------------------------------------------------------------


def test_the_history_is_narrowed_by_each_of_its_filters(desk, curator, time_machine):
    time_machine.move_to("2026-03-01 23:59:00+01:00", tick=False)
    tell("Först", verb="skapad")
    time_machine.move_to("2026-03-02 00:00:00+01:00", tick=False)
    tell("Ålder och ö", by=curator)
    time_machine.move_to("2026-03-03 12:00:00+01:00", tick=False)
    tell("Sist", about=("library.theme", "1", "Sist"))
    desk.force_login(curator)
    found = {
        query: labels(desk, query)
        for query in (
            *("", "?slag=library.theme", "?handelse=skapad", f"?konto={curator.pk}"),
            *("?konto=Redaktor@example.org", "?konto=0", "?konto=999999999"),
            *("?fran=2026-03-02", "?till=2026-03-01", "?fran=2026-03-02&till=2026-03-02"),
            *("?q=%C3%A5lder", "?q=%C3%96+och", "?q=%25", "?q=f%C3%B6rst+sist"),
        )
    }
    assert found == {
        "": ["Sist", "Ålder och ö", "Först"],
        "?slag=library.theme": ["Sist"],
        "?handelse=skapad": ["Först"],
        f"?konto={curator.pk}": ["Ålder och ö"],
        "?konto=Redaktor@example.org": ["Ålder och ö"],
        "?konto=0": [],
        "?konto=999999999": [],
        "?fran=2026-03-02": ["Sist", "Ålder och ö"],
        "?till=2026-03-01": ["Först"],
        "?fran=2026-03-02&till=2026-03-02": ["Ålder och ö"],
        "?q=%C3%A5lder": ["Ålder och ö"],
        "?q=%C3%96+och": ["Ålder och ö"],
        "?q=%25": [],
        "?q=f%C3%B6rst+sist": [],
    }


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?slag=x", "Det slaget finns inte i historiken. Välj ett i listan."),
        ("?handelse=x", "Den händelsen finns inte i historiken. Välj en i listan."),
        ("?konto=x", "Det finns inget konto med den adressen eller det numret."),
        ("?konto=" + "9" * 200, "Det finns inget konto med den adressen eller det numret."),
        ("?konto=" + "x" * 300, "Skriv något kortare."),
        ("?q=" + "x" * 300, "Skriv något kortare."),
        ("?fran=0000-00-00", "Skriv ett datum som 2026-05-17."),
        ("?fran=0001-01-01", "Skriv ett datum efter 1900."),
        ("?till=9999-12-31", "Skriv ett datum före 2101."),
        ("?fran=2026-02-30", "Skriv ett datum som 2026-05-17."),
        ("?fran=2026-03-02&till=2026-03-01", "Till och med kan inte vara före från och med."),
    ],
)
def test_what_is_not_understood_is_told_and_the_rest_narrows(desk, query, told):
    tell("Kvar")
    tell("Bort", about=("library.theme", "1", "Bort"))
    response = desk.get(f"{HISTORY}{query}")
    html = response.content.decode()
    assert response.status_code == 422
    assert re.findall(r'<div class="error-summary".*?<li><a[^>]*>(.*?)</a>', html, re.S) == [told]
    narrowed = desk.get(f"{HISTORY}{query}&slag=people.records") if "slag" not in query else None
    if narrowed:
        assert "Kvar" in narrowed.content.decode()
        assert "Bort" not in narrowed.content.decode()


def test_what_was_typed_is_kept(desk):
    html = page(desk, f"{HISTORY}?q=st%C3%B6d&konto=%22%3E%3Cb%3E&fran=ig%C3%A5r")
    for value in ("stöd", "&quot;&gt;&lt;b&gt;", "igår"):
        assert f'value="{value}"' in html


@pytest.mark.parametrize("asked", ["0", "99999", "-1", "x", "9" * 3000, "٣"])
def test_a_page_that_does_not_exist_is_told(desk, asked):
    make_project()
    project = AuditEntry.objects.get()
    for address in (HISTORY, f"{HISTORY}inventory.project/{project.object_id}/"):
        response = desk.get(address, {"sida": asked})
        assert response.status_code == 404
        assert f"Sidan ”{asked[:20]}” finns inte. Listan har en sida." in text_of(
            response.content.decode()
        )


def test_a_long_history_has_pages_that_keep_the_filters(desk):
    for number in range(30):
        tell(f"Nummer {number}")
    tell("Annat", verb="skapad")
    query = "?handelse=%C3%A4ndrad"
    assert labels(desk, query) == [f"Nummer {number}" for number in range(29, 4, -1)]
    assert f'href="{HISTORY}{query}&amp;sida=2"' in page(desk, HISTORY + query)
    assert labels(desk, f"{query}&sida=2") == [f"Nummer {number}" for number in range(4, -1, -1)]
    whole = f"{HISTORY}people.records/prov/"
    assert (len(lines(desk, whole)), len(lines(desk, f"{whole}?sida=2"))) == (25, 6)


def test_an_empty_history_and_an_empty_choice_say_so(desk):
    assert "Ingenting har hänt än." in text_of(page(desk, HISTORY))
    tell()
    assert "Ingen händelse passar urvalet." in text_of(page(desk, f"{HISTORY}?q=finnsinte"))


@pytest.mark.parametrize("count", [1, 3])
def test_how_many_queries_a_page_asks(desk, count):
    """Edition, session, roles; kinds, verbs, count, numbers, lines with their accounts."""
    organisation = make_organisation("RSMH")
    for number in range(count):
        by = make_user(f"a{number}@example.org")
        AuditEntry.record("ändrad", organisation, by=by, changes={"name": ["a", "b"]})
    asked = []
    own = f"{HISTORY}people.organisation/{organisation.pk}/"
    for address in (HISTORY, f"{HISTORY}?fran=2020-01-01&q=r", own):
        with CaptureQueriesContext(connection) as queries:
            desk.get(address)
        asked.append(len(queries))
    # Of one object: no kinds and no verbs, but the object and whether one may open it (two).
    assert asked == [8, 8, 9]


def test_moments_are_told_in_the_portals_time(desk, curator, time_machine):
    time_machine.move_to(datetime.datetime(2026, 1, 1, 23, 30, tzinfo=datetime.UTC), tick=False)
    tell("Nattligt")
    desk.force_login(curator)
    assert labels(desk, "?fran=2026-01-02&till=2026-01-02") == ["Nattligt"]
    assert "fredag 2 januari 2026 kl. 0.30" in lines(desk)[0]
