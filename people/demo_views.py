"""The demonstration's pages: log in as a role with one click, read the mail that went out.

Registered in people.urls only when settings.DEMO, and they refuse by themselves as well.
"""

import email
import email.policy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import wraps
from pathlib import Path
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from people.demo import DEMO_USERS, demo_users

SHOWN = 100
# What Django's file backend writes after each message; the next one begins with a header.
AFTER = re.compile(rb"\n-{79}\n(?=[A-Z][\w-]*:|\Z)")


def demo_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Nothing of this in production, whatever the addresses say."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@demo_only
def demo_login(request: HttpRequest) -> HttpResponse:
    """Log in as one of the demonstration's roles; nothing more is asked."""
    wanted = request.POST.get("email", "")
    user = next((user for user in demo_users() if user.email == wanted), None)
    if wanted not in DEMO_USERS or not user:
        raise Http404
    adapter = get_adapter(request)
    if request.user.is_authenticated:
        adapter.logout(request)
    adapter.login(request, user)
    return adapter.post_login(
        request,
        user,
        email_verification="none",
        signal_kwargs=None,
        email=None,
        signup=False,
        redirect_url=None,
    )


@dataclass
class Sent:
    """A message that the portal sent, read from its file."""

    number: int
    message: EmailMessage

    @property
    def at(self) -> Any:
        """When, in the portal's time."""
        date = self.message["Date"]
        if not date:
            return None
        at = parsedate_to_datetime(date)
        return timezone.localtime(at if at.tzinfo else at.replace(tzinfo=UTC))

    @property
    def text(self) -> str:
        """What it says, as plain text."""
        body = self.message.get_body(("plain",))
        return body.get_content() if body else ""


def outbox() -> Iterator[bytes]:
    """Every message as it was sent, oldest first."""
    folder = Path(settings.EMAIL_FILE_PATH) if getattr(settings, "EMAIL_FILE_PATH", "") else None
    files = folder.glob("*.log") if folder and folder.is_dir() else []
    for file in sorted(files, key=lambda file: (file.stat().st_mtime_ns, file.name)):
        yield from (part for part in AFTER.split(file.read_bytes()) if part.strip())


def sent() -> list[Sent]:
    """The latest messages, newest first; numbered from the first one ever."""
    parsed = [
        Sent(number, email.message_from_bytes(raw, policy=email.policy.default))
        for number, raw in enumerate(outbox(), start=1)
    ]
    return parsed[::-1][:SHOWN]


@demo_only
def demo_mail(request: HttpRequest) -> HttpResponse:
    """Mail that would have gone out, newest first."""
    return render(request, "people/demo_mail.html", {"mails": sent()})


@demo_only
def demo_mail_one(request: HttpRequest, number: int) -> HttpResponse:
    """One of them, as plain text."""
    mail = next((mail for mail in sent() if mail.number == number), None)
    if not mail:
        raise Http404
    return render(request, "people/demo_mail_one.html", {"mail": mail})
