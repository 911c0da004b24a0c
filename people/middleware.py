"""The session with its account; nothing without a second factor for those who can do much."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from core.keeping import is_anonymous
from people import sessions
from people.models import User

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
# Open to who has not shown a second factor yet: to show one, or to get a first one.
TO_SHOW = {"mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
TO_GET = {"mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_reauthenticate"}
ALWAYS = {"account_logout", "alive", "ready"}


def has_shown_second_factor(request: HttpRequest) -> bool:
    """Whether a second factor was used, or first set up, in this session."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


class Sessions(SessionMiddleware):
    """Django's, and the account that is read with the session is at hand during the request."""

    def __call__(self, request: HttpRequest) -> Any:
        """Answer; nobody's session outlives the request."""
        try:
            return super().__call__(request)
        finally:
            sessions.of_this_request.set(None)

    def process_exception(self, request: HttpRequest, problem: Exception) -> Any:
        """Somebody whose account was erased while she did something is a stranger."""
        if not isinstance(problem, IntegrityError) or is_anonymous(request):
            return None
        number = request.session.get(SESSION_KEY)
        if number is None or User.objects.filter(pk=number).exists():
            return None
        request.session.flush()
        return redirect("account_login")

    def process_request(self, request: HttpRequest) -> None:
        """Open the session, which reads nothing yet."""
        super().process_request(request)
        sessions.of_this_request.set(request.session)  # type: ignore[arg-type]


class SecondFactor:
    """Send those who need a second factor to show it, or to get one, before anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; the decision needs to know the view."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Let pass, or lead to the second factor."""
        if not settings.SECOND_FACTOR_REQUIRED or is_anonymous(request):
            return None
        user = request.user
        if not user.is_authenticated or not user.needs_second_factor:
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in ALWAYS or has_shown_second_factor(request):
            return None
        if not is_mfa_enabled(user, FACTORS):
            return None if name in TO_GET else redirect("mfa_index")
        if name in TO_SHOW:
            return None
        where = get_adapter(request).get_reauthentication_methods(user)[0]["url"]
        back = request.get_full_path() if request.method == "GET" else reverse("my-pages")
        return redirect(f"{where}?{urlencode({'next': back})}")
