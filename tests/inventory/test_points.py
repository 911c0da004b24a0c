"""A new value of a measure: in half a minute, by those who run it, and nothing that cannot be."""

import datetime
from decimal import Decimal

import pytest
from django.test import Client

from core.fields import PartialDate
from core.models import AuditEntry
from inventory import actions
from inventory.follow_up_forms import PointForm
from inventory.models import Measure, MeasurePoint, Project
from people import roles
from tests.conftest import forget_everything
from tests.factories import (
    make_curator,
    make_district,
    make_measure,
    make_project,
)
from tests.people.test_roles import somebody
from tests.people.walking import text_of
from tests.reading import page

from .asking import asked, key_of, old_project, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TYPED = {"date": "2026-02", "value": "62,5", "n": "24", "source": "Enkät i februari"}


@pytest.fixture
def project(unit) -> Project:
    return old_project(unit)


@pytest.fixture
def measure(project) -> Measure:
    return make_measure(project, ("2025", 50, 20))


def address(measure: Measure) -> str:
    return f"{measure.project.get_absolute_url()}matt/{measure.pk}/"


def points(measure: Measure) -> list[tuple[str, Decimal, int | None, str]]:
    return [
        (str(point.date), point.value, point.n, point.source)
        for point in MeasurePoint.objects.filter(measure=measure)
    ]


OLD = ("2025", Decimal(50), 20, "")
NEW = ("2026-02", Decimal("62.50"), 24, "Enkät i februari")


# --- Who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_those_who_follow_up_add_values_and_nobody_else(role, unit, measure):
    user = somebody(role, unit)
    client = signed_in(user) if user else Client()
    may = role in roles.FOLLOW_UP.roles
    got, sent = client.get(address(measure)), client.post(address(measure), TYPED)
    visitor = role is roles.Visitor
    assert got.status_code == (200 if may else 302 if visitor else 403)
    assert sent.status_code == (302 if may or visitor else 403)
    assert points(measure) == ([OLD, NEW] if may else [OLD])
    if visitor:
        assert got.url == f"/konto/logga-in/?next={address(measure)}"


def test_with_the_letters_key_a_mailbox_adds_values_to_its_own_measures(
    project, unit, mailbox, measure
):
    other = make_measure(make_project(title="Annat", lead=make_district("Bromma")))
    key = f"{key_of(asked(unit))}{project.public_id}/matt/"
    response = Client().post(f"{key}{measure.pk}/", TYPED)
    assert response.url.endswith(f"#post-{project.public_id}")
    assert points(measure) == [OLD, NEW]
    entry = AuditEntry.about(project).first()
    assert (entry.verb, entry.by, entry.reason) == (
        "ändrad",
        None,
        "Med länken i ett mejl till funktionsbrevlådan.",
    )
    for pk in (other.pk, 4711):
        assert Client().post(f"{key}{pk}/", TYPED).status_code == 404
    assert points(other) == []


def test_a_measure_of_another_project_or_one_that_is_not_shown_is_a_404(project, reporter, measure):
    client = signed_in(reporter)
    other = make_measure(make_project(title="Annat", lead=make_district("Bromma")))
    wrong = f"{project.get_absolute_url()}matt/{other.pk}/"
    assert [client.get(wrong).status_code, client.post(wrong, TYPED).status_code] == [404, 404]
    actions.withdraw(project=project, reason="Dubblett.", by=make_curator())
    assert client.post(address(measure), TYPED).status_code == 404


# --- In half a minute -----------------------------------------------------------------------------


def test_a_value_is_two_fields_and_shown_at_once(project, reporter, measure):
    client = signed_in(reporter)
    markup = page(client, address(measure))
    assert 'name="date" value="2026-03"' in markup
    assert "Det senaste är 50 procent, 2025 (n = 20)." in text_of(client.get(address(measure)))
    response = client.post(address(measure), {"date": "2026-03", "value": "62"}, follow=True)
    assert response.redirect_chain == [(f"{project.get_absolute_url()}folj-upp/", 302)]
    assert "Värdet är sparat." in text_of(response)
    forget_everything()
    assert "62 %" in text_of(Client().get(project.get_absolute_url())).replace("\u202f", " ")
    entry = AuditEntry.about(project).first()
    assert (entry.verb, entry.by.email, entry.changes) == (
        "ändrad",
        "lamnar@example.org",
        {"mätpunkter: Andel som mår bättre, 2026-03": ["", "62 procent"]},
    )


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("62,5", "62.50"),
        ("62.5", "62.50"),
        (" 62 ", "62"),
        ("0", "0"),
        ("100", "100"),
    ],
)
def test_numbers_are_taken_as_people_write_them(reporter, measure, typed, value):
    form = PointForm({"date": "2026", "value": typed}, measure=measure)
    assert form.is_valid()
    assert form.cleaned_data["value"] == Decimal(value)


@pytest.mark.parametrize("typed", ["1 250", "1\u00a0250", "1\u202f250", "1250,00"])
def test_thousands_may_stand_apart(project, typed):
    counted = make_measure(project, indicator="Besök", unit="besök")
    form = PointForm({"date": "2026", "value": typed}, measure=counted)
    assert form.is_valid()
    assert form.cleaned_data["value"] == 1250


# --- What cannot be -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("date", "", "Skriv när det mättes, till exempel 2026-03."),
        ("date", "i våras", "Skriv ett datum som 2015, 2015-09 eller 2015-09-01."),
        ("date", "2026-03-03", "Det datumet har inte varit än. Skriv i dag eller tidigare."),
        ("date", "2026-04", "Det datumet har inte varit än. Skriv i dag eller tidigare."),
        ("date", "2008", "Projektet började 2014. Skriv ett år från 2009."),
        ("date", "1899", "Året måste ligga mellan 1900 och 2100."),
        ("value", "", "Skriv värdet, till exempel 62 eller 62,5."),
        ("value", "många", "Skriv ett tal med siffror, till exempel 62 eller 62,5."),
        ("value", "NaN", "Skriv ett tal med siffror, till exempel 62 eller 62,5."),
        ("value", "Infinity", "Skriv ett tal med siffror, till exempel 62 eller 62,5."),
        ("value", "1e9999999", "Skriv ett tal med siffror, till exempel 62 eller 62,5."),
        ("value", "62,555", "Skriv talet med högst två decimaler."),
        ("value", "9" * 40, "Talet är för stort. Skriv högst tolv siffror före kommat."),
        ("value", "100,01", "Måttet är i procent. Skriv ett tal från 0 till 100."),
        ("value", "-1", "Måttet är i procent. Skriv ett tal från 0 till 100."),
        ("n", "0", "Skriv ett tal som är 1 eller mer."),
        ("n", "9999999999999", "Talet är för stort. Skriv högst en miljon."),
        ("n", "några", "Skriv ett helt tal med siffror, till exempel 24."),
        ("source", "x" * 251, "Källan får ha högst 250 tecken."),
    ],
)
def test_what_cannot_be_is_told_at_the_field_and_nothing_typed_is_lost(
    reporter, measure, field, typed, told
):
    client = signed_in(reporter)
    response = client.post(address(measure), TYPED | {field: typed})
    assert response.status_code == 422
    form = response.context["form"]
    assert form.errors == {field: [told]}
    markup = response.content.decode()
    assert f'<a href="#id_{field}">{told}</a>' in markup
    for name, text in (TYPED | {field: typed}).items():
        assert f'name="{name}"' in markup
        assert not text or f'value="{text}"' in markup
    assert points(measure) == [OLD]


@pytest.mark.parametrize("text", ["19811218-9876", "a\u202eb"])
def test_a_source_points_at_nobody(reporter, measure, text):
    response = signed_in(reporter).post(address(measure), TYPED | {"source": text})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["source"])


@pytest.mark.parametrize(
    ("value", "baseline", "ok"),
    [
        ("-3", None, False),
        ("-3", -5, True),
        ("1000000001", None, False),
        ("1000000000", None, True),
    ],
)
def test_a_count_is_neither_below_nothing_nor_beyond_belief(project, value, baseline, ok):
    measure = make_measure(project, unit="poäng", baseline_value=baseline)
    assert PointForm({"date": "2026", "value": value}, measure=measure).is_valid() is ok


def test_before_the_start_some_years_are_taken_and_without_a_start_any(project, measure):
    assert PointForm({"date": "2009", "value": "1"}, measure=measure).is_valid()
    Project.objects.filter(pk=project.pk).update(start_date="2026-02")
    measure = Measure.objects.get(pk=measure.pk)
    assert not PointForm({"date": "2020-12", "value": "1"}, measure=measure).is_valid()


# --- Twice ----------------------------------------------------------------------------------------


def test_pressed_twice_it_is_one_value(reporter, measure):
    client = signed_in(reporter)
    assert [client.post(address(measure), TYPED).status_code for _ in range(2)] == [302, 302]
    assert points(measure) == [OLD, NEW]
    assert AuditEntry.objects.filter(verb="ändrad").count() == 1
    assert "Det värdet fanns redan." in text_of(
        client.get(f"{measure.project.get_absolute_url()}folj-upp/")
    )


def test_the_same_value_on_the_same_date_told_otherwise_is_told(reporter, measure):
    client = signed_in(reporter)
    client.post(address(measure), TYPED)
    response = client.post(address(measure), TYPED | {"n": "25"})
    assert response.status_code == 422
    assert response.context["form"].errors == {
        "value": ["Värdet 62,5 för februari 2026 finns redan, med annat antal eller källa."]
    }
    assert points(measure) == [OLD, NEW]
    assert client.post(address(measure), TYPED | {"value": "63"}).status_code == 302


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "fault", ["core.models.AuditEntry.record", "inventory.actions.publishing.refresh"]
)
def test_a_fault_drops_all_of_it(monkeypatch, fault):
    measure = make_measure(make_project())
    lines = AuditEntry.objects.count()
    monkeypatch.setattr(fault, lambda *args, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.add_point(
            measure=measure,
            date=PartialDate("2026"),
            value=Decimal(3),
            n=None,
            source="",
            by=None,
        )
    assert (points(measure), AuditEntry.objects.count()) == ([], lines)


def test_a_day_is_that_of_stockholm(reporter, measure, clock):
    clock.move_to(datetime.datetime(2026, 3, 31, 22, 30, tzinfo=datetime.UTC))  # 00.30 on 1 April
    form = PointForm({"date": "2026-04-01", "value": "1"}, measure=measure)
    assert form.is_valid()
    assert PointForm(measure=measure)["date"].value() == "2026-04"
