"""The library, read by anyone."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from core import uploads
from core.errors import Gone
from core.keeping import kept_for_visitor
from core.reading import reading
from library.models import Item, ItemFile
from people.models import audiences_of


@reading
@kept_for_visitor
def item_list(request: HttpRequest) -> HttpResponse:
    """The list."""
    items = Item.objects.visible_to(audiences_of(request.user))
    return render(request, "library/items.html", {"items": items})


def visible_item(request: HttpRequest, pk: int) -> Item:
    """The item if the visitor may see it; raises Http404, or Gone for what was taken back."""
    items = Item.objects.with_everything()
    item = items.filter(pk=pk, visibility__in=audiences_of(request.user)).first()
    if item is None:
        raise Http404
    if item.taken_back_at:
        raise Gone("Den som berättade har tagit tillbaka sin berättelse.")
    return item


@reading
def item_by_number(request: HttpRequest, pk: int) -> HttpResponse:
    """The short address of an item leads to its permalink."""
    return redirect(visible_item(request, pk), permanent=True)


@reading
@kept_for_visitor
def item_detail(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One item on one calm page."""
    item = visible_item(request, pk)
    if slug != item.slug:
        return redirect(item, permanent=True)
    return render(request, "library/item.html", {"item": item})


@reading
def item_file(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """An item's file, for those who may see the item and the file."""
    item = visible_item(request, pk)
    files = ItemFile.objects.filter(item=item, visibility__in=audiences_of(request.user))
    found = get_object_or_404(files, pk=file)
    return uploads.serve(found.file, found.name, request=request)


@reading
def item_picture(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """The first page of an item's file as a picture, for those who may see the file."""
    item = visible_item(request, pk)
    files = ItemFile.objects.filter(item=item, visibility__in=audiences_of(request.user))
    found = get_object_or_404(files, pk=file)
    return uploads.serve(found.picture, "forsta-sidan.jpg", request=request)
