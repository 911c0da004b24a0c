"""Whose session it is, and what roles may do in the Django admin."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.backends import BaseBackend

from people import roles, sessions
from people.models import User

# Which action of the matrix opens which models, and for what.
EDITED: dict[str, tuple[str, ...]] = {
    "inventory": ("project", "measure", "measurepoint", "partner", "document", "link", "idea"),
    "library": (
        *("servicearea", "theme", "intervention", "targetgroup"),
        *("method", "instrument", "grade", "source", "knowledgesource", "reader"),
        *("item", "itemfile"),
    ),
    "people": ("organisation", "succession"),
    "search": ("synonyms", "protectedword", "compoundoverride"),
}
WATCHED: dict[str, tuple[str, ...]] = {
    "core": ("mail", "backgroundtask", "workersign", "periodicrun")
}
INVITED: dict[str, tuple[str, ...]] = {"people": ("invitation",)}
EVERY_VERB = ("view", "add", "change", "delete")


def _permissions(models: dict[str, tuple[str, ...]], *verbs: str) -> frozenset[str]:
    return frozenset(
        f"{app}.{verb}_{model}"
        for app, names in models.items()
        for model in names
        for verb in verbs
    )


OPENED = {
    roles.EDIT_CONTENT: _permissions(EDITED, *EVERY_VERB) | {"search.view_missedword"},
    roles.READ_HISTORY: frozenset({"core.view_auditentry"}),
    roles.READ_MESSAGES: frozenset({"inventory.view_message"}),
    roles.WATCH_OPERATIONS: _permissions(WATCHED, "view", "change"),
    roles.DECIDE_ANY_MEMBERSHIP: frozenset({"people.view_membership"}),
    roles.MERGE_ORGANISATIONS: frozenset({"people.view_merger"}),
    roles.INVITE_ANYONE: _permissions(
        {"people": ("invitation",)}, "view", "add", "change", "delete"
    ),
}


class Accounts(AuthenticationBackend):
    """Allauth's ways in; a signed-in visitor's account came with the session."""

    def get_user(self, user_id: Any) -> Any:
        """The account with this number, if it may still be used."""
        session = sessions.of_this_request.get()
        account = session.account if session else None
        if account is None or account.pk != user_id:
            return super().get_user(user_id)
        return account if self.user_can_authenticate(account) else None


class RolePermissions(BaseBackend):
    """Django's permissions as the matrix of roles gives them."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """What the user's site roles open."""
        if not isinstance(user_obj, User) or not user_obj.is_active or obj is not None:
            return set()
        return {
            permission
            for action, permissions in OPENED.items()
            if roles.may(user_obj, action)
            for permission in permissions
        }

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether a role opens it."""
        return perm in self.get_all_permissions(user_obj, obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether a role opens anything of an app."""
        return any(each.startswith(f"{app_label}.") for each in self.get_all_permissions(user_obj))
