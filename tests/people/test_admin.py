"""Accounts and organisations at the curators' desk."""

import pytest
from django.urls import reverse

from core.models import AuditEntry
from people.models import Organisation, User
from tests.factories import make_curator, make_district, make_project, make_user
from tests.reading import titles

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(make_curator())
    return client


def everything_told() -> str:
    """All of the history as one text."""
    return "\n".join(str(row) for row in AuditEntry.objects.values())


def test_a_new_account_is_told_without_who_it_is(desk):
    desk.post(
        reverse("admin:people_user_add"),
        {"email": "ada@example.org", "name": "Ada Andersson", "usable_password": "false"},
    )
    user = User.objects.get(email="ada@example.org")
    entry = AuditEntry.about(user).get()
    assert (entry.verb, entry.app_model) == ("skapad", "people.user")
    told = everything_told()
    assert [word for word in ("ada@", "Ada", "Andersson") if word in told] == []


def test_a_changed_or_deleted_account_is_told_without_who_it_was(desk):
    user = make_user("ada@example.org", name="Ada Andersson")
    desk.post(
        reverse("admin:people_user_change", args=[user.pk]),
        {"email": "bo@example.org", "name": "Bo", "is_active": "on"},
    )
    desk.post(reverse("admin:people_user_delete", args=[user.pk]), {"post": "yes"})
    verbs = AuditEntry.about(user).values_list("verb", flat=True)
    assert list(verbs) == ["raderad", "ändrad"]
    told = everything_told()
    assert [word for word in ("ada@", "bo@", "Ada", "Andersson", "Bo") if word in told] == []


def test_a_renamed_district_is_renamed_everywhere_at_once(desk, client):
    district = make_district("Farsta")
    make_project(title="Stöd", lead=district)
    fields = {
        "name": "Södra Farsta",
        "slug": "sodra-farsta",
        "kind": "stadsdelsforvaltning",
        "neighbourhoods": "[]",
        "succeeded_by-TOTAL_FORMS": 0,
        "succeeded_by-INITIAL_FORMS": 0,
    }
    response = desk.post(reverse("admin:people_organisation_change", args=[district.pk]), fields)
    assert response.status_code == 302
    assert titles(client, "?stadsdel=sodra-farsta") == ["Stöd"]
    changes = AuditEntry.about(district).get().changes
    assert changes["name"] == ["Farsta", "Södra Farsta"]


@pytest.mark.django_db(transaction=True)
def test_several_organisations_can_be_deleted_at_once(desk):
    rows = [make_district(name) for name in ("Ett", "Två")]
    response = desk.post(
        reverse("admin:people_organisation_changelist"),
        {"action": "delete_selected", "_selected_action": [row.pk for row in rows], "post": "yes"},
    )
    assert (response.status_code, Organisation.objects.count()) == (302, 0)
    verbs = AuditEntry.objects.filter(verb="raderad").values_list("object_label", flat=True)
    assert sorted(verbs) == ["Ett", "Två"]
