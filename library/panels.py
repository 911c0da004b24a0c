"""What apps above show on the pages of items, methods and instruments.

An app adds its own in its AppConfig.ready(): item_panels.append(projects_of). Each is given the
thing and the visitor's audiences, and answers a <section> of its own, or nothing; those of methods
and instruments are given the edition as well.
"""

from collections.abc import Callable, Mapping

from django.utils.safestring import SafeString

from library.models import Item, Tool

item_panels: list[Callable[[Item, frozenset[str]], SafeString]] = []
tool_panels: list[Callable[[Tool, frozenset[str], int], SafeString]] = []

# How much methods or instruments are used, for lists of them: from their facet, the visitor's
# audiences and the edition to the slug of each that is used, and words such as "3 projekt".
tool_uses: list[Callable[[str, frozenset[str], int], Mapping[str, str]]] = []
