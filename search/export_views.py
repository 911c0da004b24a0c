"""The selection of a list as files: at once, or ordered from the worker when Excel takes too long.

An app says in a `Files` what its files hold, and puts `file_urls` among its addresses.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from core import export, uploads
from core.errors import NotHere, error_page, too_many, wrong_method
from core.keeping import do_not_keep, edition_of
from core.models import LongWork
from core.reading import reading
from core.visitors import Limit, address
from search.exporting import hidden_since, order_file, order_key
from search.lists import ListFilter
from search.models import Audience

MOST_XLSX_ROWS = 5_000
FORM = ("GET", "HEAD", "POST")
REFRESH_EVERY = 5  # seconds

export_limit = Limit("export", times=settings.EXPORTS_PER_MINUTE, seconds=60)
# One file takes the worker some minutes; nobody needs many.
order_limit = Limit("excel-adress", times=3, seconds=600)
all_orders_limit = Limit("excel-alla", times=20, seconds=600)


@dataclass(frozen=True)
class Files:
    """What the files of a list hold, and where they are."""

    app: str  # whose namespace the addresses are in
    list_name: str  # the name of the list's address
    stem: str  # what files are called before the day
    title: str  # whose list it is, in the JSON
    label: str  # what an ordered file is called
    task: str  # writes an ordered file, given the work, the selection and the audiences
    filter: type[ListFilter]
    asked: Callable[[HttpRequest], ListFilter]  # everything that an address asks for
    audiences: Callable[[HttpRequest], frozenset[str]]
    columns: Sequence[str]
    objects: Callable[[Iterable[int]], Iterable[Any]]  # from numbers
    row: Callable[[Any], Mapping[str, Any]]
    linked: Callable[[Any, str], dict[str, Any]]  # from a thing and its address, as schema.org's
    # ending → the type, and the text made of the things, in pieces
    texts: Mapping[str, tuple[str, Callable[[Iterable[Any], str], Iterator[str]]]] = field(
        default_factory=dict
    )

    @property
    def kind(self) -> str:
        """The kind of its things in the catalogue."""
        return self.filter.kind

    @property
    def name(self) -> str:
        """What the list is called."""
        return self.filter.name

    def address(self, name: str) -> str:
        """The address of that name."""
        return reverse(self.list_name if name == "list" else f"{self.app}:{name}")

    def same(self, wanted: ListFilter, name: str) -> str:
        """The address of that name with the same selection."""
        return wanted.address(lambda params: None, self.address(name))

    def called(self, form: str) -> str:
        """What a file made today is called."""
        return f"{self.stem}-{timezone.localdate():%Y-%m-%d}.{form}"

    def not_understood(self, wanted: ListFilter) -> HttpResponse:
        """400, with a way to the list, where the mistake is told."""
        return error_page(400, list_address=self.same(wanted, "list"))


def file_urls(base: str, files: Files) -> list[URLPattern]:
    """The addresses of a list's files, below `base`."""
    given = {"files": files}
    return [
        *(
            path(
                f"{base}.{form}",
                list_file,
                given | {"form": form},
                name=f"export-{form.replace('.', '-')}",
            )
            for form in ("csv", "json", "xlsx", *files.texts)
        ),
        path(f"{base}/bestall/", order, given, name="order-file"),
        path(f"{base}/<str:token>/", ordered, given, name="ordered"),
        path(f"{base}/<str:token>/fil/", ordered_download, given, name="ordered-file"),
    ]


@reading
def list_file(request: HttpRequest, form: str, files: Files) -> HttpResponseBase:
    """The filtered selection as a file."""
    wanted = files.asked(request)
    if wanted.form.errors:
        return files.not_understood(wanted)
    if form == "xlsx" and len(wanted.selection) > MOST_XLSX_ROWS:
        return error_page(
            422,
            count=len(wanted.selection),
            most=MOST_XLSX_ROWS,
            list_address=files.same(wanted, "list"),
            order_address=files.same(wanted, "order-file"),
        )
    if seconds := export_limit.wait(address(request)):
        return too_many(request, seconds)
    things, name = files.objects(wanted.numbers), files.called(form)
    if form in files.texts:
        content_type, pieces = files.texts[form]
        host = request.build_absolute_uri("/")[:-1]
        response = StreamingHttpResponse(pieces(things, host), content_type=content_type)
        return export.attachment(response, name)
    if form == "json":
        head = {
            "@context": "https://schema.org",
            "@type": "ItemList",
            "name": files.title,
            "url": request.build_absolute_uri(files.same(wanted, "list")),
            "numberOfItems": len(wanted.selection),
        }
        items = (
            files.linked(found, request.build_absolute_uri(found.get_absolute_url()))
            for found in things
        )
        return export.json_response(name, head, "itemListElement", items)
    make = export.csv_response if form == "csv" else export.xlsx_response
    return make(name, files.columns, (files.row(found) for found in things))


# --- Ordered files --------------------------------------------------------------------------------


@never_cache
def order(request: HttpRequest, files: Files) -> HttpResponse:
    """The form that orders a large Excel file; a selection that needs no order is sent at once.

    The same selection in the same edition is the same file, however often it is ordered.
    """
    if request.method not in FORM:
        return wrong_method(request, ", ".join(FORM))
    wanted = files.asked(request)
    if wanted.form.errors:
        return files.not_understood(wanted)
    if len(wanted.selection) <= MOST_XLSX_ROWS:
        return redirect(files.same(wanted, "export-xlsx"))
    if request.method != "POST":
        return order_page(request, files, wanted, Form())
    key = order_key(files.task, wanted.meaning, wanted.audiences, edition_of(request))
    if not LongWork.objects.filter(key=key).exists() and (seconds := wait(request)):
        return too_many_orders(request, files, wanted, seconds)
    work = order_file(
        task=files.task,
        label=files.label,
        name=files.called("xlsx"),
        query=wanted.meaning,
        audiences=wanted.audiences,
        edition=edition_of(request),
        total=len(wanted.selection),
    )
    return redirect(reverse(f"{files.app}:ordered", args=[work.token]) + wanted.query)


def order_page(
    request: HttpRequest, files: Files, wanted: ListFilter, form: Form, status: int = 200
) -> HttpResponse:
    """How many rows, and what happens."""
    context = {
        "filter": wanted,
        "form": form,
        "count": len(wanted.selection),
        "name": files.name,
        "chips": list(wanted.chips),
        "list_address": files.same(wanted, "list"),
        "csv_address": files.same(wanted, "export-csv"),
    }
    return render(request, "search/order_file.html", context, status=status)


def wait(request: HttpRequest) -> int:
    """Count one order; the seconds to wait when there have been too many, otherwise 0."""
    return order_limit.wait(address(request)) or all_orders_limit.wait("alla")


def too_many_orders(
    request: HttpRequest, files: Files, wanted: ListFilter, seconds: int
) -> HttpResponse:
    """429: nothing has been ordered, and the selection is still there."""
    minutes = -(-seconds // 60)
    form = Form({})
    form.add_error(
        None,
        "Filen är inte beställd. Det har beställts många filer på kort tid. Vänta"
        f" {minutes} {'minut' if minutes == 1 else 'minuter'} och tryck på Beställ filen igen.",
    )
    response = order_page(request, files, wanted, form, status=429)
    response["Retry-After"] = str(seconds)
    return response


def ordered_work(request: HttpRequest, files: Files, token: str) -> LongWork:
    """The work at that address; raises NotHere also for those whom its file is not for."""
    mine = LongWork.objects.kept().filter(label=files.label, audience__in=files.audiences(request))
    work = mine.filter(token=token).first()
    if work is None:
        raise NotHere(
            "Här finns ingen beställd fil. En fil tas bort ett dygn efter att den blev klar.",
            (files.address("list"), f"Gör ett nytt urval i {files.name.lower()}"),
        )
    return work


def is_outdated(work: LongWork, files: Files) -> bool:
    """Whether its file may hold what has been hidden since from those whom it is for."""
    return work.ready and hidden_since(files.kind, work.edition, {Audience.PUBLIC, work.audience})


@reading
def ordered(request: HttpRequest, token: str, files: Files) -> HttpResponse:
    """How far an ordered file has come, and the way to it. Its address carries the selection."""
    work = ordered_work(request, files, token)
    params = request.GET.copy()
    is_still = bool(params.pop("stilla", None))
    query = f"?{params.urlencode()}" if params else ""
    is_under_way = work.finished_at is None
    context = {
        "work": work,
        "name": files.name,
        "is_under_way": is_under_way,
        "is_outdated": is_outdated(work, files),
        "refreshes": is_under_way and not is_still,
        "seconds": REFRESH_EVERY,
        "here": request.path + query,
        "still_address": f"{request.path}{query}{'&' if query else '?'}stilla=1",
        "list_address": files.address("list") + query,
        "order_address": files.address("order-file") + query,
        "file_address": reverse(f"{files.app}:ordered-file", args=[token]),
    }
    response = do_not_keep(render(request, "search/ordered_file.html", context))
    if context["refreshes"]:
        response["Refresh"] = str(REFRESH_EVERY)
    return response


@reading
def ordered_download(request: HttpRequest, token: str, files: Files) -> HttpResponseBase:
    """The finished file, for those whom it was made for."""
    work = ordered_work(request, files, token)
    if not work.ready or is_outdated(work, files):
        here = reverse(f"{files.app}:ordered", args=[token])
        raise NotHere("Filen går inte att hämta just nu.", (here, "Se hur det går med filen"))
    if seconds := export_limit.wait(address(request)):
        return too_many(request, seconds)
    return uploads.serve(work.file, work.name, request=request)
