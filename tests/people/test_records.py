"""Records are handed out by a registrar, with the errand's reference number."""

import datetime
import hashlib
import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import AuditEntry
from inventory import actions
from people import records, roles
from people.actions import update_access
from people.models import SiteRole, User
from tests.factories import make_district, make_project, make_user
from tests.reading import body, csv_rows, text_of

from .test_roles import somebody

pytestmark = pytest.mark.django_db

ADDRESS = "/registrator/"
ASKED = {"serie": "historik", "diarienummer": "SF 2026/123", "format": "csv"}


@pytest.fixture
def registrar() -> User:
    user = make_user("registrator@example.org", name="Rolf Registrator")
    SiteRole.objects.create(user=user, role="registrator")
    update_access(user=user)
    return User.objects.get(pk=user.pk)


@pytest.fixture
def desk(client, registrar) -> Client:
    client.force_login(registrar)
    return client


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_the_matrix_says_who_hands_out(client, role):
    user = somebody(role, make_district("Farsta"))
    if user:
        update_access(user=user)
        client.force_login(user)
    answers = [client.get(ADDRESS), client.post(ADDRESS, ASKED)]
    for answer in answers:
        body(answer)
    handed_out = AuditEntry.objects.filter(verb="utlämnad").count()
    if user is None:
        login = f"{reverse('account_login')}?next={ADDRESS}"
        assert [answer["Location"] for answer in answers] == [login, login]
        assert handed_out == 0
    else:
        may = role in roles.EXPORT_RECORDS.roles
        assert [answer.status_code for answer in answers] == ([200, 200] if may else [404, 404])
        assert handed_out == int(may)


def test_the_history_is_handed_out_as_a_file_named_by_the_errand(desk, registrar):
    project = make_project(title="=1+1")
    actions.withdraw(project=project, reason="Dubblett.", by=registrar)
    response = desk.post(ADDRESS, ASKED)
    content = body(response)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="historik-sf-2026-123.csv"'
    assert "no-store" in response["Cache-Control"]

    first, second = csv_rows([content])
    assert (first["handelse"], first["objekt"], first["av"]) == (
        "publicerad",
        "'=1+1",
        "portalen själv",
    )
    expected = {
        "handelse": "avpublicerad",
        "slag": "inventory.project",
        "objektets_id": str(project.pk),
        "fran": "publicerad",
        "till": "avpublicerad",
        "skal": "Dubblett.",
        "av": f"Konto {registrar.pk}",
        "andringar": "{}",
    }
    assert {name: second[name] for name in expected} == expected


def test_what_was_handed_out_is_told_with_its_sum(desk, registrar):
    make_project()
    content = body(desk.post(ADDRESS, ASKED | {"fran": "2020-01-01", "till": "2100-01-01"}))
    line = AuditEntry.objects.latest("pk")
    assert (line.verb, line.app_model, line.object_id, line.reason, line.by) == (
        "utlämnad",
        "people.records",
        "historik",
        "SF 2026/123",
        registrar,
    )
    assert line.changes == {
        "från och med": ["", "2020-01-01"],
        "till och med": ["", "2100-01-01"],
        "antal": ["", "1"],
        "fil": ["", "historik-sf-2026-123.csv"],
        "sha256": ["", hashlib.sha256(content).hexdigest()],
    }
    page = text_of(desk.get(ADDRESS).content.decode())
    latest = page.partition("Senast utlämnat")[2]
    assert "SF 2026/123 Historik: alla ändringar" in latest
    assert "Utlämnad av Rolf Registrator" in latest


def test_json_keeps_the_changes_as_they_are(desk):
    project = make_project()
    changes = {"title": ("Gammal", "Ny"), "contact_phone": ("08-1", "08-2")}
    actions.record_change(project=project, by=None, changes=changes)
    content = json.loads(body(desk.post(ADDRESS, ASKED | {"format": "json"})))
    assert (content["diarienummer"], content["fran"]) == ("SF 2026/123", None)
    assert [row["andringar"] for row in content["handlingar"]] == [
        {},
        {"title": ["Gammal", "Ny"], "contact_phone": None},
    ]


def test_only_the_days_that_were_asked_for_are_handed_out(desk, registrar, time_machine):
    for day in (1, 2, 3):
        time_machine.move_to(f"2026-03-0{day} 12:00:00+01:00", tick=False)
        AuditEntry.note("ändrad", about=("x", "1", f"Dag {day}"), by=None)
    desk.force_login(registrar)
    days = {"fran": "2026-03-02", "till": "2026-03-02"}
    assert [row["objekt"] for row in csv_rows(desk.post(ADDRESS, ASKED | days))] == ["Dag 2"]


@pytest.mark.parametrize(
    ("changed", "field", "told"),
    [
        ({"serie": ""}, "serie", "Välj vilka handlingar som ska lämnas ut."),
        ({"serie": "x"}, "serie", "De handlingarna finns inte. Välj i listan."),
        ({"format": ""}, "format", "Välj ett format."),
        ({"format": "exe"}, "format", "Det formatet finns inte. Välj i listan."),
        ({"diarienummer": " "}, "diarienummer", "Skriv ärendets diarienummer."),
        ({"diarienummer": "1" * 61}, "diarienummer", "Diarienumret får ha högst 60 tecken."),
        ({"fran": "0000-01-01"}, "fran", "Skriv ett datum som 2026-05-17."),
        ({"fran": "0001-01-01"}, "fran", "Skriv ett datum efter 1900."),
        ({"till": "9999-12-31"}, "till", "Skriv ett datum före 2101."),
        (
            {"fran": "2026-03-02", "till": "2026-03-01"},
            "till",
            "Till och med kan inte vara före från och med.",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_handed_out(desk, changed, field, told):
    response = desk.post(ADDRESS, ASKED | changed)
    assert response.status_code == 422
    assert response.context["form"].errors == {field: [told]}
    assert AuditEntry.objects.filter(verb="utlämnad").count() == 0


@pytest.mark.parametrize(
    "number", ["-1", "<b>", "a\nb", "a\x00b", '1"; x=2', "../x", "SF_1", "1%", "=1+1", "😀"]
)
def test_a_reference_number_of_another_kind_is_refused_and_kept(desk, number):
    response = desk.post(ADDRESS, ASKED | {"diarienummer": number})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["diarienummer"]


def test_nothing_typed_is_lost(desk):
    typed = {"serie": "historik", "diarienummer": "<SF>", "format": "json", "fran": "2026-03-02"}
    html = desk.post(ADDRESS, typed).content.decode()
    assert 'value="&lt;SF&gt;"' in html
    assert 'value="2026-03-02"' in html
    (json_box,) = re.findall(r'<input type="radio" name="format" value="json"[^>]*>', html)
    assert "checked" in json_box


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("SF 2026/123", "historik-sf-2026-123.csv"),
        ("Å-1.2:3", "historik-a-1-2-3.csv"),
        ("a/../b", "historik-a-b.csv"),
    ],
)
def test_the_files_name_is_safe(desk, number, name):
    response = desk.post(ADDRESS, ASKED | {"diarienummer": number})
    body(response)
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


def test_the_form_needs_its_cookie(registrar):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(registrar)
    assert browser.post(ADDRESS, ASKED).status_code == 403
    assert AuditEntry.objects.count() == 0


def test_a_series_that_fails_hands_out_nothing(desk, monkeypatch):
    series = records.Series("trasig", "Trasig", ("a",), lambda first, last: [(1 / (2 - 2),)])
    monkeypatch.setitem(records.all_series, "trasig", series)
    with pytest.raises(ZeroDivisionError):
        desk.post(ADDRESS, ASKED | {"serie": "trasig"})
    assert AuditEntry.objects.count() == 0


def test_other_rooms_register_their_own_series(desk, monkeypatch):
    def rows(first, last):
        yield (1, datetime.date(2026, 3, 2), ["a", "b"], True, "@x")
        yield (2, first, None, False, last)

    monkeypatch.setattr(records, "all_series", {})
    columns = ("nummer", "dag", "lista", "ja", "text")
    records.register(records.Series("meddelanden", "Meddelanden", columns, rows))
    asked = ASKED | {"serie": "meddelanden", "fran": "2026-03-01"}
    response = desk.post(ADDRESS, asked)
    assert body(response).decode() == (
        '\ufeffnummer;dag;lista;ja;text\r\n1;2026-03-02;"a; b";ja;\'@x\r\n2;2026-03-01;;nej;\r\n'
    )


@pytest.mark.parametrize("count", [1, 3])
def test_how_many_queries_the_page_asks(desk, count):
    """Edition, session with account, roles, and what was handed out with its accounts."""
    for _ in range(count):
        body(desk.post(ADDRESS, ASKED))
    with CaptureQueriesContext(connection) as queries:
        desk.get(ADDRESS)
    assert len(queries) == 4


def test_the_file_is_made_before_the_line_and_the_line_before_the_answer(registrar):
    """So the line is not in its own file, and nobody gets a file that is not told."""
    AuditEntry.note("ändrad", about=("x", "1", "Först"), by=None)
    errand = records.Errand(records.all_series["historik"], "SF 1")
    with records.hand_out(errand=errand, by=registrar) as file:
        assert AuditEntry.objects.filter(verb="utlämnad").count() == 1
        rows = csv_rows([file.read()])
    assert [row["objekt"] for row in rows] == ["Först"]
