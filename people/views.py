"""One's own pages, and the ways in that allauth does not have (methods: people.urls)."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.account.views import LoginView
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import EditWebAuthnView
from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from requests import RequestException

from core.errors import NotHere
from people import accounts, actions
from people.adapters import INVITED
from people.forms import NameForm, PasswordLoginForm
from people.models import User
from people.panels import panels_for

logger = logging.getLogger(__name__)

OLD_LINK = "Länken är redan använd, eller så har den gått ut."


def known_user(request: HttpRequest) -> User:
    """The signed-in user, behind login_required."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


@login_required
def my_pages(request: HttpRequest) -> HttpResponse:
    """Account, ways in, sessions, and the panels of other rooms."""
    user = known_user(request)
    kinds = list(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    context = {
        "app": Authenticator.Type.TOTP in kinds,
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "sessions": len(UserSession.objects.purge_and_list(user)),
        "panels": panels_for(request),
    }
    return render(request, "people/my_pages.html", context)


@login_required
def name(request: HttpRequest) -> HttpResponse:
    """Change one's own name."""
    form = NameForm(request.POST or None, instance=User.objects.get(pk=known_user(request).pk))
    if request.method == "POST" and form.is_valid():
        user = known_user(request)
        actions.rename(user=user, name=form.cleaned_data["name"], by=user)
        messages.success(request, "Namnet är ändrat.")
        return redirect("my-pages")
    status = 422 if form.errors else 200
    return render(request, "people/name.html", {"form": form}, status=status)


class PasswordLoginView(LoginView):
    """Login for those who have set a password."""

    template_name = "account/login_password.html"

    def get_form_class(self) -> type[PasswordLoginForm]:
        """Address and password."""
        return PasswordLoginForm


@login_required
def password_remove(request: HttpRequest) -> HttpResponse:
    """Do without a password: a code by e-mail is always enough to log in."""
    user = known_user(request)
    if not user.has_usable_password():
        return redirect("my-pages")
    if request.method == "POST":
        accounts.remove_password(user=user)
        messages.success(request, "Lösenordet är borttaget. Logga in igen med en kod.")
        get_adapter(request).logout(request)
        return redirect("account_login")
    return render(request, "people/password_remove.html")


@login_required
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions."""
    user = known_user(request)
    session = get_object_or_404(UserSession, pk=pk, user=user)
    current = session.is_current()
    with transaction.atomic():
        accounts.sessions_ended(user=user, count=0 if current else 1)
        end_sessions(request, [session])
    if current:
        return redirect("account_login")
    messages.success(request, "Inloggningen är avslutad.")
    return redirect("usersessions_list")


@login_required
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End all one's sessions, this one too."""
    user = known_user(request)
    sessions = list(UserSession.objects.filter(user=user))
    with transaction.atomic():
        accounts.sessions_ended(user=user, count=_elsewhere(sessions))
        end_sessions(request, sessions)
    return redirect("account_login")


def _elsewhere(sessions: Iterable[UserSession]) -> int:
    return sum(not session.is_current() for session in sessions)


class SessionsView(ListUserSessionsView):
    """One's sessions; ending those elsewhere is told."""

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        """End all but this one."""
        user = known_user(self.request)
        sessions = UserSession.objects.filter(user=user)
        accounts.sessions_ended(user=user, count=_elsewhere(sessions))
        return super().form_valid(form)


class AddAppView(ActivateTOTPView):
    """An app for codes. Allauth announces it after the transaction, so it is told here."""

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        """Add it."""
        response = super().form_valid(form)
        accounts.second_factor_added(user=known_user(self.request), kind="app")
        return response


class NewCodesView(GenerateRecoveryCodesView):
    """New recovery codes; told here for the same reason."""

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        """Make them."""
        response = super().form_valid(form)
        accounts.recovery_codes_made(user=known_user(self.request))
        return response


class RenamePasskeyView(EditWebAuthnView):
    """Another name for a passkey."""

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        """Rename it."""
        if form.has_changed():
            accounts.passkey_renamed(user=known_user(self.request))
        return super().form_valid(form)


def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Opened, it shows a page: programs that look at links in mail use nothing up."""
    found = accounts.open_invitation(token=token)
    if not found:
        raise NotHere(f"{OLD_LINK} Be den som bjöd in dig om en ny.")
    if request.method == "POST":
        if request.user.is_authenticated:
            get_adapter(request).logout(request)
        request.session.cycle_key()
        request.session[INVITED] = found.email
        return redirect("account_signup")
    return render(request, "people/invitation.html", {"invitation": found})


def signin_link(request: HttpRequest, token: str) -> HttpResponse:
    """Opened, it shows a page; its button signs in, and the second factor is asked as always."""
    blocked = ratelimit.consume_or_429(request, action="signin_link")
    if blocked:
        return blocked
    found = accounts.open_signin_token(token)
    if not found:
        raise NotHere(OLD_LINK)
    if request.method != "POST":
        return render(request, "people/signin_link.html", {"whose": found.user})
    user = accounts.use_signin_token(token)
    if not user:
        raise NotHere(OLD_LINK)
    if request.user.is_authenticated:
        get_adapter(request).logout(request)
    return perform_login(request, Login(user=user, email_verification="none"))


def too_many(request: HttpRequest) -> HttpResponse:
    """429 for those who try too often to log in."""
    response = render(request, "people/too_many.html", status=429)
    response["Retry-After"] = "60"
    response["Cache-Control"] = "no-store"
    return response


def _answered(
    view: Callable[..., HttpResponse], request: HttpRequest, provider_id: str
) -> HttpResponse:
    """What allauth answers, or a page that says that the provider cannot be understood."""
    try:
        return view(request, provider_id)
    except (RequestException, ValueError, KeyError):
        logger.exception("The single sign-on provider gave no answer that can be used")
        return render(request, "socialaccount/authentication_error.html", status=503)


def single_sign_on(request: HttpRequest, provider_id: str) -> HttpResponse:
    """A page whose button leads to the city's provider."""
    return _answered(oidc.login, request, provider_id)


def single_sign_on_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Where the provider sends one back."""
    return _answered(oidc.callback, request, provider_id)
