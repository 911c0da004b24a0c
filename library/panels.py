"""Pieces of pages: list rows, and what apps above show of items, methods and instruments.

An app adds its own in its AppConfig.ready(): item_panels.append(projects_of). Each is given the
thing and the visitor's audiences, and answers a <section> of its own, or nothing.
"""

from collections.abc import Callable, Iterable

from django.utils.safestring import SafeString

from library.models import Item, Tool
from search.facets import Snapshot
from search.lists import kept_rows

item_panels: list[Callable[[Item, frozenset[str]], SafeString]] = []
tool_panels: list[Callable[[Tool, frozenset[str]], SafeString]] = []


def rows(found: Snapshot, keys: Iterable[int]) -> list[SafeString]:
    """List rows of these items in this order."""
    return kept_rows(found, keys, "library/_row.html")
