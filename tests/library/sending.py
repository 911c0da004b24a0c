"""Steps that several stories about what visitors send in take."""

from typing import Any

from django.test import Client

from people import roles
from people.actions import give_role
from people.models import Membership, User
from tests.factories import make_organisation, make_user

NUMBER = "19811218-9876"
VOICE = {"answer": "delvis", "text": "Hos oss kommer de bara på vardagar.", "opened": "a1"}
STORY = {
    "kind": "erfarenhet",
    "text": "Jag fick en nyckel till träffen. Då började jag gå dit.",
    "consent": "on",
    "opened": "a1",
}
GAP = {
    "title": "Hjälper boendestöd på kvällen?",
    "text": "Många är ensamma då.",
    "opened": "a1",
}


def somebody(role: type[roles.Role]) -> User | None:
    """Somebody with that role alone."""
    if role is roles.Visitor:
        return None
    user = make_user(f"{role.key}@annan.example.org", is_city_staff=role is roles.CityStaff)
    if issubclass(role, roles.OrganisationRole):
        Membership.objects.create(
            user=user,
            organisation=make_organisation("En förening"),
            role=role.key,
            state=Membership.State.APPROVED,
        )
    if issubclass(role, roles.SiteRole):
        give_role(user=user, role=role.key, by=None)
    return User.objects.get(pk=user.pk)


def browser_of(user: User | None) -> Client:
    """Somebody's browser."""
    client = Client()
    if user:
        client.force_login(user)
    return client


def limitless(monkeypatch: Any, *limits: str) -> None:
    """Let a test send more than a visitor may: "library.voice_views.voice_limit"."""
    for name in limits:
        monkeypatch.setattr(f"{name}", type("Free", (), {"wait": lambda self, key: 0})())
