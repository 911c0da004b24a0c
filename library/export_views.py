"""The selection of the library as files, and as a feed."""

from itertools import islice

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from core.keeping import kept_for_visitor
from core.reading import reading
from library import citing, exchange
from library.citing import one_line
from library.filters import ItemFilter
from library.item_views import asked
from people.models import audiences_of
from search.export_views import Files
from search.facets import entries_by_key
from search.lists import NEWEST

IN_A_FEED = 30
ATOM_TYPE = "application/atom+xml; charset=utf-8"

FILES = Files(
    app="library",
    list_name="library:items",
    stem="ksi-bibliotek",
    title="KSI:s bibliotek",
    label="Biblioteket som Excel-fil",
    task="library.tasks.write_excel",
    filter=ItemFilter,
    asked=lambda request: asked(request, everything=True),
    audiences=lambda request: audiences_of(request.user),
    columns=tuple(exchange.COLUMNS),
    objects=exchange.items_by_number,
    row=exchange.row,
    linked=exchange.schema_org,
    texts=citing.FORMS,
)


@reading
@kept_for_visitor
def item_feed(request: HttpRequest) -> HttpResponse:
    """The newest of the selection, as Atom."""
    wanted = asked(request, everything=True)
    if wanted.form.errors:
        return FILES.not_understood(wanted)
    absolute = request.build_absolute_uri
    feed = Atom1Feed(
        title=f"KSI – {wanted.title}",
        link=absolute(reverse("library:items") + wanted.query),
        description="",
        language="sv",
        subtitle="Det senaste i biblioteket" + (f": {told}" if (told := wanted.in_words) else ""),
        feed_url=absolute(request.get_full_path()),
        author_name="KSI – Kunskap om sociala insatser",
    )
    newest = islice(wanted.selection.keys(NEWEST), IN_A_FEED)
    for entry in entries_by_key(newest):
        if entry.audience not in wanted.audiences:
            continue  # hidden just now
        feed.add_item(
            title=one_line(entry.title),
            link=absolute(entry.address),
            description=one_line(entry.summary),
            # The short address: it stays when the title changes.
            unique_id=absolute(reverse("library:number", args=[entry.object_id])),
            pubdate=entry.published_at,
            updateddate=entry.published_at,
            categories=[entry.card["kind"], *entry.card["themes"]],
        )
    return HttpResponse(
        feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
    )
