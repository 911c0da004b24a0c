"""The inventory at the curators' desk."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

import ksi.urls  # noqa: F401 - takes the lists of libraries out of the desk
from core.models import AuditEntry, Edition
from inventory import actions
from inventory.models import Measure, Project
from library.models import Theme
from search import indexing
from tests.factories import (
    TERMS,
    complete_fields,
    make_curator,
    make_district,
    make_link,
    make_measure,
    make_organisation,
    make_project,
    make_source,
    make_term,
    make_user,
)
from tests.reading import page, text_of, titles

pytestmark = pytest.mark.django_db

ADD = "/admin/inventory/project/add/"


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(make_curator())
    return client


def typed(**fields: Any) -> dict[str, Any]:
    """A complete form as a browser sends it."""
    rows = {
        f"{prefix}-{name}": 0
        for prefix in ("partners", "measures", "documents", "links")
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    terms = {
        field: [make_term(TERMS[field], "Boende").pk]
        for field in ("service_areas", "themes", "interventions", "target_groups")
    }
    lead = {"lead": make_district().pk, "visibility": "alla"}
    return complete_fields() | terms | lead | rows | fields


def test_only_curators_come_in(client):
    client.force_login(make_user())
    response = client.get("/admin/inventory/project/")
    assert (response.status_code, response["Location"]) == (
        302,
        "/admin/login/?next=/admin/inventory/project/",
    )


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_every_list_of_the_desk_can_be_opened_and_searched(desk, model):
    project = make_project(themes=["Boende"], methods=["Motiverande samtal"], source=make_source())
    make_measure(project, ("2015", 92, 145))
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for query in ("", "?q=a"):
        assert desk.get(address + query).status_code == 200


def test_a_curator_adds_a_project_and_it_shows_at_once(desk, client):
    titles(client)
    response = desk.post(ADD, typed(title="Nytt stöd"))
    assert response.status_code == 302
    project = Project.objects.get()
    assert (project.public_id, titles(client)) == (1, ["Nytt stöd"])
    entry = AuditEntry.about(project).get()
    assert (entry.verb, entry.by.email) == ("publicerad", "redaktor@example.org")


@pytest.mark.parametrize("field", [*Project.REQUIRED, *Project.REQUIRED_TERMS])
def test_what_is_missing_is_told_at_its_field(desk, field):
    response = desk.post(ADD, typed(**{field: [] if field in Project.REQUIRED_TERMS else ""}))
    assert response.status_code == 200
    errors = response.context["adminform"].form.errors
    assert errors == {field: ["Fyll i det här för att kunna publicera."]}
    assert Project.objects.count() == 0


@pytest.mark.parametrize(
    "field", ["end_date", "continuation", "results", "what_failed", "advice", "reach_actual"]
)
def test_what_an_end_asks_for_is_told_at_its_field(desk, field):
    filled = dict.fromkeys(Project.REQUIRED_WHEN_ENDED, "2015") | {"reach_actual": "0"}
    response = desk.post(ADD, typed(status="avslutades", **filled | {field: ""}))
    errors = response.context["adminform"].form.errors
    assert errors == {field: ["Fyll i det här när läget är avslutat."]}


def test_an_end_that_reached_nobody_can_be_published(desk):
    filled = dict.fromkeys(Project.REQUIRED_WHEN_ENDED, "2015") | {"reach_actual": "0"}
    assert desk.post(ADD, typed(status="avslutades", **filled)).status_code == 302
    assert Project.objects.get().reach_actual == 0


def test_an_entry_from_a_source_may_lack_what_the_source_does_not_tell(desk):
    assert desk.post(ADD, typed(source=make_source().pk, need="", themes=[])).status_code == 302
    assert Project.objects.get().need == ""


def test_a_date_that_is_none_is_answered_with_an_example(desk):
    response = desk.post(ADD, typed(start_date="hösten 2015"))
    errors = response.context["adminform"].form.errors
    assert errors == {"start_date": ["Skriv ett datum som 2015, 2015-09 eller 2015-09-01."]}


def test_an_end_before_the_start_is_told_in_words(desk):
    response = desk.post(ADD, typed(start_date="2015", end_date="2014"))
    assert "Slut kan inte vara före start." in response.content.decode()


def test_a_change_is_told_with_old_and_new_but_not_for_contacts(desk, client):
    desk.post(ADD, typed(title="Gammalt", contact_phone="08-508 00 000"))
    project = Project.objects.get()

    desk.post(
        reverse("admin:inventory_project_change", args=[project.pk]),
        typed(title="Nytt", contact_phone="08-508 11 111"),
    )

    assert AuditEntry.about(project)[0].changes == {
        "title": ["Gammalt", "Nytt"],
        "contact_phone": None,
    }
    assert titles(client) == ["Nytt"]


def rows(prefix: str, initial: int, *forms: dict[str, Any]) -> dict[str, Any]:
    """The rows of an inline as a browser sends them."""
    sent = {f"{prefix}-TOTAL_FORMS": len(forms), f"{prefix}-INITIAL_FORMS": initial}
    for number, form in enumerate(forms):
        sent |= {f"{prefix}-{number}-{name}": value for name, value in form.items()}
    return sent


def test_rows_below_a_project_are_told_one_by_one_with_old_and_new(desk):
    desk.post(ADD, typed())
    project = Project.objects.get()
    kasam, kept, gone = (
        make_measure(project, indicator=name, target_value=80) for name in ("KASAM", "Kvar", "Bort")
    )
    link = make_link(project, title="Om projektet")

    def sent(measure: Measure, **fields: Any) -> dict[str, Any]:
        facts = {"indicator": measure.indicator, "unit": measure.unit, "target_value": "80.00"}
        return facts | {"id": measure.pk, "project": project.pk} | fields

    new = {"indicator": "Nytt mått", "unit": "personer", "project": project.pk}
    measures = rows(
        "measures",
        3,
        sent(kasam, target_value="92", unit="poäng"),
        sent(kept),
        sent(gone, DELETE="on"),
        new,
        new,
    )
    about = {"id": link.pk, "project": project.pk, "title": link.title, "url": link.url}
    links = rows("links", 1, about | {"kind": "rapport"})
    partner = {"organisation": make_organisation("RSMH").pk, "role": "ovrig"}
    partners = rows("partners", 0, partner | {"project": project.pk})
    response = desk.post(
        reverse("admin:inventory_project_change", args=[project.pk]),
        typed(**measures, **links, **partners, kind="verksamhet", activities="Annat."),
    )
    assert response.status_code == 302
    assert AuditEntry.about(project)[0].changes == {
        "kind": ["Projekt", "Verksamhet"],
        "activities": ["Boendestöd till klockan 22.", "Annat."],
        "medverkande: RSMH (Övrig)": ["", "tillagd"],
        "mål och mått: Bort": ["", "borttagen"],
        "mål och mått: KASAM: enhet": ["procent", "poäng"],
        "mål och mått: KASAM: målvärde": ["80.00", "92"],
        "mål och mått: Nytt mått": ["", "tillagd"],
        "mål och mått: Nytt mått (2)": ["", "tillagd"],
        "rapporter och länkar: Om projektet: slag": ["Länk", "Rapport"],
    }


def test_personal_fields_of_rows_are_told_without_their_values(desk, monkeypatch):
    monkeypatch.setattr(admin.site._registry[Project], "personal_fields", frozenset({"title"}))
    desk.post(ADD, typed())
    project = Project.objects.get()
    link = make_link(project, title="Anna")
    sent = {"id": link.pk, "project": project.pk, "title": "Bo", "url": link.url, "kind": "lank"}
    desk.post(
        reverse("admin:inventory_project_change", args=[project.pk]),
        typed(**rows("links", 1, sent)),
    )
    (told,) = AuditEntry.about(project)[0].changes.values()
    assert told is None


def test_a_measures_change_is_told_of_its_project(desk):
    project = make_project()
    add = {"project": project.pk, "indicator": "KASAM", "unit": "poäng"}
    desk.post(reverse("admin:inventory_measure_add"), add | rows("points", 0))
    measure = Measure.objects.get()
    point = {"date": "2015", "value": "60", "measure": measure.pk}
    address = reverse("admin:inventory_measure_change", args=[measure.pk])
    desk.post(address, add | {"target_value": "80"} | rows("points", 0, point))
    pk = measure.points.get().pk
    desk.post(
        address,
        add | {"target_value": "80"} | rows("points", 1, point | {"id": pk, "value": "61"}),
    )
    desk.post(reverse("admin:inventory_measure_delete", args=[measure.pk]), {"post": "yes"})
    told = AuditEntry.about(project).filter(verb="ändrad").order_by("pk")
    assert list(told.values_list("changes", flat=True)) == [
        {"mål och mått: KASAM": ["", "tillagd"]},
        {
            "mål och mått: KASAM: målvärde": ["", "80"],
            "mål och mått: KASAM: mätpunkter: 2015: 60": ["", "tillagd"],
        },
        {"mål och mått: KASAM: mätpunkter: 2015: 61: värde": ["60.00", "61"]},
        {"mål och mått: KASAM": ["", "borttagen"]},
    ]
    assert Measure.objects.count() == 0


def test_saving_without_a_change_tells_nothing(desk):
    desk.post(ADD, typed())
    project, edition = Project.objects.get(), Edition.current()
    desk.post(reverse("admin:inventory_project_change", args=[project.pk]), typed())
    assert (AuditEntry.about(project).count(), Edition.current()) == (1, edition)


def test_a_project_without_a_measure_reminds_of_it(desk):
    response = desk.post(ADD, typed(), follow=True)
    assert "Projektet har inget mål och mått." in text_of(response.content.decode())


def test_a_withdrawal_asks_for_a_reason_and_then_takes_the_project_out(desk, client):
    project = make_project(title="Bort")
    address = reverse("admin:inventory_project_withdraw", args=[project.pk])

    assert desk.get(address).status_code == 200
    refused = desk.post(address, {"reason": " "})
    assert refused.status_code == 422
    assert "Skriv varför projektet avpubliceras." in refused.content.decode()
    assert titles(client) == ["Bort"]

    assert desk.post(address, {"reason": "Dubblett."}).status_code == 302
    assert titles(client) == []
    assert "Skäl: Dubblett." in page(client, project.get_absolute_url())


def test_nothing_published_can_be_deleted(desk):
    project = make_project()
    response = desk.post(
        reverse("admin:inventory_project_delete", args=[project.pk]), {"post": "yes"}
    )
    assert (response.status_code, Project.objects.count()) == (403, 1)


def act(desk: Client, name: str, *projects: Project) -> Any:
    chosen = {"action": name, "_selected_action": [project.pk for project in projects]}
    return desk.post("/admin/inventory/project/", chosen)


@pytest.mark.django_db(transaction=True)
def test_several_projects_can_be_confirmed_and_shown_again_at_once(desk, client):
    projects = [make_project(title=name) for name in ("A", "B", "C")]
    actions.withdraw(project=projects[0], reason="Misstag.", by=make_curator("b@example.org"))

    act(desk, "confirm_today", *projects[1:])
    act(desk, "show_again", *projects)

    assert sorted(titles(client)) == ["A", "B", "C"]
    confirmed = Project.objects.exclude(last_confirmed_at=None).order_by("title")
    assert [project.title for project in confirmed] == ["B", "C"]


def test_a_theme_that_is_renamed_shows_under_its_new_name(desk, client):
    make_project(title="Sökt", themes=["Boende"])
    theme = Theme.objects.get()
    typed = {"name": "Bostad", "slug": "bostad", "chosen-TOTAL_FORMS": 0, "chosen-INITIAL_FORMS": 0}
    desk.post(reverse("admin:library_theme_change", args=[theme.pk]), typed)
    indexing.index()
    assert titles(client, "?tema=bostad&q=bostad") == ["Sökt"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("together", [False, True])
def test_a_theme_that_is_deleted_is_gone_from_lists_and_filters(desk, client, together):
    make_project(title="Kvar", themes=["Keramik", "Unga"])
    theme = Theme.objects.get(slug="keramik")
    indexing.index()
    assert titles(client, "?tema=keramik&q=keramik") == ["Kvar"]
    if together:
        desk.post(
            reverse("admin:library_theme_changelist"),
            {"action": "delete_selected", "_selected_action": [theme.pk], "post": "yes"},
        )
    else:
        desk.post(reverse("admin:library_theme_delete", args=[theme.pk]), {"post": "yes"})

    indexing.index()
    assert client.get("/inventering/?tema=keramik").status_code == 400
    assert titles(client, "?q=keramik") == []
    assert titles(client, "?tema=unga") == ["Kvar"]


def test_the_history_cannot_be_rewritten(desk):
    entry = AuditEntry.about(make_project()).get()
    address = reverse("admin:core_auditentry_change", args=[entry.pk])
    assert desk.get(address).status_code == 200
    assert desk.post(address, {"verb": "annat"}).status_code == 403
    assert desk.post(reverse("admin:core_auditentry_delete", args=[entry.pk])).status_code == 403


def test_the_button_history_leads_to_the_projects_own_lines(desk):
    project = make_project(title="Sökt")
    make_project(title="Annat")
    response = desk.get(reverse("admin:inventory_project_history", args=[project.pk]), follow=True)
    assert [row.object_label for row in response.context["cl"].result_list] == ["Sökt"]
