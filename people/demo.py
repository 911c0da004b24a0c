"""The demonstration's people: one login per role, on the login page and after `make run`.

Functions, not persons. In production none of this is reachable: its addresses are not registered
(people.urls) and nothing makes these users.
"""

from typing import Any

from django.conf import settings
from django.db import transaction

from core.models import AuditEntry
from people import actions
from people.models import Membership, Organisation, SiteRole, User

DEMO = "Demonstrationens konto."

# Address → name, site role, or (role, organisation). Add a role by adding a line.
DEMO_USERS: dict[str, dict[str, Any]] = {
    "anvandare@example.org": {"name": "Demo: användare"},
    "uppgiftslamnare@example.org": {
        "name": "Demo: uppgiftslämnare i Farsta",
        "member": (Membership.Role.REPORTER, "farsta"),
    },
    "enhetschef@example.org": {
        "name": "Demo: enhetschef i Farsta",
        "member": (Membership.Role.MANAGER, "farsta"),
    },
    "samordnare@example.org": {
        "name": "Demo: samordnare i Farsta",
        "member": (Membership.Role.COORDINATOR, "farsta"),
    },
    "redaktor@example.org": {"name": "Demo: redaktör", "site": SiteRole.Role.CURATOR},
    "forskningsrad@example.org": {"name": "Demo: forskningsråd", "site": SiteRole.Role.COUNCIL},
    "registrator@example.org": {"name": "Demo: registrator", "site": SiteRole.Role.REGISTRAR},
    "administrator@example.org": {
        "name": "Demo: administratör",
        "site": SiteRole.Role.ADMINISTRATOR,
    },
}


def demo_users() -> list[User]:
    """Those that exist, in the order of the list."""
    users = {user.email: user for user in User.objects.filter(email__in=DEMO_USERS)}
    return [users[email] for email in DEMO_USERS if email in users]


@transaction.atomic
def make_demo_users() -> list[User]:
    """Make them, or make them again what they should be. Raises RuntimeError in production."""
    if not settings.DEMO:
        raise RuntimeError("Demo users are for the demonstration only.")
    for email, facts in DEMO_USERS.items():
        user, made = User.objects.update_or_create(
            email=email, defaults={"name": facts["name"], "is_active": True}
        )
        if made:
            user.set_unusable_password()
            user.save(update_fields=["password"])
            AuditEntry.record("skapad", user, by=None, reason=DEMO)
        if "site" in facts:
            actions.give_role(user=user, role=facts["site"], by=None)
        if "member" in facts:
            _make_member(user, *facts["member"])
        actions.update_access(user=user)
        actions.update_city_staff(user=user)
    return demo_users()


def _make_member(user: User, role: str, slug: str) -> None:
    organisation = Organisation.objects.filter(slug=slug).first()
    if organisation:  # the demonstration's content may have been left out
        membership, made = Membership.objects.current().get_or_create(
            user=user,
            organisation=organisation,
            role=role,
            defaults={"state": Membership.State.APPROVED},
        )
        if made:
            AuditEntry.record(
                "godkänd", membership, by=None, to_state=membership.state, reason=DEMO
            )
