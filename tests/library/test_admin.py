"""The curators' desk for the library: found, corrected, reviewed, withdrawn."""

import datetime
import html
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from core.models import AuditEntry
from library import actions
from library.models import Item, ItemFile
from people.models import User
from search.models import Entry
from tests import files
from tests.core.test_tasks import work_off
from tests.factories import make_curator, make_source
from tests.library_factories import make_file, make_item, make_method
from tests.reading import page

pytestmark = pytest.mark.django_db

LIST = "/admin/library/item/"


@pytest.fixture
def curator(client: Client) -> User:
    user = make_curator()
    client.force_login(user)
    return user


def change(item: Item) -> str:
    return f"{LIST}{item.pk}/change/"


def typed(client: Client, item: Item) -> dict[str, Any]:
    """The item's form as it stands."""
    form = client.get(change(item)).context["adminform"].form
    sent: dict[str, Any] = {}
    for field in form:
        value = field.value()
        if isinstance(value, list):
            sent[field.html_name] = [str(getattr(each, "pk", each)) for each in value]
        elif value is not None:
            sent[field.html_name] = str(value)
    return sent | {"files-TOTAL_FORMS": "0", "files-INITIAL_FORMS": "0"}


FULL = {"themes": ["Boende"], "readers": ["Personal"], "knowledge_sources": ["Forskning"]}


def test_the_list_finds_filters_and_tells_where_each_stands(client, curator):
    make_item(title="Gammal", review_due=datetime.date(2020, 1, 1), isbn="9780306406157")
    make_item(title="Ny", doi="10.1000/abc")
    withdrawn = make_item(title="Fel")
    Item.objects.filter(pk=withdrawn.pk).update(withdrawn_at=timezone.now(), withdrawn_reason="X")

    def titles(query: str) -> set[str]:
        markup = html.unescape(page(client, f"{LIST}?{query}"))
        return {title for title in ("Gammal", "Ny", "Fel") if f">{title}</a>" in markup}

    assert titles("") == {"Gammal", "Ny", "Fel"}
    assert titles("lage=granskas") == {"Gammal"}
    assert titles("lage=galler") == {"Gammal", "Ny"}
    assert titles("lage=tillbakadragen") == {"Fel"}
    assert titles("filer=saknar") == {"Gammal", "Ny", "Fel"}
    assert titles("filer=har") == titles("filer=olasta") == set()
    assert titles("q=9780306406157") == {"Gammal"}
    assert titles("q=10.1000/abc") == {"Ny"}
    assert titles("q=Gammal&kind__exact=bok") == set()


def test_an_item_is_corrected_with_a_line_in_its_history(client, curator):
    item = make_item(**FULL)
    sent = typed(client, item) | {"title": "Rätt titel", "isbn": "0-306-40615-2"}
    assert client.post(change(item), sent).status_code == 302
    item.refresh_from_db()
    assert (item.title, item.isbn) == ("Rätt titel", "9780306406157")
    last = AuditEntry.about(item)[0]
    assert (last.verb, last.by, last.changes["title"]) == (
        *("ändrad", curator, ["Boendestöd på kvällen", "Rätt titel"]),
    )
    assert Entry.objects.get(kind="bibliotek").title == "Rätt titel"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("plain_summary", "", "Krävs av det som inte är hämtat ur en källa."),
        ("year", "", "Krävs av det som inte är hämtat ur en källa."),
        ("themes", [], "Krävs av det som inte är hämtat ur en källa."),
        ("isbn", "978-0-306-40615-8", "kontrollsiffran är fel"),
        ("doi", "hej", "En DOI börjar på 10."),
        ("year", "1066", "1500"),
        ("abstract", "Kalle 19811218-9876", "personnummer"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_saved(client, curator, name, text, told):
    item = make_item(**FULL)
    response = client.post(change(item), typed(client, item) | {name: text})
    assert response.status_code == 200
    assert told in html.unescape(response.content.decode())
    assert AuditEntry.about(item).count() == 1


def test_what_a_source_does_not_tell_may_be_missing(client, curator):
    item = make_item(source=make_source(), plain_summary="", **FULL)
    assert client.post(change(item), typed(client, item) | {"title": "Rätt"}).status_code == 302


def test_withdrawn_with_a_reason_and_let_hold_again(client, curator):
    item = make_item()
    way = f"{LIST}{item.pk}/dra-tillbaka/"
    assert way in page(client, change(item))
    assert client.post(way, {"reason": " "}).status_code == 422
    assert client.post(way, {"reason": "Siffrorna var fel."}).url == LIST
    item.refresh_from_db()
    assert (item.withdrawn_at is not None, item.withdrawn_reason) == (True, "Siffrorna var fel.")
    assert "Dra tillbaka" not in page(client, change(item))
    client.post(LIST, {"action": "hold_again", "_selected_action": [item.pk]})
    item.refresh_from_db()
    assert item.withdrawn_at is None
    verbs = [entry.verb for entry in AuditEntry.about(item)]
    assert verbs == ["gäller igen", "tillbakadragen", "publicerad"]


def test_several_are_reviewed_at_once(client, curator):
    items = [make_item(title=f"Post {number}") for number in range(2)]
    sent = {"action": "review_today", "_selected_action": [item.pk for item in items]}
    client.post(LIST, sent)
    today = timezone.localdate()
    for item in Item.objects.all():
        assert (item.reviewed_on, item.review_due.year) == (today, today.year + 2)
        assert AuditEntry.about(item)[0].verb == "granskad"


def test_nothing_is_added_or_deleted_here(client, curator):
    item = make_item()
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.get(f"{LIST}{item.pk}/delete/").status_code == 403
    assert "delete_selected" not in page(client, LIST)


def test_what_its_teller_took_back_is_not_there(client, curator):
    item = make_item(kind="erfarenhet")
    actions.take_back(item=item, by=curator)
    assert client.get(change(item)).status_code == 302
    assert client.get(f"{LIST}{item.pk}/dra-tillbaka/").status_code == 404


def test_ways_to_the_draft_the_page_and_the_history(client, curator):
    item, method = make_item(), make_method()
    markup = page(client, change(item))
    assert f'href="/redaktion/bibliotek/andra/post/{item.pk}/"' in markup
    assert re.search(r'href="/admin/r/\d+/\d+/"', markup)
    assert f"{LIST}{item.pk}/history/" in markup
    markup = page(client, f"/admin/library/method/{method.pk}/change/")
    assert f'href="/redaktion/bibliotek/andra/metod/{method.pk}/"' in markup


def test_a_file_is_added_read_and_deleted(client, curator):
    item = make_item(**FULL)
    content = files.pdf_of("Sida ett", "Sida två")
    new = {
        "files-TOTAL_FORMS": "1",
        "files-0-title": "Rapporten",
        "files-0-visibility": "alla",
        "files-0-accessible": "ja",
        "files-0-transcript": "",
        "files-0-file": SimpleUploadedFile("rapport.pdf", content),
    }
    assert client.post(change(item), typed(client, item) | new).status_code == 302
    work_off()
    file = ItemFile.objects.get()
    assert (file.item, file.pages, file.reading, file.size) == (item, 2, "last", len(content))
    gone = {
        "files-TOTAL_FORMS": "1",
        "files-INITIAL_FORMS": "1",
        "files-0-id": str(file.pk),
        "files-0-item": str(item.pk),
        "files-0-title": "Rapporten",
        "files-0-visibility": "alla",
        "files-0-accessible": "ja",
        "files-0-DELETE": "on",
    }
    assert client.post(change(item), typed(client, item) | gone).status_code == 302
    assert not ItemFile.objects.exists()


def test_a_file_that_could_not_be_read_says_so(client, curator):
    item = make_item(**FULL)
    make_file(item, reading="gick-inte", trouble="last")
    assert "Filen är låst med lösenord." in page(client, change(item))
