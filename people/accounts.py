"""Who gets an account, and the links that let somebody in once.

Tokens are stored as digests: whoever reads the database or a copy of it can use none.
"""

import hashlib
import logging
import secrets
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import mail, post
from core.models import AuditEntry
from people.models import Invitation, SigninToken, User

logger = logging.getLogger(__name__)

INVITATION_LASTS = timedelta(days=14)
SIGNIN_LASTS = timedelta(minutes=10)


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_allowed_domain(email: str) -> bool:
    """Whether those with addresses like this may make an account by themselves."""
    return email.rpartition("@")[2].lower() in settings.SIGNUP_DOMAINS


@transaction.atomic
def invite(*, email: str, by: User) -> tuple[Invitation, str]:
    """Let somebody make an account; returns the token for the link, which is not stored.

    Side effects: an earlier unused invitation to the same address ends; told in the history. The
    caller sends the link when the transaction is over.
    """
    email = email.lower()
    for earlier in Invitation.objects.filter(email=email, used_at=None):
        take_back_invitation(invitation=earlier, by=by, reason="Ersatt av en ny.")
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email,
        token_hash=digest(token),
        invited_by=by,
        expires_at=timezone.now() + INVITATION_LASTS,
    )
    AuditEntry.record("inbjuden", invitation, by=by)
    return invitation, token


def send_invitation(*, invitation: Invitation, link: str) -> bool:
    """Send the link at once, since it is stored nowhere; whether the mail server took it."""
    context = {"invitation": invitation, "link": link}
    try:
        mail.send_now(
            to=invitation.email, template="people/letters/invitation.html", context=context
        )
    except (post.NotDelivered, post.Unknown):
        logger.exception("An invitation could not be sent")
        return False
    return True


def open_invitation(*, token: str = "", email: str = "") -> Invitation | None:
    """The invitation with this token or to this address, if it can still be used."""
    wanted = {"token_hash": digest(token)} if token else {"email": email.lower()}
    return Invitation.objects.filter(used_at=None, expires_at__gt=timezone.now(), **wanted).first()


@transaction.atomic
def use_invitation(*, user: User) -> None:
    """The invited has made the account. Side effect: told in the history."""
    invitation = open_invitation(email=user.email)
    if invitation and Invitation.objects.filter(pk=invitation.pk, used_at=None).update(
        used_at=timezone.now()
    ):
        AuditEntry.record("inbjudan använd", invitation, by=user)


@transaction.atomic
def take_back_invitation(*, invitation: Invitation, by: Any, reason: str = "") -> None:
    """The link is worth nothing from now on. Side effect: told in the history."""
    AuditEntry.record("inbjudan återtagen", invitation, by=by, reason=reason)
    invitation.delete()


@transaction.atomic
def make_signin_token(*, user: User) -> str:
    """A token that signs this user in once within ten minutes.

    Side effects: earlier unused ones end; told in the history.
    """
    SigninToken.objects.filter(user=user, used_at=None).delete()
    token = secrets.token_urlsafe(32)
    made = timezone.now()
    SigninToken.objects.create(
        user=user, token_hash=digest(token), created_at=made, expires_at=made + SIGNIN_LASTS
    )
    AuditEntry.record("engångslänk gjord", user, by=None, reason="manage.py signin_url")
    return token


def open_signin_token(token: str) -> SigninToken | None:
    """The token, if it can still be used."""
    return (
        SigninToken.objects.filter(
            token_hash=digest(token),
            used_at=None,
            expires_at__gt=timezone.now(),
            user__is_active=True,
        )
        .select_related("user")
        .first()
    )


@transaction.atomic
def use_signin_token(token: str) -> User | None:
    """Use the token up and return whom it signs in. Side effect: told in the history."""
    found = open_signin_token(token)
    # Of two at the same moment, one gets in.
    if not found or not SigninToken.objects.filter(pk=found.pk, used_at=None).update(
        used_at=timezone.now()
    ):
        return None
    AuditEntry.record("engångslänk använd", found.user, by=found.user)
    return found.user


@transaction.atomic
def address_proved(*, user: User) -> None:
    """The user has shown that mail to her address reaches her: allauth's row says so.

    Side effect: rows of an address that has changed hands, or that she has left, go.
    """
    rows = EmailAddress.objects
    rows.filter(email=user.email).exclude(user=user).delete()
    rows.filter(user=user).exclude(email=user.email).delete()
    rows.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})


@transaction.atomic
def remove_password(*, user: User) -> None:
    """Only codes and passkeys log in from now on. Side effects: told in the history; all sessions
    end, since they were tied to the password.
    """
    user.set_unusable_password()
    user.save(update_fields=["password"])
    AuditEntry.record("lösenord borttaget", user, by=user)


@transaction.atomic
def remove_second_factor(*, user: User, by: Any) -> None:
    """Somebody has lost every key: she logs in with a code, and adds new ones.

    Side effects: all her sessions end; told in the history.
    """
    Authenticator.objects.filter(user=user).delete()
    for session in UserSession.objects.filter(user=user):
        session.end()
    AuditEntry.record("andra faktor borttagen", user, by=by, reason="av en administratör")


# --- What allauth does and the history tells ------------------------------------------------------


@transaction.atomic
def account_made(*, user: User, reason: str = "") -> None:
    """Somebody has made her own account. Writes history."""
    AuditEntry.record("skapad", user, by=user, reason=reason)


@transaction.atomic
def sessions_ended(*, user: User, count: int) -> None:
    """She has ended so many of her sessions elsewhere. Writes history.

    Ordinary logins and log-outs are not told: the history is no log of when people work.
    """
    if count:
        told = "En på annat ställe." if count == 1 else f"{count} på andra ställen."
        AuditEntry.record("inloggningar avslutade", user, by=user, reason=told)


@transaction.atomic
def second_factor_added(*, user: User, kind: str) -> None:
    """She has added an app or a passkey, which made recovery codes if it was the first.

    Writes history.
    """
    AuditEntry.record("andra faktor tillagd", user, by=user, reason=kind)


@transaction.atomic
def second_factor_removed(*, user: User, kind: str) -> None:
    """She has removed one. Writes history."""
    AuditEntry.record("andra faktor borttagen", user, by=user, reason=kind)


@transaction.atomic
def recovery_codes_made(*, user: User) -> None:
    """She has made new recovery codes. Writes history."""
    AuditEntry.record("nya reservkoder", user, by=user)


@transaction.atomic
def passkey_renamed(*, user: User) -> None:
    """She has given a passkey another name. Writes history, not the name."""
    AuditEntry.record("nyckel omdöpt", user, by=user)


@transaction.atomic
def password_changed(*, user: User, by: Any, reason: str = "") -> None:
    """The password was set, changed or, by an administrator, taken away. Writes history."""
    AuditEntry.record("lösenord bytt", user, by=by, reason=reason)


@transaction.atomic
def single_sign_on_connected(*, user: User) -> None:
    """She has come through the city's provider to an account that she had. Writes history."""
    AuditEntry.record("stadens inloggning kopplad", user, by=user)
