"""Files that are ordered and made in the background."""

from collections.abc import Iterable

from core import long_work
from core.models import LongWork
from search.models import Audience


def order_key(query: str, audiences: Iterable[str], edition: tuple[int, int]) -> str:
    """The same for the same file: selection, audiences, edition and day."""
    return long_work.key_of("excel", query, sorted(audiences), edition)


def order_file(
    *, name: str, query: str, audiences: frozenset[str], edition: tuple[int, int], total: int
) -> LongWork:
    """Have a worker write the selection as an Excel file; the one there is, if it is the same.

    `query` is the selection as text, `edition` number and day. Side effects: the work and its
    task, in one transaction. No history, and nobody is named: who reads what is published, also
    as a file, is nobody's business.
    """
    return long_work.begin(
        task="inventory.tasks.write_excel",
        arguments=[query, sorted(audiences)],
        label="Inventeringen som Excel-fil",
        name=name,
        total=total,
        key=order_key(query, audiences, edition),
        audience=Audience.STAFF if Audience.STAFF in audiences else Audience.PUBLIC,
        edition=edition[0],
    )
