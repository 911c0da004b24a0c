"""What the inventory has workers do: large Excel files, pages to be searched, digests."""

from collections.abc import Iterable, Iterator

from core import export, long_work, uploads
from core.tasks import task
from inventory import actions, exchange, following
from inventory.filters import ProjectFilter
from inventory.models import DigestSetting, Document, Project
from search import exporting


@task(priority=long_work.PRIORITY)
def write_excel(pk: int, query: str, audiences: list[str]) -> None:
    """Write the ordered file of that selection, as these audiences may see it."""

    def rows(numbers: Iterable[int]) -> Iterator[export.Row]:
        return (exchange.row(project) for project in exchange.projects_by_number(numbers))

    exporting.write_excel(
        pk, query, audiences, asked=ProjectFilter, columns=list(exchange.COLUMNS), rows=rows
    )


@task(priority=long_work.PRIORITY)
def read_document(pk: int) -> None:
    """Let the pages of a project's file be found, as long as the project is shown."""
    document = Document.objects.filter(pk=pk, project__in=Project.objects.published()).first()
    if document:
        actions.put_pages(document=document, pages=uploads.pages_of(document.file))


@task
def write_digest(pk: int) -> None:
    """Tell the account with that key what has happened to what it follows, if its day has come."""
    setting = DigestSetting.objects.due().select_related("user").filter(pk=pk).first()
    if setting:
        until = following.this_monday()
        sections = following.news(setting.user, since=setting.told_until, until=until)
        actions.send_digest(setting=setting, sections=sections, until=until)
