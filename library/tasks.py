"""What the library has workers do: files to be read."""

from core import long_work, uploads
from core.tasks import task
from library import actions
from library.models import ItemFile


@task(priority=long_work.PRIORITY)
def read_file(pk: int) -> None:
    """Read a file of an item, so that its pages are found and its first one is shown."""
    file = ItemFile.objects.select_related("item").filter(pk=pk).first()
    if file:
        actions.put_pages(file=file, pages=list(uploads.pages_of(file.file)))
