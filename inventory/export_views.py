"""The selection of the inventory as files."""

from inventory import exchange
from inventory.filters import ProjectFilter
from inventory.views import asked
from people.models import audiences_of
from search.export_views import Files

FILES = Files(
    app="inventory",
    list_name="inventory:list",
    stem="ksi-inventering",
    title="KSI:s inventering",
    label="Inventeringen som Excel-fil",
    task="inventory.tasks.write_excel",
    filter=ProjectFilter,
    asked=lambda request: asked(request, everything=True),
    audiences=lambda request: audiences_of(request.user),
    columns=tuple(exchange.COLUMNS),
    objects=exchange.projects_by_number,
    row=lambda project: exchange.row(project),
    linked=exchange.schema_org,
)
