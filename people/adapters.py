"""Where the portal differs from django-allauth's ways (docs/adr/0010-allauth.md)."""

import base64
import hashlib
import logging
from contextlib import suppress
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from core import mail, post
from core.forms import one_line
from people import accounts, actions
from people.models import User

logger = logging.getLogger(__name__)

# How long a session lasts for those who need a second factor; longer than a working day.
CAREFUL_SESSION = 24 * 3600
INVITED = "invited"  # in the session: the address whose invitation was opened
WRONG_CODE = "Koden stämmer inte. Skriv siffrorna i den senaste koden du fick."
TOO_MANY = "Det blev för många försök. Vänta några minuter och försök igen."


class AccountAdapter(DefaultAccountAdapter):
    """Accounts: who may make one, where one may be sent, and every sentence in Swedish."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "Kontot är avstängt.",
        "email_password_mismatch": "Adressen eller lösenordet stämmer inte.",
        "email_taken": "Adressen hör redan till ett konto.",
        "enter_current_password": "Det är inte ditt nuvarande lösenord.",
        "incorrect_code": WRONG_CODE,
        "incorrect_password": "Lösenordet stämmer inte.",
        "invalid_login": "Skriv en e-postadress, till exempel namn@example.org",
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": TOO_MANY,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Those in the allowed domains, and the invited."""
        return bool(settings.SIGNUP_DOMAINS or invited_address(request))

    @transaction.atomic
    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """A new account has a name; an invitation that led to it is used. Told in the history."""
        user.name = form.cleaned_data["name"]
        user = super().save_user(request, user, form, commit)
        accounts.account_made(user=user)
        if user.email == invited_address(request):
            accounts.use_invitation(user=user)
        return user

    def pre_login(self, request: HttpRequest, user: Any, **facts: Any) -> HttpResponse | None:
        """By a code or a link sent to her address, or by a provider that vouches for it, somebody
        has shown that it is hers.
        """
        response = super().pre_login(request, user, **facts)
        records = get_authentication_records(request, user)
        proved = {invited_address(request)}
        if records and records[-1]["method"] == "code":
            proved.add(user.email)
        if login := (facts["signal_kwargs"] or {}).get("sociallogin"):
            proved |= {address.email for address in login.email_addresses if address.verified}
        if not response and user.email in proved:
            accounts.address_proved(user=user)
            request.session.pop(INVITED, None)
        return response

    def login(self, request: HttpRequest, user: Any) -> None:
        """Everything is shown now, the address too. Sessions of those who can do much are short."""
        actions.update_city_staff(user=user)
        super().login(request, user)
        if user.needs_second_factor:
            request.session.set_expiry(CAREFUL_SESSION)

    def is_safe_url(self, url: str | None) -> bool:
        """Whether one may be sent there after login: only within the portal."""
        request = context.request
        return url_has_allowed_host_and_scheme(
            url, {request.get_host()}, require_https=request.is_secure()
        )

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to one's own pages."""
        return reverse("my-pages")

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Send at once: codes are never stored. A server that refuses is told as 503."""
        name = template_prefix.rpartition("/")[2]
        try:
            mail.send_now(to=email, template=f"people/letters/{name}.html", context=context)
        except post.Unknown:
            logger.exception("Nobody knows whether a mail about an account went")
        except (post.NotDelivered, mail.BadAddress) as problem:
            logger.exception("A mail about an account could not be sent")
            page = render(self.request, "people/mail_failed.html", status=503)
            raise ImmediateHttpResponse(page) from problem

    def send_account_already_exists_mail(self, email: str) -> None:
        """Without allauth's link to a page for lost passwords: a code is always enough."""
        self.send_mail("account/email/account_already_exists", email, {})

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """What was done is done, also when the mail about it cannot be sent.

        After the transaction, which does not wait for a mail server.
        """
        send = super().send_notification_mail

        def tell() -> None:
            with suppress(ImmediateHttpResponse):
                send(*args, **kwargs)

        transaction.on_commit(tell)

    def get_reauthentication_methods(self, user: Any) -> list[dict]:
        """In Swedish; the password does not do for those who need a second factor."""
        told = {
            "reauthenticate": "Skriv ditt lösenord",
            "mfa_reauthenticate": "Använd appen eller en reservkod",
            "mfa_reauthenticate:webauthn": "Använd en nyckel",
        }
        methods = super().get_reauthentication_methods(user)
        if getattr(user, "needs_second_factor", False) and len(methods) > 1:
            methods = [method for method in methods if method["id"] != "reauthenticate"]
        return [method | {"description": told[method["id"]]} for method in methods]


def invited_address(request: HttpRequest | None) -> str:
    """The address whose invitation was opened in this session."""
    return getattr(request, "session", {}).get(INVITED, "")


class SecondFactorAdapter(DefaultMFAAdapter):
    """Passkeys, authenticator apps and recovery codes."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "add_email_blocked": "Det går inte för ett konto med andra faktor.",
        "cannot_delete_authenticator": "Du måste ha en andra faktor. Lägg till en annan först.",
        "cannot_generate_recovery_codes": "Lägg till en app eller en nyckel först.",
        "incorrect_code": "Koden eller nyckeln stämmer inte, eller så tog det för lång tid.",
        "unverified_email": "Bekräfta din e-postadress först: logga ut och logga in med en kod.",
    }

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """A name to begin with."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Nyckel {count + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """What the browser's dialogue calls the portal."""
        return super().get_public_key_credential_rp_entity() | {"name": "KSI"}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Those who must have a second factor keep at least one."""
        user = authenticator.user
        others = Authenticator.objects.filter(
            user=user, type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
        ).exclude(pk=authenticator.pk)
        return not (settings.SECOND_FACTOR_REQUIRED and user.needs_second_factor) or others.exists()

    def encrypt(self, text: str) -> str:
        """Secrets of apps and recovery codes are no use to who reads a copy of the database."""
        return _secrets().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises InvalidToken when SECRET_KEY has changed and the old one is not a fallback."""
        return _secrets().decrypt(encrypted_text.encode()).decode()


def _secrets() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"ksi second factor" + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Login through the city's own provider."""

    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "email_taken": "Adressen hör redan till ett konto. Logga in med en kod i stället.",
        "invalid_token": "Svaret från inloggningen gick inte att läsa.",
        "connected_other": "Den inloggningen hör redan till ett annat konto.",
    }

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Without an address there is nobody to log in."""
        if not sociallogin.is_existing and not sociallogin.email_addresses:
            page = render(request, "socialaccount/authentication_error.html", status=401)
            raise ImmediateHttpResponse(page)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Those in the allowed domains, and the invited whose address the provider vouches for."""
        address = sociallogin.email_addresses[0]
        return accounts.is_allowed_domain(address.email) or bool(
            address.verified and accounts.open_invitation(email=address.email)
        )

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict) -> Any:
        """Address and name, as the provider tells them."""
        user = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name"), data.get("last_name"))
        name = data.get("name") or " ".join(part for part in parts if part)
        user.name = one_line(name)[: User._meta.get_field("name").max_length]
        return user

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> Any:
        """An invitation that led here is used. Told in the history."""
        user = super().save_user(request, sociallogin, form)
        if not form:  # otherwise the other adapter has told
            accounts.account_made(user=user, reason="Genom stadens inloggning.")
        if sociallogin.email_addresses[0].verified:
            accounts.use_invitation(user=user)
        return user

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        """Back to one's own pages."""
        return reverse("my-pages")
