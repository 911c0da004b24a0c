"""The demonstration's people: one login per role, on the login page and after `make run`.

Functions, not persons. In production none of this is reachable: its addresses are not registered
(people.urls) and nothing makes these users.
"""

from typing import Any

from django.conf import settings
from django.db import transaction

from people.models import User

# Address → name, and what she may do. Add a role by adding a line.
DEMO_USERS: dict[str, dict[str, Any]] = {
    "anvandare@example.org": {"name": "Demo: användare"},
    "redaktor@example.org": {"name": "Demo: redaktör", "is_staff": True},
    "administrator@example.org": {
        "name": "Demo: administratör",
        "is_staff": True,
        "is_superuser": True,
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
    for email, fields in DEMO_USERS.items():
        flags = {"is_staff": False, "is_superuser": False, "is_active": True}
        user, made = User.objects.update_or_create(email=email, defaults=flags | fields)
        if made:
            user.set_unusable_password()
            user.save(update_fields=["password"])
    return demo_users()
