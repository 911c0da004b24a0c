"""The names of the form's fields, also in rows, and what was typed at them."""

import re
from collections.abc import Iterable

from django.http import QueryDict

from core.forms import clean_text
from core.payloads import Payload, answer
from inventory.draft_forms.project import BOXES, ROWS
from inventory.draft_forms.rows import ROW_FORMS, PointRow
from inventory.questions import LINKS, MEASURES, Step

IN_ROW = re.compile(
    r"(?P<question>measures|links|partners)-(?P<row>\d{1,4})-"
    r"(?P<point>point-\d{1,4}-)?(?P<field>[a-z_]+)"
)


def names_typed(posted: Iterable[str], step: Step) -> list[str]:
    """The form fields of a step among those that were sent; boxes that are all empty are not."""
    there = set(posted)
    plain = [name for name in step.names if name not in ROWS and (name in there or name in BOXES)]
    return plain + [name for name in there if _is_of_row(name, step)]


def _is_of_row(name: str, step: Step) -> bool:
    place = IN_ROW.fullmatch(name)
    if place is None or place["question"] not in step.names:
        return False
    if place["point"] and place["question"] != MEASURES:
        return False
    row = PointRow if place["point"] else ROW_FORMS[place["question"]]
    return place["field"] in row.base_fields


def names_shown(payload: Payload, step: Step) -> list[str]:
    """The form fields of a step in which something can have been answered."""
    plain = [name for name in step.names if name not in ROWS]
    return plain + [name for name in payload if _is_of_row(name, step)]


def typed(posted: QueryDict, step: Step) -> Payload:
    """What was typed on a step's page, as it is kept: without signs that nobody sees."""
    found: Payload = {}
    for name in names_typed(posted, step):
        values = [clean_text(text) for text in posted.getlist(name)]
        found[name] = sorted(values) if name in BOXES else values[-1:]
    for name in list(found):
        # A link's kind is always sent: alone it says nothing.
        place = IN_ROW.fullmatch(name)
        if place and place["question"] == LINKS and place["field"] == "kind":
            row = name.removesuffix("kind")
            if not any(answer(found, row + other) for other in ("title", "url")):
                found[name] = []
    return found


def by_number(name: str) -> list[tuple[int, str]]:
    """Row 2 before row 10."""
    return [(int(part) if part.isdecimal() else -1, part) for part in name.split("-")]


def is_row(prefix: str, name: str) -> bool:
    """Whether a name is that of a field in a question's rows."""
    return name.startswith(f"{prefix}-")
