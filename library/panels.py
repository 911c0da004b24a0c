"""What apps above show on the pages of items, methods, instruments and themes.

An app adds its own in its AppConfig.ready(): item_panels.append(projects_of). Each is given the
thing and the visitor's audiences, those of themes the request; each answers a <section> of its
own, or nothing.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.utils.safestring import SafeString

from library.models import Item, Theme, Tool

item_panels: list[Callable[[Item, frozenset[str]], SafeString]] = []
tool_panels: list[Callable[[Tool, frozenset[str]], SafeString]] = []
theme_panels: list[Callable[[Theme, HttpRequest], SafeString]] = []
