"""Addresses of accounts: allauth's views under Swedish addresses and allauth's names.

None is kept, by the portal or by a browser.
"""

from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as second
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkey
from allauth.socialaccount import views as social
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView

from core.errors import wrong_method
from people import (
    demo_views,
    history_views,
    membership_views,
    personal_data_views,
    records_views,
    views,
)

SSO = {"provider_id": "sso"}


READ = ("GET", "HEAD")
FORM = ("GET", "HEAD", "POST")
BUTTON = ("POST",)


def own(
    route: str,
    view: Callable[..., Any],
    name: str,
    methods: tuple[str, ...] = FORM,
    defaults: dict[str, str] | None = None,
    *,
    whole: bool = False,
) -> URLPattern:
    """An address whose answer is for this visitor only.

    `whole`: what allauth changes there and what the history tells of it are one transaction.
    """

    @never_cache
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method not in methods:
            return wrong_method(request, ", ".join(methods))
        with transaction.atomic() if whole and request.method == "POST" else nullcontext():
            return view(request, *args, **kwargs)

    return path(route, answer, defaults, name=name)


urlpatterns = [
    own("mina-sidor/", views.my_pages, "my-pages", READ),
    own("mina-sidor/ga-med/", membership_views.join, "join"),
    own(
        "mina-sidor/medlemskap/<number:pk>/lamna/",
        membership_views.leave,
        "membership-leave",
        BUTTON,
    ),
    own("mina-sidor/mina-uppgifter/", personal_data_views.my_data, "my-data", READ),
    own("mina-sidor/mina-uppgifter.json", personal_data_views.my_data_file, "my-data-file", READ),
    own(
        "mina-sidor/mina-uppgifter/radera/", personal_data_views.ask_for_erasure, "ask-for-erasure"
    ),
    own("redaktion/personuppgifter/", personal_data_views.overview, "retention", READ),
    own("redaktion/personuppgifter/utdrag/", personal_data_views.extract, "extract", BUTTON),
    own("redaktion/radering/", personal_data_views.requests, "erasure-requests", READ),
    own(
        "redaktion/radering/<number:pk>/",
        personal_data_views.erasure_request,
        "erasure-request",
        READ,
    ),
    own(
        "redaktion/radering/<number:pk>/radera/",
        personal_data_views.grant,
        "erasure-grant",
        BUTTON,
    ),
    own(
        "redaktion/radering/<number:pk>/avsla/",
        personal_data_views.decline,
        "erasure-decline",
        BUTTON,
    ),
    own("enheter/<slug:slug>/medarbetare/", membership_views.members, "members", READ),
    *(
        own(
            f"enheter/medlemskap/<number:pk>/{decision}/",
            membership_views.decide,
            f"membership-{decision}",
            BUTTON,
            {"decision": decision},
        )
        for decision in membership_views.DECISIONS
    ),
    own("redaktion/historik/", history_views.history, "history", READ),
    own(
        "redaktion/historik/<str:app_model>/<str:object_id>/",
        history_views.object_history,
        "object-history",
        READ,
    ),
    own("registrator/", records_views.hand_out, "hand-out"),
    own("konto/", RedirectView.as_view(pattern_name="my-pages"), "account_email", READ),
    own("konto/namn/", views.name, "own-name"),
    # In and out
    own("konto/logga-in/", account.login, "account_login"),
    own("konto/logga-in/kod/", account.confirm_login_code, "account_confirm_login_code"),
    own("konto/logga-in/losenord/", views.PasswordLoginView.as_view(), "password-login"),
    own("konto/logga-in/nyckel/", passkey.login_webauthn, "mfa_login_webauthn"),
    own("konto/logga-in/andra-faktor/", second.authenticate, "mfa_authenticate"),
    own("konto/logga-ut/", account.logout, "account_logout"),
    own("konto/avstangt/", account.account_inactive, "account_inactive", READ),
    own("konto/engangslank/<str:token>/", views.signin_link, "signin-link"),
    own("konto/sso/", views.single_sign_on, "openid_connect_login", defaults=SSO),
    own("konto/sso/svar/", views.single_sign_on_back, "openid_connect_callback", defaults=SSO),
    own("konto/sso/avbruten/", social.login_cancelled, "socialaccount_login_cancelled", READ),
    own("konto/sso/fel/", social.login_error, "socialaccount_login_error", READ),
    # A new account
    own("konto/ny/", account.signup, "account_signup"),
    own("konto/ny/kod/", account.email_verification_sent, "account_email_verification_sent"),
    own("konto/inbjudan/<str:token>/", views.invitation, "invitation"),
    # Password
    own("konto/losenord/", account.password_set, "account_set_password", whole=True),
    own("konto/losenord/byt/", account.password_change, "account_change_password", whole=True),
    own("konto/losenord/ta-bort/", views.password_remove, "password-remove"),
    # Once more before something delicate
    own("konto/bekrafta/losenord/", account.reauthenticate, "account_reauthenticate"),
    own("konto/bekrafta/kod/", second.reauthenticate, "mfa_reauthenticate"),
    own("konto/bekrafta/nyckel/", passkey.reauthenticate_webauthn, "mfa_reauthenticate_webauthn"),
    # Second factor
    own("konto/sakerhet/", second.index, "mfa_index", READ),
    own("konto/sakerhet/app/", views.AddAppView.as_view(), "mfa_activate_totp"),
    own("konto/sakerhet/app/ta-bort/", app.deactivate_totp, "mfa_deactivate_totp", whole=True),
    own(
        "konto/sakerhet/nycklar/",
        RedirectView.as_view(pattern_name="mfa_index"),
        "mfa_list_webauthn",
        READ,
    ),
    own("konto/sakerhet/nycklar/ny/", passkey.add_webauthn, "mfa_add_webauthn", whole=True),
    own(
        "konto/sakerhet/nycklar/<number:pk>/",
        views.RenamePasskeyView.as_view(),
        "mfa_edit_webauthn",
    ),
    own(
        "konto/sakerhet/nycklar/<number:pk>/ta-bort/",
        passkey.remove_webauthn,
        "mfa_remove_webauthn",
        whole=True,
    ),
    own("konto/sakerhet/reservkoder/", codes.view_recovery_codes, "mfa_view_recovery_codes", READ),
    own(
        "konto/sakerhet/reservkoder/nya/",
        views.NewCodesView.as_view(),
        "mfa_generate_recovery_codes",
    ),
    own(
        "konto/sakerhet/reservkoder/fil/",
        codes.download_recovery_codes,
        "mfa_download_recovery_codes",
        READ,
    ),
    # Sessions
    own("konto/inloggningar/", views.SessionsView.as_view(), "usersessions_list"),
    own("konto/inloggningar/<number:pk>/avsluta/", views.session_end, "session-end", BUTTON),
    own(
        "konto/inloggningar/avsluta-alla/",
        views.sign_out_everywhere,
        "sign-out-everywhere",
        BUTTON,
    ),
]

if settings.DEMO:
    urlpatterns += [
        own("demo/logga-in/", demo_views.demo_login, "demo-login", BUTTON),
        own("demo/post/", demo_views.demo_mail, "demo-mail", READ),
        own("demo/post/<number:number>/", demo_views.demo_mail_one, "demo-mail-one", READ),
    ]
