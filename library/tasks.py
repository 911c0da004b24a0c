"""What the library has workers do: files to be read."""

from core import long_work, uploads
from core.tasks import task
from library import actions
from library.models import ItemFile


@task(priority=long_work.PRIORITY)
def read_file(pk: int) -> None:
    """Read a file of an item or a draft: its text is found, its first page is shown."""
    file = ItemFile.objects.filter(pk=pk).first()
    if file and uploads.has_pages(file.file.name):
        actions.put_reading(file=file, read=uploads.read(file.file))
