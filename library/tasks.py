"""What the library has workers do: files to be read, large Excel files."""

from collections.abc import Iterable, Iterator

from core import export, long_work, uploads
from core.tasks import task
from library import actions, exchange
from library.filters import ItemFilter
from library.models import ItemFile
from search import exporting


@task(priority=long_work.PRIORITY)
def write_excel(pk: int, query: str, audiences: list[str]) -> None:
    """Write the ordered file of that selection, as these audiences may see it."""

    def rows(numbers: Iterable[int]) -> Iterator[export.Row]:
        return (exchange.row(item) for item in exchange.items_by_number(numbers))

    exporting.write_excel(
        pk, query, audiences, asked=ItemFilter, columns=list(exchange.COLUMNS), rows=rows
    )


@task(priority=long_work.PRIORITY)
def read_file(pk: int) -> None:
    """Read a file of an item or a draft: its text is found, its first page is shown."""
    file = ItemFile.objects.filter(pk=pk).first()
    if file and uploads.has_pages(file.file.name):
        actions.put_reading(file=file, read=uploads.read(file.file))
