"""Pieces of pages that lists and other rooms show, kept until what they show is written again."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from core.keeping import kept_part
from inventory import rules
from people.models import User
from search.facets import Snapshot, entries_by_key


def rows(found: Snapshot, keys: Iterable[int], *, pick: bool = False) -> list[SafeString]:
    """List rows of these entries in this order; with a box to choose for comparison if `pick`.

    A row's key is its entry and the edition that wrote it, so that only new ones are rendered,
    and only when one is missing is the database asked.
    """
    keys = list(keys)
    entries = None

    def render(key: int) -> str:
        nonlocal entries
        if entries is None:
            entries = {entry.pk: entry for entry in entries_by_key(keys)}
        if key not in entries:
            return ""
        return render_to_string("inventory/_row.html", {"entry": entries[key], "pick": pick})

    made = []
    for key in keys:
        edition = found.rows[found.positions[key]].edition
        made.append(kept_part(("row", key, edition, pick), lambda key=key: render(key)))  # type: ignore[misc]
    return [mark_safe(row) for row in made]  # noqa: S308 - rendered by a template


def my_ideas(request: HttpRequest) -> dict[str, Any]:
    """Ways to ideas and needs, for the panel on "Mina sidor"."""
    assert isinstance(request.user, User)  # noqa: S101
    return {"may_post": rules.speaks_for(request.user).exists()}
