"""Steps that several stories about accounts take."""

import html
import re
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.test import Client

from people.models import User

LOGIN = "/konto/logga-in/"
LOGIN_CODE = "/konto/logga-in/kod/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def stranger(**extra: Any) -> Any:
    """Another browser."""
    return Client(**extra)


def last_mail() -> Any:
    """The message that went out last."""
    return mail.outbox[-1]


def code_in(message: Any) -> str:
    """The code of eight digits in a message."""
    (code,) = re.findall(r"\b\d{4}-\d{4}\b", message.body)
    return code


def wrong(code: str) -> str:
    """Another code than this."""
    return "1111-1111" if code != "1111-1111" else "2222-2222"


def ask_for_code(client: Client, email: str, **more: str) -> Any:
    """Write the address on the login page."""
    return client.post(LOGIN, {"login": email} | more)


def log_in(client: Client, user: User, **more: str) -> Any:
    """Log in by code; the answer to the code."""
    ask_for_code(client, user.email, **more)
    return client.post(LOGIN_CODE, {"code": code_in(last_mail())} | more)


def who(client: Client) -> str:
    """The address of the signed-in user, or nothing."""
    pk = client.session.get("_auth_user_id")
    return User.objects.get(pk=pk).email if pk else ""


def add_app(user: User) -> Authenticator:
    """Give the user an authenticator app and recovery codes."""
    RecoveryCodes.activate(user)
    return TOTP.activate(user, SECRET).instance


def app_code(secret: str = SECRET) -> str:
    """What the app shows now."""
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2]))


def text_of(answer: Any) -> str:
    """What a page says."""
    body = html.unescape(re.sub(r"<[^>]*>", " ", answer.content.decode()))
    return " ".join(body.split())


def link_in(message: Any) -> str:
    """The portal's own address in a message, from its path on."""
    found = re.findall(r"https?://[^/\s]+(/konto/\S+)", message.body)
    return found[0]
