"""The selection of a list as an Excel file: at once, or ordered from a worker when it is large."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO

from django.http import QueryDict

from core import export, long_work
from core.models import Edition, LongWork
from search.facets import snapshot
from search.lists import ListFilter
from search.models import Audience, Entry

Rows = Callable[[Iterable[int]], Iterable[export.Row]]  # from numbers to lines of a table


def hidden_since(kind: str, edition: int, audiences: Iterable[str]) -> bool:
    """Whether something may have been hidden from these audiences since that edition.

    Also true when what they never saw was changed: a file is then made anew once too often.
    """
    written = Entry.objects.filter(kind=kind, edition__gt=edition)
    return written.exclude(audience__in=audiences).exists()


def order_key(task: str, query: str, audiences: Iterable[str], edition: tuple[int, int]) -> str:
    """The same for the same file: what writes it, selection, audiences, edition and day."""
    return long_work.key_of(task, query, sorted(audiences), edition)


def order_file(
    *,
    task: str,
    label: str,
    name: str,
    query: str,
    audiences: frozenset[str],
    edition: tuple[int, int],
    total: int,
) -> LongWork:
    """Have a worker write the selection as an Excel file; the one there is, if it is the same.

    `query` is the selection as text, `edition` number and day. Side effects: the work and its
    task, in one transaction. No history, and nobody is named: who reads what is published, also
    as a file, is nobody's business.
    """
    return long_work.begin(
        task=task,
        arguments=[query, sorted(audiences)],
        label=label,
        name=name,
        total=total,
        key=order_key(task, query, audiences, edition),
        audience=Audience.STAFF if Audience.STAFF in audiences else Audience.PUBLIC,
        edition=edition[0],
    )


def write_excel(
    pk: int,
    query: str,
    audiences: Iterable[str],
    *,
    asked: type[ListFilter],
    columns: Sequence[str],
    rows: Rows,
) -> None:
    """Write the ordered file of that selection, as these audiences may see it: a task's work."""

    def write(work: LongWork, file: IO[bytes]) -> None:
        wanted = asked(
            QueryDict(query),
            snapshot=snapshot(asked.kind, Edition.current()),
            audiences=frozenset(audiences),
            everything=True,
        )
        long_work.settle(work, total=len(wanted.selection), edition=wanted.snapshot.edition)
        export.write_xlsx(file, columns, _reported(work, rows(wanted.numbers)))

    long_work.carry_out(pk, write)


def _reported(work: LongWork, rows: Iterable[export.Row]) -> Iterator[export.Row]:
    """The rows, telling the work how many have been taken."""
    for done, row in enumerate(rows):
        long_work.report(work, done)
        yield row
