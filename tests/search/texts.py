"""Texts in the catalogue, titled by their number, and what a question finds among them."""

from typing import Any

from django_tasks_db.models import DBTaskResult

from search.models import Passage
from tests.search.writing import document, publish, titles

NAMES = {1: "Ett", 2: "Två", 3: "Tre"}


def write(*texts: str, first: int = 1, **fields: Any) -> None:
    """Publish each text as an entry of its own, titled Ett, Två, Tre, Nr 4 … and read it."""
    publish(
        *(
            document(number, NAMES.get(number, f"Nr {number}"), text=text, **fields)
            for number, text in enumerate(texts, first)
        )
    )
    DBTaskResult.objects.all().delete()


def found(typed: str) -> list[str]:
    """The titles that anybody finds."""
    return sorted(titles(typed), key=list(NAMES.values()).index)


def waiting() -> list[str]:
    """The titles of texts that wait to be read."""
    return list(Passage.objects.filter(stale=True).order_by("pk").values_list("title", flat=True))


def tasks() -> list[tuple[str, list[Any]]]:
    """What workers are to do, with what."""
    rows = DBTaskResult.objects.order_by("enqueued_at")
    return [(row.task_path, row.args_kwargs["args"]) for row in rows]
