"""Who reaches the library's drafts: those who write in it. Others find nothing there."""

from django.db.models import Exists
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from library import actions
from library.models import Draft, Item
from people import roles
from people.history_views import only_for
from people.models import User
from people.views import known_user


def writer(request: HttpRequest) -> User:
    """The signed-in visitor, if she writes in the library; raises Http404 for others."""
    return only_for(request, roles.WRITE_LIBRARY)


def seen_draft(request: HttpRequest, pk: int) -> Draft:
    """A draft, for those who write in the library. Raises Http404."""
    held = roles.held(known_user(request), roles.WRITE_LIBRARY)  # one question: it saves by itself
    drafts = Draft.objects.select_related("item", "method", "instrument", "changed_by")
    return get_object_or_404(drafts.filter(Exists(held)), pk=pk)


def open_draft(request: HttpRequest, pk: int) -> Draft:
    """The same, as long as it can be written in; raises Http404 for what is done with."""
    draft = seen_draft(request, pk)
    if draft.state != Draft.State.WRITING:
        raise Http404
    return draft


def published(subject: str, pk: int) -> actions.Published:
    """Something published that can be revised; raises Http404."""
    if subject not in actions.MODELS:
        raise Http404
    thing: actions.Published = get_object_or_404(actions.MODELS[subject], pk=pk)  # type: ignore[assignment]
    if isinstance(thing, Item) and thing.taken_back_at:
        raise Http404
    return thing
