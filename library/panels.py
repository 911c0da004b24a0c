"""Pieces of pages: list rows, and what apps above show of items, methods, instruments and themes.

An app adds its own in its AppConfig.ready(): item_panels.append(projects_of). Each is given the
thing and the visitor's audiences, and answers a <section> of its own, or nothing; those of methods
and instruments are given the edition as well, those of themes the request.
"""

from collections.abc import Callable, Iterable, Mapping

from django.http import HttpRequest
from django.utils.safestring import SafeString

from library.models import Theme, Tool
from search.facets import Snapshot
from search.lists import kept_rows

# Given the item's number: its page is kept, and the item itself not fetched again.
item_panels: list[Callable[[int, frozenset[str]], SafeString]] = []
tool_panels: list[Callable[[Tool, frozenset[str], int], SafeString]] = []
theme_panels: list[Callable[[Theme, HttpRequest], SafeString]] = []

# How much methods or instruments are used, for lists of them: from their facet, the visitor's
# audiences and the edition to the slug of each that is used, and words such as "3 projekt".
tool_uses: list[Callable[[str, frozenset[str], int], Mapping[str, str]]] = []


def rows(found: Snapshot, keys: Iterable[int]) -> list[SafeString]:
    """List rows of these items in this order."""
    return kept_rows(found, keys, "library/_row.html")
