"""What follows when somebody changes how she logs in: told in the history, felt in the session.

Allauth sends these in the request that makes the change.
"""

from typing import Any

from allauth.account.internal.flows.login import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
    record_authentication,
)
from allauth.account.signals import password_changed, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest

from core.models import AuditEntry
from people.middleware import FACTORS
from people.models import User

KINDS = {
    Authenticator.Type.TOTP: "app",
    Authenticator.Type.WEBAUTHN: "nyckel",
    Authenticator.Type.RECOVERY_CODES: "reservkoder",
}


def on_added(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Who has just set it up has also just shown it."""
    if authenticator.type in FACTORS:
        record_authentication(
            request,
            user,
            "mfa",
            id=authenticator.pk,
            type=authenticator.type,
            reauthenticated=True,
        )
        told = KINDS[Authenticator.Type(authenticator.type)]
        AuditEntry.record("andra faktor tillagd", user, by=user, reason=told)


def on_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """What was shown counts no longer when nothing is left that could be shown."""
    told = KINDS[Authenticator.Type(authenticator.type)]
    AuditEntry.record("andra faktor borttagen", user, by=user, reason=told)
    if not is_mfa_enabled(user, FACTORS):
        records = get_authentication_records(request, user)
        kept = [record for record in records if record.get("method") != "mfa"]
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = kept


def on_reset(user: User, **_: Any) -> None:
    """New recovery codes."""
    AuditEntry.record("nya reservkoder", user, by=user)


def on_password(user: User, **_: Any) -> None:
    """A password was set or changed."""
    AuditEntry.record("lösenord bytt", user, by=user)


def connect() -> None:
    """Listen."""
    authenticator_added.connect(on_added)
    authenticator_removed.connect(on_removed)
    authenticator_reset.connect(on_reset)
    password_set.connect(on_password)
    password_changed.connect(on_password)
