"""A file too large to be made while somebody waits: ordered, followed, fetched, out of date."""

import datetime
import re
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core import long_work
from core.models import LongWork
from core.tasks import ATTEMPTS, TaskWorker
from inventory import actions, exchange, tasks
from inventory.models import Project
from search import indexing
from search.exporting import order_file
from tests.factories import make_curator, make_ordered_file, make_project, make_user
from tests.reading import body, page, text_of, xlsx_rows

pytestmark = pytest.mark.django_db


def written() -> QuerySet[DBTaskResult]:
    """The tasks that make files."""
    return DBTaskResult.objects.filter(task_path="inventory.tasks.write_excel")


FORM = "/inventering/export/bestall/"
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def one_row_at_once(monkeypatch):
    monkeypatch.setattr("search.export_views.MOST_XLSX_ROWS", 1)


@pytest.fixture
def two_projects() -> list[Project]:
    return [make_project(title=title, themes=["Boende"]) for title in ("Ett", "Två")]


def order(client: Client, query: str = "") -> str:
    """Order a file; its page, without the selection."""
    response = client.post(FORM + query)
    assert response.status_code == 302, response.status_code
    address, _, selection = response["Location"].partition("?")
    assert selection == query[1:]
    return address


def work_off() -> None:
    worker = TaskWorker()
    while worker.step():
        pass


def names(client: Client, address: str) -> list[str]:
    response = client.get(f"{address}fil/")
    assert response.status_code == 200
    return sorted(row["namn"] for row in xlsx_rows(response))


def heading(markup: str) -> str:
    return re.findall("<h1>(.*?)</h1>", markup)[0]


def staff() -> Client:
    client = Client()
    client.force_login(make_user(f"{timezone.now().timestamp()}@example.org"))
    return client


# --- The form -----------------------------------------------------------------------------------


def test_the_form_tells_how_many_rows_and_what_happens(client, two_projects):
    text = text_of(page(client, f"{FORM}?tema=boende&q=stöd+ett"))
    assert "Urvalet" not in text  # one row needs no order: it led to the file

    response = client.get(f"{FORM}?tema=boende")
    text = text_of(response.content.decode())
    assert (response.status_code, response["Cache-Control"].split(", ")[-1]) == (200, "private")
    assert "no-store" in response["Cache-Control"]
    assert "Urvalet har 2 rader. Det tar några minuter att göra filen. Ditt urval Boende" in text
    assert LongWork.objects.count() == 0


def test_a_selection_that_needs_no_order_is_sent_at_once(client):
    make_project(themes=["Boende"])
    for method in (client.get, client.post):
        response = method(f"{FORM}?tema=boende")
        assert response["Location"] == "/inventering/export.xlsx?tema=boende"
    assert LongWork.objects.count() == 0


def test_the_form_needs_its_cookie(two_projects):
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(FORM).status_code == 403
    browser.get(FORM)
    token = browser.cookies["ksi_csrf"].value
    assert browser.post(FORM, {"csrfmiddlewaretoken": token}).status_code == 302


def test_a_selection_that_is_not_understood_gives_a_way_to_the_list(client, two_projects):
    for method in (client.get, client.post):
        response = method(f"{FORM}?tema=okant")
        assert response.status_code == 400
        assert 'href="/inventering/?tema=okant">Öppna listan' in response.content.decode()
    assert LongWork.objects.count() == 0


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(client, two_projects, method):
    response = client.generic(method, FORM)
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")


def test_head_of_the_form_is_as_get(client, two_projects):
    assert client.head(FORM).status_code == 200


def test_too_many_orders_keep_the_page_and_order_nothing(client, two_projects):
    with time_machine.travel("2026-03-01T12:01:30Z", tick=False):
        for by in ("nyast", "namn", "start"):
            order(client, f"?sortera={by}&tema=boende")
        assert LongWork.objects.count() == 3
        response = client.post(f"{FORM}?tema=boende")
    markup = response.content.decode()
    assert (response.status_code, response["Retry-After"]) == (429, "510")
    assert "Vänta 9 minuter och tryck på Beställ filen igen." in text_of(markup)
    assert heading(markup) == "Beställ en Excel-fil"
    assert "<li>Boende</li>" in markup
    assert LongWork.objects.count() == 3


def test_others_are_not_held_up_and_what_is_ordered_already_is_no_new_order(client, two_projects):
    with time_machine.travel("2026-03-01T12:01:30Z", tick=False):
        for _ in range(5):
            address = order(client)
        for by in ("namn", "start"):
            order(client, f"?sortera={by}")
        assert client.post(f"{FORM}?tema=boende").status_code == 429
        assert order(client) == address
        order(Client(REMOTE_ADDR="198.51.100.7"), "?tema=boende")


# --- One order ----------------------------------------------------------------------------------


def test_a_double_click_is_one_work(client, two_projects):
    assert order(client) == order(client)
    assert (LongWork.objects.count(), written().count()) == (1, 1)


def test_the_same_selection_is_the_same_file_however_it_is_written(client, two_projects):
    make_project(title="Tre", themes=["Unga"])
    first = order(client, "?tema=boende&tema=unga&okand=1")
    assert order(client, "?tema=unga&tema=boende") == first
    assert order(client, "?tema=unga&tema=boende&sortera=namn") != first
    assert written().count() == 2
    assert "okand" not in str(written().values_list("args_kwargs", flat=True))


def test_a_new_edition_is_a_new_file(client, two_projects):
    first = order(client)
    make_project(title="Tre")
    assert order(client) != first


def test_what_is_typed_is_in_the_tasks_arguments_alone(client):
    for title in ("Kvastskaft ett", "Kvastskaft två"):
        make_project(title=title)
    indexing.index()
    order(client, "?q=kvastskaft")
    work_off()
    row = LongWork.objects.values().get()
    assert "kvastskaft" not in str(row).lower()
    (told,) = written().values_list("args_kwargs", flat=True)
    assert told["args"][1:] == ["q=kvastskaft", ["alla"]]


@pytest.mark.django_db(transaction=True)
def test_a_rollback_drops_work_and_task():
    def half_done() -> None:
        with transaction.atomic():
            order_file(
                task="inventory.tasks.write_excel",
                label="En fil",
                name="a.xlsx",
                query="",
                audiences=frozenset({"alla"}),
                edition=(1, 1),
                total=2,
            )
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()
    assert (LongWork.objects.count(), written().count()) == (0, 0)


# --- Followed -----------------------------------------------------------------------------------


def test_a_file_in_the_queue_is_told_of_and_read_again(client, two_projects):
    address = order(client)
    response = client.get(f"{address}?tema=boende")
    markup = response.content.decode()
    assert (response.status_code, response["Refresh"]) == (200, "5")
    assert response["Cache-Control"] == "no-store"
    assert heading(markup) == "Excel-filen görs"
    assert "Filen står i kö. Den får 2 rader." in text_of(markup)
    assert '<progress id="framsteg" value="0" max="2">0 av 2 rader</progress>' in markup
    here = f"{address}?tema=boende"
    assert f'<a href="{here}">Se hur långt det har kommit</a>' in markup
    assert f'<a href="{here}&amp;stilla=1">Sluta läsa om sidan</a>' in markup
    assert '<a href="/inventering/?tema=boende">Tillbaka till urvalet</a>' in markup


def test_who_wants_it_still_has_a_link_instead(client, two_projects):
    address = order(client)
    response = client.get(f"{address}?tema=boende&stilla=1")
    markup = response.content.decode()
    assert "Refresh" not in response
    here = f"{address}?tema=boende"
    assert f'<a href="{here}&amp;stilla=1">Se hur långt det har kommit</a>' in markup
    assert f'<a href="{here}">Läs om sidan av sig själv</a>' in markup


def test_the_page_shows_how_far_it_has_come(client, two_projects, monkeypatch):
    address, seen = order(client), []
    monkeypatch.setattr(long_work, "REPORT_EVERY", 0)
    row_of = exchange.row

    def row(project: Project) -> dict[str, Any]:
        markup = page(client, address)
        seen.append(text_of(markup).split("Excel-filen görs ")[-1].split(".")[0])
        return row_of(project)

    monkeypatch.setattr(exchange, "row", row)
    work_off()
    assert seen == [
        "KSI har skrivit 0 av 2 rader",
        "KSI har skrivit 0 av 2 rader",
    ]
    assert LongWork.objects.get().done == 2


def test_a_finished_file_is_fetched_from_its_page(client, two_projects):
    with time_machine.travel("2026-03-01T12:00Z", tick=False):
        address = order(client)
        work_off()
        response = client.get(address)
        markup = response.content.decode()
        assert "Refresh" not in response
        assert heading(markup) == "Excel-filen är klar"
        assert "<progress" not in markup
        assert "Filen finns kvar till måndag 2 mars kl. 13.00." in text_of(markup)
        assert f'href="{address}fil/">Hämta Excel-filen</a>' in markup

        file = client.get(f"{address}fil/")
        assert sorted(row["namn"] for row in xlsx_rows(file)) == ["Ett", "Två"]
    assert {name: file[name] for name in ("Content-Type", "Content-Disposition")} == {
        "Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "Content-Disposition": 'attachment; filename="ksi-inventering-2026-03-01.xlsx"',
    }
    assert (file["X-Content-Type-Options"], file["Cache-Control"]) == ("nosniff", "no-store")


def test_head_of_the_file_gives_its_size(client, two_projects):
    address = order(client)
    work_off()
    size = len(body(client.get(f"{address}fil/")))
    response = client.head(f"{address}fil/")
    assert (response.status_code, response["Content-Length"]) == (200, str(size))
    assert body(response) == b""


def test_the_ordered_file_is_the_one_that_is_sent_at_once(client, two_projects, monkeypatch):
    query = "?tema=boende&sortera=namn&q=bromma"
    make_project(title="=HYPERLINK(1)", themes=["Boende"])
    indexing.index()
    address = order(client, query)
    work_off()
    ordered = xlsx_rows(client.get(f"{address}fil/"))
    monkeypatch.setattr("search.export_views.MOST_XLSX_ROWS", 9)
    assert ordered == xlsx_rows(client.get(f"/inventering/export.xlsx{query}"))
    assert len(ordered) == 3


def test_a_file_that_is_not_ready_is_not_there(client, two_projects):
    address = order(client)
    response = client.get(f"{address}fil/")
    assert response.status_code == 404
    assert f'<a href="{address}">Se hur det går med filen</a>' in response.content.decode()


def test_fetching_is_limited_as_other_files_are(client, monkeypatch):
    work = make_ordered_file()
    monkeypatch.setattr("core.visitors.Limit.wait", lambda self, key: 9)
    assert client.get(f"/inventering/export/{work.token}/fil/").status_code == 429


# --- When things go wrong -----------------------------------------------------------------------


def test_a_task_that_is_run_twice_makes_one_file(client, two_projects):
    address = order(client)
    work_off()
    before = LongWork.objects.get()
    tasks.write_excel.call(before.pk, "", ["alla"])
    assert LongWork.objects.get().file.name == before.file.name
    assert names(client, address) == ["Ett", "Två"]


def test_a_worker_that_is_killed_at_a_row_is_followed_by_another(client, two_projects, monkeypatch):
    class Killed(BaseException):
        pass

    address, work = order(client), LongWork.objects.get()
    row_of, given = exchange.row, []

    def row(project: Project) -> dict[str, Any]:
        if given:
            raise Killed
        given.append(project)
        return row_of(project)

    with monkeypatch.context() as patch:
        patch.setattr(exchange, "row", row)
        with pytest.raises(Killed):
            tasks.write_excel.call(work.pk, "", ["alla"])
    assert client.get(f"{address}fil/").status_code == 404

    tasks.write_excel.call(work.pk, "", ["alla"])
    assert names(client, address) == ["Ett", "Två"]


def test_what_fails_for_good_is_told_and_can_be_ordered_again(client, two_projects, monkeypatch):
    with time_machine.travel("2026-03-01T12:00Z", tick=False) as clock:
        address = order(client, "?tema=boende")
        with monkeypatch.context() as patch:
            patch.setattr(exchange, "row", lambda project: 1 / 0)
            for _ in range(ATTEMPTS):
                work_off()
                clock.shift(datetime.timedelta(minutes=126))
        assert "Filen står i kö." in text_of(page(client, address))
        long_work.tidy()

        response = client.get(f"{address}?tema=boende")
        markup = response.content.decode()
        assert (heading(markup), "Refresh" in response) == ("Excel-filen blev inte klar", False)
        assert "Felet är inte ditt" in text_of(markup)
        assert f'<a class="btn" href="{FORM}?tema=boende">Beställ filen igen</a>' in markup
        again = order(client, "?tema=boende")
        assert again != address
        work_off()
        assert names(client, again) == ["Ett", "Två"]


def test_an_old_file_has_no_address_any_longer(client, two_projects):
    with time_machine.travel("2026-03-01T12:00Z", tick=False) as clock:
        address = order(client)
        work_off()
        clock.shift(DAY)
        for gone in (address, f"{address}fil/"):
            response = client.get(gone)
            assert response.status_code == 404
            assert "Här finns ingen beställd fil." in response.content.decode()


@pytest.mark.parametrize(
    ("token", "status"),
    [
        ("x", 404),
        ("å" * 40, 404),
        ("a" * 3000, 404),
        ("%00", 400),
        ("..%2f..", 404),
        ("' OR 1=1 --", 404),
    ],
)
def test_a_made_up_token_is_nothing(client, token, status):
    make_ordered_file()
    for address in (f"/inventering/export/{token}/", f"/inventering/export/{token}/fil/"):
        assert client.get(address).status_code == status


def test_hostile_parameters_are_words_in_links(client):
    work = make_ordered_file()
    markup = page(client, f"/inventering/export/{work.token}/?q=%22%3E%3Cscript%3E&tema=%0d%0aa")
    assert "<script>" not in markup.split("<main")[1]
    assert "?q=%22%3E%3Cscript%3E&amp;tema=%0D%0Aa" in markup


# --- Who sees what ------------------------------------------------------------------------------


@pytest.fixture
def with_one_for_staff(two_projects) -> list[Project]:
    return [*two_projects, make_project(title="För personal", visibility="personal")]


def test_a_file_holds_what_its_orderer_may_see(client, with_one_for_staff):
    member = staff()
    open_address, inner_address = order(client), order(member)
    work_off()
    assert names(client, open_address) == ["Ett", "Två"]
    assert names(member, inner_address) == ["Ett", "För personal", "Två"]


def test_what_is_for_staff_is_for_staff_whoever_knows_the_address(client, with_one_for_staff):
    member = staff()
    inner = order(member)
    before = client.get(inner).status_code
    work_off()
    outsider = Client()
    outsider.force_login(make_user("gast@example.org", is_city_staff=False))
    role_holder = Client()
    role_holder.force_login(make_curator(reads_internal=True))
    readers = {
        "anonymous": client,
        "outsider": outsider,
        "staff": member,
        "colleague": staff(),
        "by a role": role_holder,
    }
    found = {}
    for name, reader in readers.items():
        answers = [reader.get(address) for address in (inner, f"{inner}fil/")]
        found[name] = [answer.status_code for answer in answers]
        assert b"".join(body(answer) for answer in answers)
    assert before == 404
    assert found == {
        "anonymous": [404, 404],
        "outsider": [404, 404],
        "staff": [200, 200],
        "colleague": [200, 200],
        "by a role": [200, 200],
    }


def test_the_address_of_an_open_file_is_enough(client, with_one_for_staff):
    address = order(client)
    work_off()
    for reader in (Client(), staff()):
        assert names(reader, address) == ["Ett", "Två"]


def test_who_leaves_the_city_does_not_fetch_what_she_ordered(with_one_for_staff):
    user = make_user()
    member = Client()
    member.force_login(user)
    address = order(member)
    work_off()
    user.is_city_staff = False
    user.save()
    assert member.get(f"{address}fil/").status_code == 404


def test_the_page_of_a_file_for_staff_says_so(with_one_for_staff):
    member = staff()
    address = order(member)
    work_off()
    assert "Bara inloggad personal kan hämta den." in text_of(page(member, address))


def test_no_two_audiences_share_a_file(client, two_projects):
    assert order(client) != order(staff())


# --- Out of date --------------------------------------------------------------------------------


def withdraw(project: Project) -> None:
    actions.withdraw(project=project, reason="Dubblett.", by=make_curator())


def close_to_staff(project: Project) -> None:
    project.visibility = "personal"
    project.save()
    actions.record_change(project=project, by=make_curator(), changes={})


@pytest.mark.parametrize("hide", [withdraw, close_to_staff])
def test_a_file_is_not_handed_out_when_something_was_hidden(client, two_projects, hide):
    address = order(client, "?tema=boende")
    work_off()
    hide(two_projects[0])

    markup = page(client, f"{address}?tema=boende")
    assert heading(markup) == "Excel-filen är inaktuell"
    assert f'<a class="btn" href="{FORM}?tema=boende">Beställ filen igen</a>' in markup
    assert client.get(f"{address}fil/").status_code == 404
    assert client.head(f"{address}fil/").status_code == 404


def test_staff_still_have_the_file_when_something_was_closed_to_others(two_projects):
    member = staff()
    address = order(member)
    work_off()
    close_to_staff(two_projects[0])
    assert names(member, address) == ["Ett", "Två"]


def test_what_is_withdrawn_while_the_file_is_written_stops_it(client, two_projects, monkeypatch):
    address = order(client)
    row_of, given = exchange.row, []

    def row(project: Project) -> dict[str, Any]:
        if not given:
            given.append(project)
            withdraw(project)
        return row_of(project)

    monkeypatch.setattr(exchange, "row", row)
    work_off()
    assert heading(page(client, address)) == "Excel-filen är inaktuell"


def test_what_is_withdrawn_before_the_file_is_begun_is_not_in_it(client, two_projects):
    address = order(client)
    withdraw(two_projects[0])
    work_off()
    assert names(client, address) == ["Två"]
    assert "Den har 1 rad." in text_of(page(client, address))


def test_something_new_leaves_the_file_as_it_is(client, two_projects):
    address = order(client)
    work_off()
    make_project(title="Tre")
    assert names(client, address) == ["Ett", "Två"]


# --- Queries ------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 4])
def test_the_form_asks_as_much_however_many_rows(client, count, django_assert_num_queries):
    for _ in range(count):
        make_project(themes=["Boende"])
    client.get(FORM)
    with django_assert_num_queries(1):
        client.get(FORM)
    # Edition; is it ordered; free the key of an old one; find, write; task; which task. The four
    # beginnings and ends of transactions are savepoints here.
    with django_assert_num_queries(7 + 4):
        client.post(FORM)


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_asks_as_much_however_many_files_there_are(client, count, django_assert_num_queries):
    works = [make_ordered_file() for _ in range(count)]
    with django_assert_num_queries(3):
        client.get(f"/inventering/export/{works[0].token}/")
