"""Who reaches a draft's pages: signed in, of its unit, or a curator once it was handed in."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache

from core.errors import wrong_method
from inventory import rules
from inventory.models import Draft
from people import roles
from people.models import User
from people.views import known_user

View = Callable[..., HttpResponseBase]

READ = ("GET", "HEAD")
FORM = ("GET", "HEAD", "POST")
BUTTON = ("POST",)


def for_account(*methods: str) -> Callable[[View], View]:
    """A view for who is signed in; never kept. Others come back here, from a button above it."""

    def decorate(view: View) -> View:
        @never_cache
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in methods:
                return wrong_method(request, ", ".join(methods))
            if isinstance(request.user, User):
                return view(request, *args, **kwargs)
            here = request.get_full_path()
            return redirect_to_login(here if "GET" in methods else above(request.path))

        return answer

    return decorate


def above(path: str) -> str:
    """The page whose button leads to an address."""
    return path.rstrip("/").rpartition("/")[0] + "/"


@dataclass(frozen=True)
class Seen:
    """A draft as somebody reaches it: as one of its unit or not, to write in it or not."""

    draft: Draft
    mine: bool
    writes: bool


def seen_draft(request: HttpRequest, pk: int) -> Seen:
    """The draft if the visitor may see it; raises Http404 otherwise. One query for its unit."""
    user = known_user(request)
    draft = _whole(rules.drafts_of(user), pk)
    if draft is not None and draft.state in Draft.WRITABLE:
        return Seen(draft, mine=True, writes=True)
    mine = draft is not None
    draft = draft or _whole(rules.drafts_seen_by(user), pk)
    if draft is None:
        raise Http404
    writes = draft.state == Draft.State.SUBMITTED and roles.may(user, roles.REVIEW)
    return Seen(draft, mine=mine, writes=writes)


def _whole(drafts: Any, pk: int) -> Draft | None:
    found: Draft | None = drafts.select_related("unit", "project").filter(pk=pk).first()
    return found
