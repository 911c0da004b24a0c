"""Whatever somebody changes is told once, also by bulk actions, and in the same transaction."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.core.management import call_command
from django.db import IntegrityError
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

import ksi.urls  # noqa: F401 - takes the lists of libraries out of the desk
from core.models import AuditEntry, Mail
from core.tasks import later
from inventory import actions as inventory_actions
from inventory.models import Measure, Project
from ksi import seeding
from library import actions as library_actions
from library.models import (
    Gap,
    Instrument,
    Intervention,
    Item,
    KnowledgeSource,
    Method,
    Reader,
    ServiceArea,
    Source,
    TargetGroup,
    Theme,
)
from people import accounts
from people.actions import NotAllowedMove, approve_membership, ask_to_join, give_role
from people.demo import make_demo_users
from people.models import Invitation, Organisation, SiteRole, User
from search.models import CompoundOverride, ProtectedWord, Synonyms
from tests.factories import (
    make_curator,
    make_district,
    make_instrument,
    make_measure,
    make_project,
    make_source,
    make_term,
    make_user,
)
from tests.library_factories import make_item
from tests.people.walking import add_app, app_code, log_in, stranger

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator() -> User:
    return make_curator()


@pytest.fixture
def desk(client, curator) -> Client:
    client.force_login(curator)
    return client


def told_since(last: int) -> list[tuple[Any, ...]]:
    """What was told after that line: verb, object, who."""
    lines = AuditEntry.objects.filter(pk__gt=last).order_by("pk")
    return list(lines.values_list("verb", "app_model", "object_id", "by"))


def last_line() -> int:
    return AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


# --- Bulk actions -------------------------------------------------------------------------------


def withdrawn_projects() -> list[Any]:
    by = make_user("av@example.org")
    made = [make_project(title=name) for name in ("A", "B")]
    for project in made:
        inventory_actions.withdraw(project=project, reason="Prov.", by=by)
    return made


def uncertain_mail() -> list[Any]:
    facts = {"purpose": "prov", "state": "oviss", "to": "a@example.org", "next_at": timezone.now()}
    return [Mail.objects.create(message_id=name, **facts) for name in ("a", "b")]


def failed_tasks() -> list[Any]:
    for number in (1, 2):
        later("tests.work.nothing", number)
    DBTaskResult.objects.update(status="FAILED", finished_at=timezone.now())
    return list(DBTaskResult.objects.order_by("pk"))


def with_an_app() -> list[Any]:
    made = [make_user(f"{name}@example.org") for name in ("a", "b")]
    for user in made:
        add_app(user)
    return made


def invited() -> list[Any]:
    by = make_user("av@example.org")
    return [accounts.invite(email=f"{name}@example.org", by=by)[0] for name in ("a", "b")]


def with_roles() -> list[Any]:
    for name in ("a", "b"):
        give_role(user=make_user(f"{name}@example.org"), role="redaktor", by=None)
    return list(SiteRole.objects.exclude(user__is_superuser=True))


def terms(model: type[Any]) -> Callable[[], list[Any]]:
    return lambda: [make_term(model, name) for name in ("Ett", "Två")]


def withdrawn_items() -> list[Item]:
    items = [make_item(title=name) for name in ("Ett", "Två")]
    for item in items:
        library_actions.withdraw(
            item=item, reason="Fel.", by=make_curator(f"{item.pk}@example.org")
        )
    return items


# Model, action → how two are made, the verb, and what the line is about where it is another.
BULK: dict[tuple[str, str], tuple[Callable[[], list[Any]], str, str]] = {
    ("inventory.project", "confirm_today"): (
        lambda: [make_project(title=name) for name in ("A", "B")],
        "bekräftad",
        "",
    ),
    ("inventory.project", "show_again"): (withdrawn_projects, "publicerad", ""),
    ("inventory.measure", "delete_selected"): (
        lambda: [make_measure(make_project(title=name)) for name in ("A", "B")],
        "ändrad",
        "inventory.project",
    ),
    **{
        (f"library.{model._meta.model_name}", "delete_selected"): (terms(model), "raderad", "")
        for model in (
            *(ServiceArea, Theme, Intervention, TargetGroup, KnowledgeSource, Reader, Method),
        )
    },
    ("library.instrument", "delete_selected"): (
        lambda: [make_instrument(name) for name in ("Ett", "Två")],
        "raderad",
        "",
    ),
    ("library.item", "review_today"): (
        lambda: [make_item(title=name) for name in ("Ett", "Två")],
        "granskad",
        "",
    ),
    ("library.item", "hold_again"): (withdrawn_items, "gäller igen", ""),
    ("library.source", "delete_selected"): (
        lambda: [make_source(name) for name in ("Ett", "Två")],
        "raderad",
        "",
    ),
    ("people.organisation", "delete_selected"): (
        lambda: [make_district(name) for name in ("Ett", "Två")],
        "raderad",
        "",
    ),
    ("people.user", "delete_selected"): (
        lambda: [make_user(f"{name}@example.org") for name in ("a", "b")],
        "raderad",
        "",
    ),
    ("people.user", "remove_second_factor"): (with_an_app, "andra faktor borttagen", ""),
    ("people.invitation", "delete_selected"): (invited, "inbjudan återtagen", ""),
    ("people.siterole", "delete_selected"): (with_roles, "roll återtagen", "people.user"),
    ("core.mail", "send_again"): (uncertain_mail, "skickas igen", ""),
    ("core.mail", "strike"): (uncertain_mail, "struken", ""),
    ("core.backgroundtask", "try_again"): (failed_tasks, "försöks igen", ""),
}


# What leads on to a page of its own and changes nothing by itself.
LEADING_ON = {("people.organisation", "merge")}


def owner_of(obj: Any, kind: str) -> Any:
    """What a line is about: the thing itself, or what it belongs to."""
    owners = {Measure: "project_id", SiteRole: "user_id"}
    return getattr(obj, owners[type(obj)]) if kind else obj.pk


@pytest.mark.parametrize(("model", "action"), BULK, ids=lambda part: part)
def test_a_bulk_action_is_told_once_for_each(desk, curator, model, action):
    make, verb, kind = BULK[model, action]
    made = make()
    owners = [str(owner_of(obj, kind)) for obj in made]
    before = last_line()
    chosen = {"action": action, "_selected_action": [str(obj.pk) for obj in made], "post": "yes"}
    app, name = model.split(".")
    assert desk.post(reverse(f"admin:{app}_{name}_changelist"), chosen).status_code == 302
    told = [(verb, kind or model, owner, curator.pk) for owner in owners]
    assert sorted(told_since(before)) == sorted(told)


def test_no_bulk_action_of_the_desk_is_forgotten_here(curator):
    request = RequestFactory().get("/admin/")
    request.user = curator
    offered = {
        (model._meta.label_lower, name)
        for model, desk in admin.site._registry.items()
        if model._meta.app_label in {"core", "people", "library", "inventory"}
        for name in desk.get_actions(request)
    }
    assert offered - LEADING_ON == set(BULK)


# --- One's own account --------------------------------------------------------------------------


@pytest.fixture
def member(client) -> User:
    user = make_user("anna@example.org", name="Anna")
    log_in(client, user)
    return user


def verbs(user: User) -> list[tuple[str, str]]:
    """What was told of an account by itself: verb and reason, oldest first."""
    lines = AuditEntry.about(user).filter(by=user).order_by("pk")
    return list(lines.values_list("verb", "reason"))


def test_ones_own_name_is_told_without_it_and_only_when_it_changes(client, member):
    for name in ("Anna", "Bo Ny", "Bo Ny"):
        assert client.post("/konto/namn/", {"name": name}).status_code == 302
    line = AuditEntry.about(member).get()
    assert (line.verb, line.by, line.changes) == ("ändrad", member, {"name": None})
    assert "Bo Ny" not in str(list(AuditEntry.objects.values()))
    assert User.objects.get(pk=member.pk).name == "Bo Ny"


def sessions_of(user: User, count: int) -> None:
    """She logs in in so many other browsers."""
    for _ in range(count):
        log_in(stranger(), user)


@pytest.mark.parametrize("path", ["/konto/inloggningar/", "/konto/inloggningar/avsluta-alla/"])
@pytest.mark.parametrize(
    ("others", "told"),
    [
        (0, []),
        (1, [("inloggningar avslutade", "En på annat ställe.")]),
        (2, [("inloggningar avslutade", "2 på andra ställen.")]),
    ],
)
def test_sessions_that_are_ended_elsewhere_are_told(client, member, path, others, told):
    sessions_of(member, others)
    assert client.post(path).status_code == 302
    assert verbs(member) == told


def test_one_session_that_is_ended_is_told_unless_it_is_this_one(client, member):
    sessions_of(member, 1)
    own, other = UserSession.objects.order_by("pk")
    client.post(f"/konto/inloggningar/{other.pk}/avsluta/")
    client.post(f"/konto/inloggningar/{own.pk}/avsluta/")
    assert verbs(member) == [("inloggningar avslutade", "En på annat ställe.")]


def test_a_passkey_with_another_name_is_told_without_it(client, member):
    add_app(member)
    data = {"name": "Ena", "passwordless": False, "credential": {}}
    key = Authenticator.objects.create(user=member, type="webauthn", data=data)
    client.post("/konto/bekrafta/kod/", {"code": app_code()})
    address = f"/konto/sakerhet/nycklar/{key.pk}/"
    before = last_line()
    client.post(address, {"name": "Annas telefon"})
    client.post(address, {"name": "Annas telefon"})
    assert [verb for verb, *_ in told_since(before)] == ["nyckel omdöpt"]
    assert "Annas telefon" not in str(list(AuditEntry.objects.values()))


def test_a_password_given_by_an_administrator_is_told(desk, curator):
    user = make_user("anna@example.org")
    address = reverse("admin:auth_user_password_change", args=[user.pk])
    new = {"password1": "fyra ord som ingen gissar", "password2": "fyra ord som ingen gissar"}
    assert desk.post(address, new | {"password2": "annat"}).status_code == 200
    assert AuditEntry.about(user).count() == 0
    assert desk.post(address, new | {"usable_password": "true"}).status_code == 302
    line = AuditEntry.about(user).get()
    assert (line.verb, line.by, line.reason) == ("lösenord bytt", curator, "Av en administratör.")


# --- In the same transaction --------------------------------------------------------------------


@pytest.fixture
def no_history(monkeypatch) -> None:
    """The history cannot be written."""

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise IntegrityError("no history")

    monkeypatch.setattr(AuditEntry, "note", refuse)


def change_password(client: Client, user: User) -> Any:
    return client.post("/konto/losenord/", {"password1": "fyra ord som ingen gissar"})


def change_name(client: Client, user: User) -> Any:
    return client.post("/konto/namn/", {"name": "Ny"})


def end_sessions(client: Client, user: User) -> Any:
    return client.post("/konto/inloggningar/")


def remove_app(client: Client, user: User) -> Any:
    return client.post("/konto/sakerhet/app/ta-bort/")


def new_codes(client: Client, user: User) -> Any:
    return client.post("/konto/sakerhet/reservkoder/nya/")


def state_of(user: User) -> tuple[Any, ...]:
    """What an account holds."""
    found = User.objects.get(pk=user.pk)
    keys = Authenticator.objects.filter(user=user).order_by("pk").values_list("pk", "data")
    sessions = UserSession.objects.filter(user=user).order_by("pk").values_list("pk", flat=True)
    return found.name, found.password, list(keys), list(sessions)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "change", [change_password, change_name, end_sessions, remove_app, new_codes]
)
def test_what_cannot_be_told_is_not_done(client, member, no_history, change):
    sessions_of(member, 1)
    add_app(member)
    client.post("/konto/bekrafta/kod/", {"code": app_code()})
    before = state_of(member)
    with pytest.raises(IntegrityError):
        change(client, member)
    assert state_of(member) == before


@pytest.mark.django_db(transaction=True)
def test_an_account_that_cannot_be_told_is_not_made(client, no_history):
    with pytest.raises(IntegrityError):
        client.post("/konto/ny/", {"name": "Ny", "email": "ny@example.org"})
    assert User.objects.count() == 0


# --- The portal itself --------------------------------------------------------------------------


def test_what_was_loaded_begins_its_history_with_where_it_came_from():
    call_command("load_seed", verbosity=0)
    models = (
        *(ServiceArea, Theme, Intervention, TargetGroup, Source, Method, Instrument),
        *(Organisation, Project, Synonyms, ProtectedWord, CompoundOverride),
        *(KnowledgeSource, Reader, Item, Gap),
    )
    expected = {
        (model._meta.label_lower, str(pk))
        for model in models
        for pk in model._default_manager.values_list("pk", flat=True)
    }
    loaded = [seeding.LOADED, seeding.LOADED_WORDS]
    lines = AuditEntry.objects.filter(reason__in=loaded, by=None, by_account=False)
    told = list(lines.values_list("app_model", "object_id"))
    assert (len(told), set(told)) == (len(expected), expected)
    call_command("load_seed", verbosity=0)
    assert AuditEntry.objects.count() == len(told)


def test_a_project_whose_day_has_come_is_told_once(time_machine):
    time_machine.move_to("2026-05-01 12:00:00+02:00", tick=False)
    project = make_project(embargo_until="2026-05-02")
    before = last_line()
    assert inventory_actions.publish_due() == 0
    time_machine.move_to("2026-05-02 12:00:00+02:00", tick=False)
    assert [inventory_actions.publish_due() for _ in range(2)] == [1, 0]
    assert told_since(before) == [("visas", "inventory.project", str(project.pk), None)]


def test_the_demonstrations_accounts_and_a_first_administrator_are_told():
    make_demo_users()
    made = User.objects.count()
    assert AuditEntry.objects.filter(verb="skapad", app_model="people.user").count() == made
    call_command("createsuperuser", email="forst@example.org", interactive=False, verbosity=0)
    line = AuditEntry.about(User.objects.get(email="forst@example.org")).get()
    assert (line.verb, line.to_state, line.reason) == (
        "skapad",
        "administrator",
        "manage.py createsuperuser",
    )


def test_a_membership_is_told_in_words_and_an_earlier_invitation_ends_in_the_history():
    user, manager = make_user("ny@example.org"), make_user("chef@example.org")
    membership = ask_to_join(organisation=make_district(), role="enhetschef", by=user)
    approve_membership(membership=membership, by=manager)
    with pytest.raises(NotAllowedMove):
        approve_membership(membership=membership, by=manager)
    told = AuditEntry.about(membership).order_by("pk").values_list("verb", "from_state", "to_state")
    assert list(told) == [("begärd", "", "begard"), ("godkänd", "begard", "godkand")]
    assert Invitation.objects.count() == 0
