"""What follows when somebody changes how she logs in: told in the history, felt in the session.

Allauth sends these in the request that makes the change, and people.urls lets that be one
transaction. What it announces only after the transaction is told by people.views instead.
"""

from typing import Any

from allauth.account.internal.flows.login import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
    record_authentication,
)
from allauth.account.signals import password_changed, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.signals import social_account_added
from django.db.models.signals import post_delete
from django.http import HttpRequest

from people import accounts
from people.middleware import FACTORS
from people.models import Session, User
from people.sessions import SessionStore

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
    if authenticator.type == Authenticator.Type.WEBAUTHN:
        accounts.second_factor_added(user=user, kind=KINDS[Authenticator.Type.WEBAUTHN])


def on_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """What was shown counts no longer when nothing is left that could be shown."""
    kind = KINDS[Authenticator.Type(authenticator.type)]
    accounts.second_factor_removed(user=user, kind=kind)
    if not is_mfa_enabled(user, FACTORS):
        records = get_authentication_records(request, user)
        kept = [record for record in records if record.get("method") != "mfa"]
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = kept


def on_password(user: User, **_: Any) -> None:
    """A password was set or changed."""
    accounts.password_changed(user=user, by=user)


def on_connected(sociallogin: SocialLogin, **_: Any) -> None:
    """The city's provider knows somebody who had an account."""
    assert isinstance(sociallogin.user, User)  # noqa: S101
    accounts.single_sign_on_connected(user=sociallogin.user)


def on_erased(instance: User, **_: Any) -> None:
    """Logins that were begun and not ended name her in a session that is nobody's yet."""
    begun = Session.objects.filter(user=None)
    hers = [
        session.pk
        for session in begun.iterator()
        if instance.email in str(SessionStore().decode(session.session_data))
    ]
    begun.filter(pk__in=hers).delete()


def connect() -> None:
    """Listen."""
    post_delete.connect(on_erased, sender=User)
    authenticator_added.connect(on_added)
    authenticator_removed.connect(on_removed)
    password_set.connect(on_password)
    password_changed.connect(on_password)
    social_account_added.connect(on_connected)
