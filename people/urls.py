"""Addresses of accounts: allauth's views under Swedish addresses and allauth's names.

None is kept, by the portal or by a browser.
"""

from collections.abc import Callable
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as second
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkey
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.usersessions import views as sessions
from django.conf import settings
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView

from people import demo_views, views

SSO = {"provider_id": "sso"}


def own(
    route: str, view: Callable[..., Any], name: str, defaults: dict[str, str] | None = None
) -> URLPattern:
    """An address whose answer is for this visitor only."""
    return path(route, never_cache(view), defaults, name=name)


urlpatterns = [
    own("mina-sidor/", views.my_pages, "my-pages"),
    own("konto/", RedirectView.as_view(pattern_name="my-pages"), "account_email"),
    own("konto/namn/", views.name, "own-name"),
    # In and out
    own("konto/logga-in/", account.login, "account_login"),
    own("konto/logga-in/kod/", account.confirm_login_code, "account_confirm_login_code"),
    own("konto/logga-in/losenord/", views.PasswordLoginView.as_view(), "password-login"),
    own("konto/logga-in/nyckel/", passkey.login_webauthn, "mfa_login_webauthn"),
    own("konto/logga-in/andra-faktor/", second.authenticate, "mfa_authenticate"),
    own("konto/logga-ut/", account.logout, "account_logout"),
    own("konto/avstangt/", account.account_inactive, "account_inactive"),
    own("konto/engangslank/<str:token>/", views.signin_link, "signin-link"),
    own("konto/sso/", oidc.login, "openid_connect_login", SSO),
    own("konto/sso/svar/", oidc.callback, "openid_connect_callback", SSO),
    own("konto/sso/avbruten/", social.login_cancelled, "socialaccount_login_cancelled"),
    own("konto/sso/fel/", social.login_error, "socialaccount_login_error"),
    # A new account
    own("konto/ny/", account.signup, "account_signup"),
    own("konto/ny/kod/", account.email_verification_sent, "account_email_verification_sent"),
    own("konto/inbjudan/<str:token>/", views.invitation, "invitation"),
    # Password
    own("konto/losenord/", account.password_set, "account_set_password"),
    own("konto/losenord/byt/", account.password_change, "account_change_password"),
    own("konto/losenord/ta-bort/", views.password_remove, "password-remove"),
    # Once more before something delicate
    own("konto/bekrafta/losenord/", account.reauthenticate, "account_reauthenticate"),
    own("konto/bekrafta/kod/", second.reauthenticate, "mfa_reauthenticate"),
    own("konto/bekrafta/nyckel/", passkey.reauthenticate_webauthn, "mfa_reauthenticate_webauthn"),
    # Second factor
    own("konto/sakerhet/", second.index, "mfa_index"),
    own("konto/sakerhet/app/", app.activate_totp, "mfa_activate_totp"),
    own("konto/sakerhet/app/ta-bort/", app.deactivate_totp, "mfa_deactivate_totp"),
    own(
        "konto/sakerhet/nycklar/",
        RedirectView.as_view(pattern_name="mfa_index"),
        "mfa_list_webauthn",
    ),
    own("konto/sakerhet/nycklar/ny/", passkey.add_webauthn, "mfa_add_webauthn"),
    own("konto/sakerhet/nycklar/<number:pk>/", passkey.edit_webauthn, "mfa_edit_webauthn"),
    own(
        "konto/sakerhet/nycklar/<number:pk>/ta-bort/",
        passkey.remove_webauthn,
        "mfa_remove_webauthn",
    ),
    own("konto/sakerhet/reservkoder/", codes.view_recovery_codes, "mfa_view_recovery_codes"),
    own(
        "konto/sakerhet/reservkoder/nya/",
        codes.generate_recovery_codes,
        "mfa_generate_recovery_codes",
    ),
    own(
        "konto/sakerhet/reservkoder/fil/",
        codes.download_recovery_codes,
        "mfa_download_recovery_codes",
    ),
    # Sessions
    own("konto/inloggningar/", sessions.list_usersessions, "usersessions_list"),
    own("konto/inloggningar/<number:pk>/avsluta/", views.session_end, "session-end"),
    own("konto/inloggningar/avsluta-alla/", views.sign_out_everywhere, "sign-out-everywhere"),
]

if settings.DEMO:
    urlpatterns += [
        path("demo/logga-in/", demo_views.demo_login, name="demo-login"),
        path("demo/post/", demo_views.demo_mail, name="demo-mail"),
        path("demo/post/<number:number>/", demo_views.demo_mail_one, name="demo-mail-one"),
    ]
