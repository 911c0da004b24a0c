"""The form that a unit writes a project in; its answers are kept as they are typed."""

from inventory.draft_forms.answers import Answers, Lack
from inventory.draft_forms.names import names_shown, names_typed, typed
from inventory.draft_forms.project import ROWS, WHOLE_NUMBERS, DraftForm
from inventory.draft_forms.published import payload_of
from inventory.draft_forms.rows import MOST_POINTS, MOST_ROWS

# The fields that hold a number, also in rows: "1 250,50" is as good an answer as "1250,5".
NUMBERS = frozenset({*WHOLE_NUMBERS, "baseline_value", "target_value", "value", "n"})

__all__ = [
    "MOST_POINTS",
    "MOST_ROWS",
    "NUMBERS",
    "ROWS",
    "Answers",
    "DraftForm",
    "Lack",
    "names_shown",
    "names_typed",
    "payload_of",
    "typed",
]
