"""The selection as files: at once, or ordered from the worker when Excel would take too long."""

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from core import export, uploads
from core.errors import NotHere, error_page, too_many, wrong_method
from core.keeping import do_not_keep, edition_of
from core.models import LongWork
from core.reading import reading
from core.visitors import Limit, address
from inventory import actions, exchange
from inventory.filters import ProjectFilter
from inventory.search import hidden_since
from inventory.views import asked
from people.models import audiences_of
from search.models import Audience

MOST_XLSX_ROWS = 5_000
FORM = ("GET", "HEAD", "POST")
REFRESH_EVERY = 5  # seconds

export_limit = Limit("export", times=settings.EXPORTS_PER_MINUTE, seconds=60)
# One file takes the worker some minutes; nobody needs many.
order_limit = Limit("excel-adress", times=3, seconds=600)
all_orders_limit = Limit("excel-alla", times=20, seconds=600)


@reading
def project_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """The filtered selection as a file."""
    wanted = asked(request, everything=True)
    if wanted.form.errors:
        return not_understood(wanted)
    if form == "xlsx" and len(wanted.selection) > MOST_XLSX_ROWS:
        return error_page(
            422,
            count=len(wanted.selection),
            most=MOST_XLSX_ROWS,
            list_address=same(wanted, "inventory:list"),
            order_address=same(wanted, "inventory:order-file"),
        )
    if seconds := export_limit.wait(address(request)):
        return too_many(request, seconds)
    projects = exchange.projects_by_number(wanted.numbers)
    name = name_of_today(form)
    if form == "json":
        head = {
            "@context": "https://schema.org",
            "@type": "ItemList",
            "name": "KSI:s inventering",
            "url": request.build_absolute_uri(same(wanted, "inventory:list")),
            "numberOfItems": len(wanted.selection),
        }
        items = (
            exchange.schema_org(found, request.build_absolute_uri(found.get_absolute_url()))
            for found in projects
        )
        return export.json_response(name, head, "itemListElement", items)
    columns = list(exchange.COLUMNS)
    rows = (exchange.row(project) for project in projects)
    make = export.csv_response if form == "csv" else export.xlsx_response
    return make(name, columns, rows)


def same(wanted: ProjectFilter, name: str) -> str:
    """The address of that name with the same selection."""
    return wanted.address(lambda params: None, reverse(name))


def not_understood(wanted: ProjectFilter) -> HttpResponse:
    """400, with a way to the list, where the mistake is told."""
    return error_page(400, list_address=same(wanted, "inventory:list"))


def name_of_today(form: str) -> str:
    """What a file made today is called."""
    return f"ksi-inventering-{timezone.localdate():%Y-%m-%d}.{form}"


# --- Ordered files --------------------------------------------------------------------------------


@never_cache
def order_file(request: HttpRequest) -> HttpResponse:
    """The form that orders a large Excel file; a selection that needs no order is sent at once.

    The same selection in the same edition is the same file, however often it is ordered.
    """
    if request.method not in FORM:
        return wrong_method(request, ", ".join(FORM))
    wanted = asked(request, everything=True)
    if wanted.form.errors:
        return not_understood(wanted)
    if len(wanted.selection) <= MOST_XLSX_ROWS:
        return redirect(same(wanted, "inventory:export-xlsx"))
    if request.method != "POST":
        return order_page(request, wanted, Form())
    key = actions.order_key(wanted.meaning, wanted.audiences, edition_of(request))
    if not LongWork.objects.filter(key=key).exists() and (seconds := wait(request)):
        return too_many_orders(request, wanted, seconds)
    work = actions.order_file(
        name=name_of_today("xlsx"),
        query=wanted.meaning,
        audiences=wanted.audiences,
        edition=edition_of(request),
        total=len(wanted.selection),
    )
    return redirect(reverse("inventory:ordered", args=[work.token]) + wanted.query)


def order_page(
    request: HttpRequest, wanted: ProjectFilter, form: Form, status: int = 200
) -> HttpResponse:
    """How many rows, and what happens."""
    context = {
        "filter": wanted,
        "form": form,
        "count": len(wanted.selection),
        "chips": list(wanted.chips),
        "list_address": same(wanted, "inventory:list"),
        "csv_address": same(wanted, "inventory:export-csv"),
    }
    return render(request, "inventory/order_file.html", context, status=status)


def wait(request: HttpRequest) -> int:
    """Count one order; the seconds to wait when there have been too many, otherwise 0."""
    return order_limit.wait(address(request)) or all_orders_limit.wait("alla")


def too_many_orders(request: HttpRequest, wanted: ProjectFilter, seconds: int) -> HttpResponse:
    """429: nothing has been ordered, and the selection is still there."""
    minutes = -(-seconds // 60)
    form = Form({})
    form.add_error(
        None,
        "Filen är inte beställd. Det har beställts många filer på kort tid. Vänta"
        f" {minutes} {'minut' if minutes == 1 else 'minuter'} och tryck på Beställ filen igen.",
    )
    response = order_page(request, wanted, form, status=429)
    response["Retry-After"] = str(seconds)
    return response


def ordered_work(request: HttpRequest, token: str) -> LongWork:
    """The work at that address; raises NotHere also for those whom its file is not for."""
    mine = LongWork.objects.kept().filter(audience__in=audiences_of(request.user))
    work = mine.filter(token=token).first()
    if work is None:
        raise NotHere(
            "Här finns ingen beställd fil. En fil tas bort ett dygn efter att den blev klar.",
            (reverse("inventory:list"), "Gör ett nytt urval i inventeringen"),
        )
    return work


def is_outdated(work: LongWork) -> bool:
    """Whether its file may hold what has been hidden since from those whom it is for."""
    return work.ready and hidden_since(work.edition, {Audience.PUBLIC, work.audience})


@reading
def ordered(request: HttpRequest, token: str) -> HttpResponse:
    """How far an ordered file has come, and the way to it. Its address carries the selection."""
    work = ordered_work(request, token)
    params = request.GET.copy()
    is_still = bool(params.pop("stilla", None))
    query = f"?{params.urlencode()}" if params else ""
    is_under_way = work.finished_at is None
    context = {
        "work": work,
        "is_under_way": is_under_way,
        "is_outdated": is_outdated(work),
        "refreshes": is_under_way and not is_still,
        "seconds": REFRESH_EVERY,
        "here": request.path + query,
        "still_address": f"{request.path}{query}{'&' if query else '?'}stilla=1",
        "list_address": reverse("inventory:list") + query,
        "order_address": reverse("inventory:order-file") + query,
    }
    response = do_not_keep(render(request, "inventory/ordered_file.html", context))
    if context["refreshes"]:
        response["Refresh"] = str(REFRESH_EVERY)
    return response


@reading
def ordered_download(request: HttpRequest, token: str) -> HttpResponseBase:
    """The finished file, for those whom it was made for."""
    work = ordered_work(request, token)
    if not work.ready or is_outdated(work):
        here = reverse("inventory:ordered", args=[token])
        raise NotHere("Filen går inte att hämta just nu.", (here, "Se hur det går med filen"))
    if seconds := export_limit.wait(address(request)):
        return too_many(request, seconds)
    return uploads.serve(work.file, work.name, request=request)
